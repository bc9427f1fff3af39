"""Conversions in real child processes: kept, verified, and refused with the reason."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from runners import conversion
from runners.conversion import Conversion
from runners.engines.ncnn_cpu import PARAM, WEIGHTS
from runners.supervise import AttemptFailed, Stopped
from runners.wire import FailureKind, RunOrder
from tests.runners.engines import networks


def obtain(order: RunOrder, folder: Path, *, should_stop: threading.Event | None = None) -> Conversion | None:
    return conversion.obtain(
        order,
        artifact_dir=folder,
        kept_in=folder / "converted",
        image_shape=tuple(networks.INPUT_SHAPE),
        should_stop=should_stop or threading.Event(),
    )


def ncnn_order(folder: Path, content: bytes | None = None) -> RunOrder:
    return networks.order(networks.artifact(folder, content or networks.network()), engine="ncnn")


def test_engine_that_loads_artifacts_as_they_are_needs_none(tmp_path: Path) -> None:
    order = networks.order(networks.artifact(tmp_path, networks.network()))

    assert obtain(order, tmp_path) is None
    assert not (tmp_path / "converted").exists()


def test_conversion_says_what_the_engine_will_load(tmp_path: Path) -> None:
    converted = obtain(ncnn_order(tmp_path), tmp_path)

    assert converted is not None
    assert [file.name for file in converted.files] == [WEIGHTS, PARAM]
    assert [file.size_bytes for file in converted.files] == [
        (converted.folder / name).stat().st_size for name in (WEIGHTS, PARAM)
    ]
    assert converted.converter.release in converted.folder.name


def test_earlier_conversion_is_used_again(tmp_path: Path) -> None:
    first = obtain(ncnn_order(tmp_path), tmp_path)
    assert first is not None
    made_ns = first.folder.stat().st_mtime_ns

    again = obtain(ncnn_order(tmp_path), tmp_path)

    assert again == first
    assert first.folder.stat().st_mtime_ns == made_ns


@pytest.mark.parametrize("name", [WEIGHTS, conversion.ANSWER])
def test_conversion_that_was_damaged_is_made_anew(tmp_path: Path, name: str) -> None:
    first = obtain(ncnn_order(tmp_path), tmp_path)
    assert first is not None
    whole = (first.folder / name).read_bytes()
    (first.folder / name).write_bytes(whole[:-1])

    again = obtain(ncnn_order(tmp_path), tmp_path)

    assert again == first
    assert (first.folder / name).read_bytes() == whole


def test_conversion_that_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(Stopped):
        obtain(ncnn_order(tmp_path), tmp_path, should_stop=stopped)

    converted = obtain(ncnn_order(tmp_path), tmp_path)

    assert converted is not None
    assert [path.name for path in (tmp_path / "converted").iterdir()] == [converted.folder.name]


def test_operator_that_cannot_be_converted_is_the_users_fault(tmp_path: Path) -> None:
    order = ncnn_order(tmp_path, networks.network(last_op="NoSuchOp", domain="nobody"))

    with pytest.raises(AttemptFailed, match="NoSuchOp") as failure:
        obtain(order, tmp_path)

    assert failure.value.kind == FailureKind.USER


def test_conversion_that_needs_too_much_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion, "TIMEOUT_S", 0.01)

    with pytest.raises(AttemptFailed, match="time limit"):
        obtain(ncnn_order(tmp_path), tmp_path)
