from __future__ import annotations

import os
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from runners.zoo import catalogue, pdparams

KERNEL = np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2)


def write(path: Path, content: object, *, protocol: int = 4) -> Path:
    path.write_bytes(pickle.dumps(content, protocol=protocol))
    return path


def parameters(model: onnx.ModelProto) -> dict[str, Any]:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


@pytest.fixture(scope="module")
def model() -> onnx.ModelProto:
    return catalogue.build("ShuffleNetV2_x0_25")


class Runs:
    """A pickle of this makes whoever loads it create a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.target),)


class Allocates:
    def __reduce__(self) -> tuple[Any, ...]:
        return np.ndarray, ((10**15,),)


@pytest.mark.parametrize("protocol", [2, 3, 4])
@pytest.mark.parametrize("container", [dict, OrderedDict])
def test_read_gives_the_arrays_without_the_name_table(
    tmp_path: Path, protocol: int, container: type[dict[str, Any]]
) -> None:
    content = container({"conv.weight": KERNEL, "StructuredToParameterName@@": {"conv.weight": "conv2d_0.w_0"}})

    arrays = pdparams.read(write(tmp_path / "w.pdparams", content, protocol=protocol))

    assert list(arrays) == ["conv.weight"]
    np.testing.assert_array_equal(arrays["conv.weight"], KERNEL)


def test_read_keeps_the_order_of_a_column_major_array(tmp_path: Path) -> None:
    arrays = pdparams.read(write(tmp_path / "w.pdparams", {"w": np.asfortranarray(KERNEL)}))

    np.testing.assert_array_equal(arrays["w"], KERNEL)


def test_read_knows_the_module_name_of_older_numpy(tmp_path: Path) -> None:
    path = write(tmp_path / "w.pdparams", {"w": KERNEL}, protocol=2)
    path.write_bytes(path.read_bytes().replace(b"numpy._core.multiarray", b"numpy.core.multiarray"))

    np.testing.assert_array_equal(pdparams.read(path)["w"], KERNEL)


def test_read_refuses_a_file_that_would_run_code_and_runs_none_of_it(tmp_path: Path) -> None:
    target = tmp_path / "owned"
    path = write(tmp_path / "w.pdparams", {"w": KERNEL, "x": Runs(target)})

    with pytest.raises(pdparams.UnreadableWeightsError, match=r"mkdir.*Do not trust"):
        pdparams.read(path)

    assert not target.exists()


@pytest.mark.parametrize(
    "content",
    [
        [KERNEL],
        {"w": 3},
        {"w": KERNEL.astype(np.float64)},
        {"w": KERNEL.astype(">f4")},
        {"w": np.array([Path("x")], dtype=object)},
        {"w": Allocates()},
    ],
    ids=["list", "number", "float64", "big endian", "objects", "allocation"],
)
def test_read_refuses_anything_but_float32_arrays(tmp_path: Path, content: object) -> None:
    with pytest.raises(pdparams.UnreadableWeightsError):
        pdparams.read(write(tmp_path / "w.pdparams", content))


def test_read_refuses_a_truncated_file(tmp_path: Path) -> None:
    path = write(tmp_path / "w.pdparams", {"w": KERNEL})
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(pdparams.UnreadableWeightsError, match="damaged"):
        pdparams.read(path)


def test_transplant_replaces_every_parameter(model: onnx.ModelProto) -> None:
    target = catalogue.build("ShuffleNetV2_x0_25", seed=1)

    pdparams.transplant(target, parameters(model))

    assert catalogue.serialize(target) == catalogue.serialize(model)


def test_transplant_names_what_is_left_over_and_changes_nothing(model: onnx.ModelProto) -> None:
    target = catalogue.build("ShuffleNetV2_x0_25", seed=1)
    before = catalogue.serialize(target)
    arrays = parameters(model)
    arrays["fc.bias"] = arrays.pop("_fc.bias")

    with pytest.raises(pdparams.MismatchedWeightsError, match=r"2 problems.*file has fc\.bias.*network has _fc\.bias"):
        pdparams.transplant(target, arrays)

    assert catalogue.serialize(target) == before


def test_transplant_names_a_shape_that_differs(model: onnx.ModelProto) -> None:
    arrays = parameters(catalogue.build("ShuffleNetV2_x0_25"))
    arrays["_fc.weight"] = arrays["_fc.weight"].T

    with pytest.raises(
        pdparams.MismatchedWeightsError, match=r"_fc\.weight is \(1000, 512\) in the file and \(512, 1000\)"
    ):
        pdparams.transplant(model, arrays)
