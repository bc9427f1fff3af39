from __future__ import annotations

import hashlib
import os
import pickle
from pathlib import Path

import onnx
import pytest
from onnx import numpy_helper

from runners.zoo import building, catalogue, complexity, inspect, models, pdparams, provenance, quantize
from runners.zoo.refused import RefusedFileError

NAME = "MobileNetV3_small_x0_35"


def write_weights(path: Path, architecture: str, *, seed: int = 9) -> Path:
    arrays = {
        tensor.name: numpy_helper.to_array(tensor)
        for tensor in catalogue.build(architecture, seed=seed).graph.initializer
    }
    path.write_bytes(pickle.dumps(arrays, protocol=4))
    return path


def test_random_weights_give_the_artifact_of_the_catalogue(tmp_path: Path) -> None:
    built = building.build_file(models.find(NAME), tmp_path / "m.onnx", seed=2)

    assert built.sha256 == catalogue.artifact(NAME, seed=2).files[0].sha256
    assert (built.weights, built.precision, built.architecture) == ("random (seed 2)", "fp32", NAME)
    assert (round(built.params / 1e6, 3), round(built.macs / 1e6, 2)) == (1.666, 13.16)


@pytest.mark.parametrize("architecture", catalogue.ARCHITECTURES)
def test_weights_of_every_architecture_are_found_by_name_and_shape(tmp_path: Path, architecture: str) -> None:
    weights = write_weights(tmp_path / "w.pdparams", architecture, seed=4)
    network = catalogue.build(architecture)

    pdparams.transplant(network, pdparams.read(weights))

    assert network.graph == catalogue.build(architecture, seed=4).graph


def test_given_weights_are_named_with_the_beginning_of_their_hash(tmp_path: Path) -> None:
    weights = write_weights(tmp_path / "w.pdparams", NAME)

    built = building.build_file(models.find(NAME), tmp_path / "m.onnx", weights=weights)

    assert provenance.weights_of(onnx.load(tmp_path / "m.onnx")) == built.weights
    assert built.weights == f"w.pdparams (sha256 {hashlib.sha256(weights.read_bytes()).hexdigest()[:12]})"


def test_weights_of_another_width_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    weights = write_weights(tmp_path / "w.pdparams", "MobileNetV3_small_x0_5")

    with pytest.raises(pdparams.MismatchedWeightsError, match=rf"do not fit {NAME}.*in the file and .* in the network"):
        building.build_file(models.find(NAME), tmp_path / "m.onnx", weights=weights)

    assert not (tmp_path / "m.onnx").exists()


def test_int8_counts_as_its_original_and_says_how_it_was_made(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"

    built = building.build_file(models.find(NAME), path, is_int8=True)

    assert built.precision == "int8"
    assert built.weights == "random (seed 0), int8 QDQ per channel, calibrated on 32 seeded inputs"
    assert provenance.weights_of(onnx.load(path)) == built.weights
    assert complexity.count(onnx.load(path)) == complexity.count(catalogue.outline(NAME))


def test_int8_row_is_its_architecture_quantized(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantize, "SEEDED_INPUTS", 4)
    row, architecture = models.find(models.INT8), models.find("MobileNetV3_large_x1_0")

    of_row = building.build_file(row, tmp_path / "row.onnx")
    of_architecture = building.build_file(architecture, tmp_path / "architecture.onnx", is_int8=True)

    assert of_row.sha256 == of_architecture.sha256


def test_calibration_without_int8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(building.BuildError, match="--int8"):
        building.build_file(models.find(NAME), tmp_path / "m.onnx", calibrate=tmp_path)


def test_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(building.BuildError, match=r"missing.*No such file"):
        building.build_file(models.find(NAME), tmp_path / "missing" / "m.onnx")


def test_weights_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(RefusedFileError, match=r"There is no file .*missing\.pdparams"):
        building.build_file(models.find(NAME), tmp_path / "m.onnx", weights=tmp_path / "missing.pdparams")


def test_network_is_no_weight_file(tmp_path: Path) -> None:
    catalogue.write(NAME, path=tmp_path / "w.onnx")

    with pytest.raises(building.BuildError, match=r"w\.onnx is a network and no weight file"):
        building.build_file(models.find(NAME), tmp_path / "m.onnx", weights=tmp_path / "w.onnx")


def test_weights_that_would_never_be_read_to_their_end_are_refused_by_the_process_with_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each tuple holds the one before twice, 200 times over: as a key, its hash would take longer than anybody has.
    nested = b")" + b"".join(b"q%ch%c\x86" % (n, n) for n in range(200))
    (tmp_path / "w.pdparams").write_bytes(b"\x80\x02}" + nested + b"Ns.")
    monkeypatch.setattr(inspect, "TIMEOUT_S", 4)

    with pytest.raises(RefusedFileError, match=r"w\.pdparams was not read within 4 s"):
        building.build_file(models.find(NAME), tmp_path / "m.onnx", weights=tmp_path / "w.pdparams")


def test_weights_that_are_a_pipe_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "w.pdparams")

    with pytest.raises(RefusedFileError, match=r"w\.pdparams cannot be inspected: it is no regular file"):
        building.build_file(models.find(NAME), tmp_path / "m.onnx", weights=tmp_path / "w.pdparams")
