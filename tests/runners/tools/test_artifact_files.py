"""Which files an agent may upload as an artifact."""

from __future__ import annotations

from pathlib import Path

import pytest

from runners import wire
from runners.tools.artifact_files import uploadable
from runners.tools.importing import LogError


def written(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.write_bytes(path.name.encode())
    return paths


@pytest.mark.parametrize(
    ("names", "format"),
    [
        (["model.nb"], "paddle-lite"),
        (["inference.pdmodel", "inference.pdiparams"], "paddle-lite"),
        (["model.tflite"], "tflite"),
    ],
)
def test_files_of_a_phones_program_are_an_artifact_of_its_format(tmp_path: Path, names: list[str], format: str) -> None:
    paths = written(tmp_path, *names)

    artifact = uploadable(paths, "int8")

    assert (artifact.format, artifact.precision) == (format, "int8")
    assert [file.name for file in artifact.files] == names
    assert artifact.sha256 == wire.manifest_sha256(format=format, precision="int8", files=artifact.files)


@pytest.mark.parametrize("names", [["model.onnx"], ["model.nb", "model.tflite"], ["model.txt"]])
def test_other_files_are_refused_with_those_that_will_do(tmp_path: Path, names: list[str]) -> None:
    paths = written(tmp_path, *names)

    with pytest.raises(LogError, match=r"\.nb, \.pdmodel, \.pdiparams, \.tflite; these are " + names[0]):
        uploadable(paths, "fp32")


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"model\.nb cannot be read"):
        uploadable([tmp_path / "model.nb"], "fp32")
