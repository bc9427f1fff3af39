from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from runners.config import Config, StateFolder
from runners.hardware.base import Hardware, HardwareAbsentError
from runners.hardware.discovery import Search, discover, look
from tests.runners.hardware.pieces import Piece

ENROLLED = Config(site="https://zoo.example.org", agent_id="1", name="lab", token="zba_1_secret", engines=("ncnn",))


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    folder = StateFolder(tmp_path)
    folder.create()
    return folder


def use_gpus(monkeypatch: pytest.MonkeyPatch, *pieces: Hardware, reason: str = "") -> None:
    """What the package of GPUs answers."""

    def find(*, state_dir: Path) -> Sequence[Hardware]:
        if reason:
            raise HardwareAbsentError(reason)
        return pieces

    monkeypatch.setitem(sys.modules, "runners.gpu", SimpleNamespace(discover=find))


def test_agent_that_was_enrolled_before_devices_were_chosen_offers_its_cpu(folder: StateFolder) -> None:
    found = discover(ENROLLED, folder)

    assert [hardware.key for hardware in found.hardware] == ["cpu"]
    offer = found.hardware[0].offer()
    assert offer is not None
    assert [engine.name for engine in offer.engines] == ["ncnn", "onnx"]


def test_only_chosen_hardware_is_used(monkeypatch: pytest.MonkeyPatch, folder: StateFolder) -> None:
    wanted, unwanted = Piece("wanted"), Piece("unwanted")
    monkeypatch.setattr(Piece, "key", property(lambda self: f"gpu:{self.name}"))
    use_gpus(monkeypatch, wanted, unwanted)

    found = discover(ENROLLED.model_copy(update={"chosen": ("gpu:wanted",)}), folder)

    assert found.hardware == [wanted]


def test_place_without_hardware_says_why(monkeypatch: pytest.MonkeyPatch, folder: StateFolder) -> None:
    use_gpus(monkeypatch, reason="There is no NVIDIA driver.")

    found = look(Search(folder, engines=["ncnn"]), ["cpu", "gpu"])

    assert [hardware.key for hardware in found.hardware] == ["cpu"]
    assert found.absent == {"gpu": "There is no NVIDIA driver."}


def test_package_that_does_not_load_is_a_reason_and_no_crash(
    monkeypatch: pytest.MonkeyPatch, folder: StateFolder
) -> None:
    monkeypatch.setitem(sys.modules, "runners.gpu", None)

    found = look(Search(folder), ["gpu"])

    assert found.hardware == []
    assert found.absent["gpu"].startswith("GPUs cannot be looked for: ")


def test_simulated_agent_uses_no_real_gpu(monkeypatch: pytest.MonkeyPatch, folder: StateFolder) -> None:
    use_gpus(monkeypatch, Piece("gpu"))

    found = look(Search(folder, is_simulated=True), ["gpu"])

    assert (found.hardware, found.absent) == ([], {"gpu": "A simulated agent measures on no real GPU."})


def test_cpu_on_which_nothing_works_does_not_hide_the_other_hardware(
    monkeypatch: pytest.MonkeyPatch, folder: StateFolder
) -> None:
    piece = Piece("gpu")
    use_gpus(monkeypatch, piece)
    monkeypatch.setattr("runners.machine.working_engines", lambda *, simulated: [])

    found = look(Search(folder), ["cpu", "gpu"])

    assert found.hardware == [piece]
    assert found.absent["cpu"].startswith("No engine works on this machine")
