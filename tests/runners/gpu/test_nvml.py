"""What is read from the driver, by sample answers composed from NVIDIA's documentation (see `library`)."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from runners.gpu import discover, nvml, throttle
from runners.gpu.discovery import listed
from runners.gpu.nvml import GpuLostError, Nvml
from runners.gpu.settings import GpuSettings
from runners.hardware.base import HardwareAbsentError
from tests.runners.gpu.library import HW_SLOWDOWN, HW_THERMAL, IDLE, RTX_UUID, T4_UUID, Card, Library, rtx


def test_t4_is_recognised_with_everything_that_can_change_a_result() -> None:
    facts = Nvml(Library(Card())).facts(T4_UUID)

    assert facts.kind_name == "Tesla T4"
    assert (facts.compute_capability, facts.driver, facts.cuda) == ("7.5", "580.95.05", "13.0")
    assert (facts.memory_bytes, facts.is_ecc_on, facts.sm_max_mhz) == (16_106_127_360, True, 1590)
    assert facts.power_limit_w == 70.0


def test_name_may_come_as_bytes() -> None:
    assert Nvml(Library(Card(name=b"Tesla T4"))).facts(T4_UUID).name == "Tesla T4"


def test_facts_for_the_site_do_not_have_the_uuid() -> None:
    facts = Nvml(Library(Card())).facts(T4_UUID)

    told = facts.as_facts()

    assert T4_UUID not in json.dumps(told)
    assert len(told["uuid_sha256"]) == 64
    assert {"name", "compute_capability", "driver", "cuda", "memory_bytes"} <= set(told)


def test_other_gpu_is_its_own_kind_and_another_device() -> None:
    library = Nvml(Library(Card(), rtx()))

    t4, other = library.facts(T4_UUID), library.facts(RTX_UUID)

    assert other.kind_name == "NVIDIA GeForce RTX 2080 Ti"
    assert other.fingerprint != t4.fingerprint


def test_what_calls_itself_a_t4_without_its_architecture_is_no_t4() -> None:
    facts = Nvml(Library(Card(capability=(8, 6)))).facts(T4_UUID)

    assert facts.kind_name == "Tesla T4 (compute capability 8.6)"


def test_state_has_clocks_reasons_power_and_who_else_computes() -> None:
    card = Card(reasons=HW_SLOWDOWN | HW_THERMAL, processes=2)

    state = Nvml(Library(card)).state(T4_UUID)

    assert (state.temperature_c, state.power_w, state.processes) == (46.0, 68.73, 2)
    assert (state.sm_mhz, state.memory_mhz, state.sm_application_mhz) == (1590, 5000, 585)
    assert state.throttle_reasons == ["hw_slowdown", "hw_thermal_slowdown"]


def test_what_a_gpu_does_not_tell_stays_missing() -> None:
    library = Nvml(Library(rtx(power_mw=None, reasons=None)))

    state, facts = library.state(RTX_UUID), library.facts(RTX_UUID)

    assert (state.sm_application_mhz, state.power_w, state.throttle_reasons) == (None, None, None)
    assert facts.is_ecc_on is None
    assert library.uncorrected_errors(RTX_UUID) is None


def test_lost_gpu_is_an_error_with_the_drivers_words() -> None:
    with pytest.raises(GpuLostError, match="GPU is lost"):
        Nvml(Library(Card(is_lost=True))).state(T4_UUID)


@pytest.mark.parametrize(
    ("bits", "words"),
    [
        (0, []),
        (IDLE, ["gpu_idle"]),
        (0x1A4, ["sw_power_cap", "sw_thermal_slowdown", "hw_power_brake_slowdown", "display_clock_setting"]),
        (0x4002, ["applications_clocks_setting", "unknown_0x4000"]),
    ],
)
def test_reasons_are_words_and_none_is_lost(bits: int, words: list[str]) -> None:
    assert throttle.words(bits) == words


def test_reasons_are_those_of_the_module() -> None:
    pynvml = pytest.importorskip("pynvml")

    named = {
        getattr(pynvml, f"nvmlClocksEventReason{name}")
        for name in ("GpuIdle", "ApplicationsClocksSetting", "SwPowerCap", "SyncBoost", "DisplayClockSetting")
    }

    assert named <= set(throttle.REASONS)


def test_host_without_a_driver_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise Library.NVMLError("NVML Shared Library Not Found")

    module = SimpleNamespace(nvmlInit=refuse, NVMLError=Library.NVMLError)
    monkeypatch.setattr("importlib.import_module", lambda name: module)

    with pytest.raises(HardwareAbsentError, match=r"no NVIDIA driver here \(NVML Shared Library Not Found\)"):
        nvml.opened()


def test_this_machine_has_no_gpu_and_a_reason(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(HardwareAbsentError, match=r"no NVIDIA driver|zooboard-runner\[gpu\]"):
        discover(state_dir=tmp_path_factory.mktemp("state"))


def test_every_gpu_of_the_host_is_a_device_of_its_own() -> None:
    found = listed(Nvml(Library(Card(), rtx())), GpuSettings())

    assert [each.label for each in found] == ["Tesla T4 (GPU 0)", "NVIDIA GeForce RTX 2080 Ti (GPU 1)"]
    assert len({each.key for each in found}) == 2


def test_driver_without_gpus_says_so() -> None:
    with pytest.raises(HardwareAbsentError, match="knows no GPU"):
        listed(Nvml(Library()), GpuSettings())
