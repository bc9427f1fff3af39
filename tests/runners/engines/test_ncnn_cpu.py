from __future__ import annotations

import sys
from pathlib import Path

import pytest

from runners.engines import get_engine, ncnn_cpu
from runners.engines.base import EngineError, EngineUnavailable
from runners.engines.ncnn_cpu import PARAM, WEIGHTS, Ncnn
from runners.wire import Artifact, FailureKind
from tests.runners.engines import networks
from tests.runners.engines.loading import load

SHAPE = (1, *networks.INPUT_SHAPE)


@pytest.fixture
def converted(tmp_path: Path) -> Path:
    folder = tmp_path / "converted"
    folder.mkdir()
    Ncnn().prepare(tmp_path, artifact(tmp_path), folder, image_shape=SHAPE[1:])
    return folder


def artifact(folder: Path) -> Artifact:
    return networks.artifact(folder, networks.network())


def test_conversion_leaves_the_two_files_that_ncnn_loads_and_nothing_else(converted: Path) -> None:
    assert sorted(path.name for path in converted.iterdir()) == [WEIGHTS, PARAM]


def test_weights_and_activations_stay_fp32(converted: Path, tmp_path: Path) -> None:
    session = Ncnn().load(converted, artifact(tmp_path), threads=1)

    reduced = {name for name in session.facts["options"] if "fp16" in name or "bf16" in name or "int8" in name}
    assert len(reduced) == 6
    assert not any(session.facts["options"][name] for name in reduced)
    kernel_bytes = 4 * 3 * networks.CLASSES * 3 * 3
    assert (converted / WEIGHTS).stat().st_size >= kernel_bytes


def test_operator_that_onnx_has_and_ncnn_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no operator for Hardmax") as error:
        load(Ncnn(), tmp_path, networks.artifact(tmp_path, networks.network(last_op="Hardmax")), SHAPE)

    assert error.value.kind == FailureKind.USER


@pytest.mark.parametrize("name", [PARAM, WEIGHTS])
def test_converted_file_that_is_cut_off_is_not_executed(converted: Path, tmp_path: Path, name: str) -> None:
    whole = (converted / name).read_bytes()
    (converted / name).write_bytes(whole[: len(whole) // 2])

    with pytest.raises(EngineError, match=name):
        Ncnn().load(converted, artifact(tmp_path), threads=1)


def test_artifact_that_was_not_converted_is_not_executed(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=PARAM):
        Ncnn().load(tmp_path, artifact(tmp_path), threads=1)


def test_missing_converter_says_how_to_get_it_without_torch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ncnn_cpu, "PNNX_FOLDER", tmp_path)
    monkeypatch.setattr(sys, "path", [])

    with pytest.raises(EngineUnavailable, match="pip install --no-deps pnnx"):
        get_engine("ncnn")
