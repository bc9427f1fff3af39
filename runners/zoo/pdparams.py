"""Reads a PaddlePaddle weight file (`.pdparams`) and puts its arrays into a built network.

Such a file is a pickle of name -> array, and a pickle may run any code that it can name. The unpickler here can name
four things, all defined in this module: nothing of NumPy or of the standard library is ever called by the file.
"""

from __future__ import annotations

import math
import pickle  # only subclassed, to refuse everything but arrays
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import onnx
from onnx import numpy_helper

from runners.zoo.weights import FloatArray

_NAME_TABLE = "StructuredToParameterName@@"
"""Paddle's own entry beside the arrays: what each was called in a static program."""


class UnreadableWeightsError(ValueError):
    """The file is not a plain dictionary of float32 arrays."""


class MismatchedWeightsError(ValueError):
    """The file belongs to another network."""


def read(path: Path) -> dict[str, FloatArray]:
    """The arrays of a weight file by their names.

    Raises: `UnreadableWeightsError`, `OSError`.
    """
    with path.open("rb") as file:
        content = _load(file)
    if not isinstance(content, dict):
        raise UnreadableWeightsError(f"{path.name} holds a {type(content).__name__}, not a dictionary of arrays.")
    arrays = {str(name): value for name, value in content.items() if name != _NAME_TABLE}
    return {name: _float32(name, value) for name, value in arrays.items()}


def transplant(model: onnx.ModelProto, weights: dict[str, FloatArray]) -> None:
    """Replaces every parameter of `model`, in place, by the array of the same name.

    Raises: `MismatchedWeightsError` if a name is left over on either side or a shape differs; `model` is untouched.
    """
    parameters = {tensor.name: tensor for tensor in model.graph.initializer}
    problems = [f"the network has {name}, the file does not" for name in parameters.keys() - weights.keys()]
    problems += [f"the file has {name}, the network does not" for name in weights.keys() - parameters.keys()]
    for name in parameters.keys() & weights.keys():
        expected, given = tuple(parameters[name].dims), weights[name].shape
        if expected != given:
            problems.append(f"{name} is {given} in the file and {expected} in the network")
    if problems:
        shown = "; ".join(sorted(problems)[:5])
        raise MismatchedWeightsError(f"The weights do not fit {model.graph.name} ({len(problems)} problems): {shown}.")
    for name, tensor in parameters.items():
        tensor.CopyFrom(numpy_helper.from_array(weights[name], name))


class _DType:
    """Stands for numpy.dtype: remembers what it was asked for."""

    def __init__(self, spec: str, *_flags: object) -> None:
        self.spec = spec
        self.byte_order = "<"

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.byte_order = state[1]


class _Array:
    """Stands for numpy.ndarray: remembers its state."""

    state: tuple[Any, ...] = ()

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.state = state


def _reconstruct(*_arguments: object) -> _Array:
    return _Array()


def _encode(text: str, _encoding: str) -> bytes:
    """How protocol 2, which has no bytes, spells them."""
    return text.encode("latin-1")


class _Unpickler(pickle.Unpickler):
    _ALLOWED = {
        ("numpy", "dtype"): _DType,
        ("numpy", "ndarray"): _Array,
        ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
        ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
        ("_codecs", "encode"): _encode,
        ("collections", "OrderedDict"): dict,
    }

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._ALLOWED[module, name]
        except KeyError:
            raise UnreadableWeightsError(
                f"The weight file asks for {module}.{name}; only arrays are read from it. Do not trust this file."
            ) from None


def _load(file: BinaryIO) -> object:
    try:
        # Files written by Python 2 have text where there should be bytes; latin-1 gives the bytes back.
        return _Unpickler(file, encoding="latin-1").load()
    except UnreadableWeightsError:
        raise
    except Exception as error:
        # A damaged pickle raises almost anything, from EOFError to TypeError in a stand-in.
        raise UnreadableWeightsError(f"The weight file is damaged: {error!r}.") from error


def _float32(name: str, value: object) -> FloatArray:
    if not isinstance(value, _Array) or len(value.state) != 5:
        raise UnreadableWeightsError(f"{name} is not an array.")
    _, shape, dtype, is_fortran, data = value.state
    if not isinstance(dtype, _DType) or (dtype.spec, dtype.byte_order) != ("f4", "<"):
        raise UnreadableWeightsError(f"{name} is not little-endian float32.")
    raw = data.encode("latin-1") if isinstance(data, str) else data
    if not isinstance(raw, bytes) or len(raw) != 4 * math.prod(shape):
        raise UnreadableWeightsError(f"{name} has another size than its shape {shape} says.")
    return np.frombuffer(raw, "<f4").reshape(shape, order="F" if is_fortran else "C").astype(np.float32)
