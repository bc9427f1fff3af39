from __future__ import annotations

import json
from pathlib import Path

import onnxruntime
import pytest

from runners import cpu, machine
from runners.engines import ENGINES
from runners.engines.base import EngineUnavailable


def test_device_is_this_cpu_with_the_engines_that_work() -> None:
    device = machine.local_device()

    releases = {engine.name: engine.release for engine in device.engines}
    assert device.category == "cpu"
    assert device.kind_name == cpu.read().name
    assert not device.is_simulated
    assert releases["onnxruntime"] == onnxruntime.__version__
    assert "onnx" in releases
    assert "stub" not in releases
    assert device.facts["memory_bytes"] > 100_000_000


def test_simulated_device_is_another_one_with_the_stub_alone() -> None:
    device = machine.local_device(simulated=True)

    assert device.is_simulated
    assert [engine.name for engine in device.engines] == ["stub"]
    assert device.fingerprint != machine.local_device().fingerprint


def test_fingerprint_is_stable_and_does_not_tell_the_machine_id() -> None:
    device = machine.local_device()

    assert device.fingerprint == machine.local_device().fingerprint
    assert machine.machine_id() not in json.dumps(device.model_dump())


def test_fingerprint_differs_by_machine_and_by_cpu() -> None:
    fingerprints = {
        machine.fingerprint("machine-a", "cpu", "AMD EPYC 7R32"),
        machine.fingerprint("machine-b", "cpu", "AMD EPYC 7R32"),
        machine.fingerprint("machine-a", "cpu", "AMD EPYC 9R14"),
    }

    assert len(fingerprints) == 3


def test_machine_id_is_the_first_file_with_something_in_it(tmp_path: Path) -> None:
    empty, filled = tmp_path / "empty", tmp_path / "filled"
    empty.write_text("\n")
    filled.write_text("3f2a\n")

    assert machine.machine_id((tmp_path / "absent", empty, filled)) == "3f2a"


def test_machine_without_a_machine_id_still_has_a_stable_one() -> None:
    assert machine.machine_id(()) == machine.machine_id(()) != ""


def test_engine_whose_library_is_missing_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, "onnxruntime", "runners.engines.no_such_module:Missing")

    names = [engine.name for engine in machine.local_device().engines]

    assert names == ["ncnn", "openvino", "onnx"]


def test_only_chosen_engines_are_offered_and_the_counter_always() -> None:
    device = machine.local_device(chosen=["ncnn"])

    assert [engine.name for engine in device.engines] == ["ncnn", "onnx"]


def test_without_a_choice_every_engine_that_works_is_chosen_but_the_stub() -> None:
    assert machine.chosen_engines([]) == ("ncnn", "onnxruntime", "openvino")


def test_choice_keeps_its_order_and_names_each_engine_once() -> None:
    assert machine.chosen_engines(["openvino", "onnxruntime", "openvino"]) == ("openvino", "onnxruntime")


@pytest.mark.parametrize(("name", "says"), [("abacus", "no engine 'abacus'"), ("stub", "Enrol with --simulated")])
def test_engine_that_a_real_device_cannot_offer_is_not_chosen(name: str, says: str) -> None:
    with pytest.raises(EngineUnavailable, match=says):
        machine.chosen_engines([name])


def test_machine_on_which_nothing_works_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ENGINES, "stub")

    with pytest.raises(EngineUnavailable, match="Install one"):
        machine.local_device(simulated=True)
