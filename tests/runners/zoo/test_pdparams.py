from __future__ import annotations

import os
import pickle
import struct
import tracemalloc
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


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "is empty"), (b"PK\x03\x04rest", "zip archive"), (b"\x80\x04N.", "not a dictionary")]
)
def test_read_names_files_that_people_mix_up(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "w.pdparams"
    path.write_bytes(content)

    with pytest.raises(pdparams.UnreadableWeightsError, match=says):
        pdparams.read(path)


def test_read_refuses_a_file_above_the_limit_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "w.pdparams"
    with path.open("wb") as file:
        file.truncate(pdparams.LARGEST_FILE_BYTES + 1)

    with pytest.raises(pdparams.UnreadableWeightsError, match="are not read"):
        pdparams.read(path)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_read_refuses_values_that_are_not_finite(tmp_path: Path, value: float) -> None:
    kernel = KERNEL.copy()
    kernel[1, 0, 0, :] = value

    with pytest.raises(pdparams.UnreadableWeightsError, match="w has 2 values that are NaN or infinite"):
        pdparams.read(write(tmp_path / "w.pdparams", {"w": kernel}))


def test_read_refuses_a_shape_that_has_no_data(tmp_path: Path) -> None:
    path = write(tmp_path / "w.pdparams", {"w": np.zeros(200, np.float32)})
    content = path.read_bytes()
    # The shape (200,) becomes (2**31 - 1,); BININT1 is K, BININT is J.
    path.write_bytes(content.replace(b"K\xc8\x85", b"J\xff\xff\xff\x7f\x85"))

    with pytest.raises(pdparams.UnreadableWeightsError):
        pdparams.read(path)


def test_read_refuses_a_memo_slot_that_would_take_memory(tmp_path: Path) -> None:
    path = tmp_path / "w.pdparams"
    path.write_bytes(b"\x80\x02}r\xff\xff\xff\x7f.")

    with pytest.raises(pdparams.UnreadableWeightsError, match="far larger inside"):
        pdparams.read(path)


def test_read_refuses_the_same_bytes_under_many_names(tmp_path: Path) -> None:
    shared = np.zeros(10_000, np.float32)
    path = write(tmp_path / "w.pdparams", {str(number): shared for number in range(1_000)})

    with pytest.raises(pdparams.UnreadableWeightsError, match="same bytes"):
        pdparams.read(path)


def bomb(makes: bytes, shared: bytes, again: bytes, *, times: int) -> bytes:
    """A pickle of protocol 2 that keeps many copies of one thing that it has once."""
    return b"\x80\x02](" + makes + b"q\x01" + shared + b"q\x02" + (b"h\x01h\x02" + again) * times + b"e."


TEXT = b"X" + struct.pack("<I", 1_000_000) + b"x" * 1_000_000
PAIRS = b"](" + b"".join(b"M" + struct.pack("<H", key) + b"N\x86" for key in range(1_000)) + b"e"


@pytest.mark.parametrize(
    "content",
    [
        bomb(b"c_codecs\nencode\n", TEXT, b"U\x06latin1\x86R", times=500),
        bomb(b"ccollections\nOrderedDict\n", PAIRS, b"\x85R", times=5_000),
    ],
    ids=["texts", "dictionaries"],
)
def test_read_refuses_many_copies_of_one_thing_before_they_take_memory(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "w.pdparams"
    path.write_bytes(content)
    tracemalloc.start()

    with pytest.raises(pdparams.UnreadableWeightsError, match="far larger inside"):
        pdparams.read(path)

    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 10 * len(content) + 100_000_000


def test_read_refuses_other_ways_to_make_an_object(tmp_path: Path) -> None:
    path = tmp_path / "w.pdparams"
    path.write_bytes(pickle.dumps({"w": KERNEL, "x": {1}}, protocol=4))

    with pytest.raises(pdparams.UnreadableWeightsError, match="EMPTY_SET"):
        pdparams.read(path)


def test_read_refuses_a_protocol_that_paddle_does_not_write(tmp_path: Path) -> None:
    path = write(tmp_path / "w.pdparams", {"w": KERNEL}, protocol=5)

    with pytest.raises(pdparams.UnreadableWeightsError, match=r"protocol 5.*Save it again with protocol=4"):
        pdparams.read(path)


def test_read_refuses_bytes_after_the_end(tmp_path: Path) -> None:
    path = write(tmp_path / "w.pdparams", {"w": KERNEL})
    path.write_bytes(path.read_bytes() + b"more")

    with pytest.raises(pdparams.UnreadableWeightsError, match="goes on for 4 bytes after its end"):
        pdparams.read(path)


def test_read_refuses_a_negative_variance_by_its_name(tmp_path: Path) -> None:
    arrays = {"bn._mean": np.array([-1, 1], np.float32), "bn._variance": np.array([0, -1e-9], np.float32)}

    with pytest.raises(pdparams.UnreadableWeightsError, match=r"bn\._variance has negative values"):
        pdparams.read(write(tmp_path / "w.pdparams", arrays))


def test_read_refuses_an_array_without_a_name(tmp_path: Path) -> None:
    with pytest.raises(pdparams.UnreadableWeightsError, match="without a name"):
        pdparams.read(write(tmp_path / "w.pdparams", {3: KERNEL}))


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
        pdparams.MismatchedWeightsError,
        match=r"\(1 problem\): _fc\.weight is \(1000, 512\) in the file and \(512",
    ):
        pdparams.transplant(model, arrays)
