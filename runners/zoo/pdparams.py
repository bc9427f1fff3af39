"""Reads a PaddlePaddle weight file (`.pdparams`) and puts its arrays into a built network.

Such a file is a pickle of name -> array, and a pickle may run any code that it can name. The unpickler here can name
five things, all defined in this module: nothing of NumPy or of the standard library is ever called by the file. Before
that, its instructions are counted without following them, and what they copy is counted while they are followed: the
memory that is taken is at most a few times the file's size, and a file that wants more is refused. How long it takes is
not bounded here, nor how deep it nests: whoever does not trust a file has `runners.zoo.inspect` read it first.
"""

from __future__ import annotations

import io
import math
import os
import pickle  # only subclassed, to refuse everything but arrays
import pickletools
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from runners.regular_file import open_regular
from runners.zoo.weights import FloatArray

_NAME_TABLE = "StructuredToParameterName@@"
"""Paddle's own entry beside the arrays: what each was called in a static program."""

LARGEST_FILE_BYTES = 512 * 1024**2
"""Ten times the largest network of the catalogue."""

MOST_INSTRUCTIONS = 1_000_000
"""A network of the catalogue takes about 10,000."""

MOST_DIMENSIONS = 8

_INSTRUCTIONS = frozenset(
    {
        *("PROTO", "FRAME", "STOP", "MARK", "MEMOIZE", "BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET"),
        *("GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD", "NONE", "NEWTRUE", "NEWFALSE"),
        *("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
        *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
        *("EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"),
        *("EMPTY_LIST", "APPEND", "APPENDS", "EMPTY_DICT", "SETITEM", "SETITEMS"),
    }
)
"""What pickle protocols 2 to 4 need for a dictionary of arrays, and no other way to make an object."""

NEWEST_PROTOCOL = 4
"""Paddle writes 2 to 4; arrays in protocol 5 are made by other means."""

LARGER_INSIDE = "The weight file is far larger inside than arrays need. Do not trust it."

_VARIANCE = "_variance"
"""How Paddle's names of the running variances of batch norms end."""


class UnreadableWeightsError(ValueError):
    """The file is not a plain dictionary of finite float32 arrays."""


class MismatchedWeightsError(ValueError):
    """The file belongs to another network."""


def read(path: Path) -> dict[str, FloatArray]:
    """The arrays of a weight file by their names.

    Raises: `UnreadableWeightsError`, `OSError`.
    """
    with open_regular(path) as file:
        size_bytes = os.fstat(file.fileno()).st_size
        if size_bytes > LARGEST_FILE_BYTES:
            raise UnreadableWeightsError(
                f"{path.name} has {size_bytes} bytes; weight files above {LARGEST_FILE_BYTES} bytes are not read."
            )
        data = file.read()
    _check_beginning(path.name, data)
    content = _load(data)
    if not isinstance(content, dict):
        raise UnreadableWeightsError(f"{path.name} holds a {type(content).__name__}, not a dictionary of arrays.")
    arrays: dict[str, FloatArray] = {}
    left_bytes = size_bytes
    for name, value in content.items():
        if name != _NAME_TABLE:
            arrays[name] = _float32(_name(name), value)
            left_bytes -= arrays[name].nbytes
        # Bytes that several names share would otherwise be multiplied by their number.
        if left_bytes < 0:
            raise UnreadableWeightsError(f"{path.name} holds the same bytes for several arrays.")
    if not arrays:
        raise UnreadableWeightsError(f"{path.name} holds no arrays.")
    return arrays


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
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        shown = "; ".join(sorted(problems)[:5])
        raise MismatchedWeightsError(f"The weights do not fit {model.graph.name} ({count}): {shown}.")
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


class _Unpickler(pickle.Unpickler):
    """Can make the stand-ins, and two copies that an instruction may ask for again and again: those are counted."""

    def __init__(self, data: bytes) -> None:
        # Files written by Python 2 have text where there should be bytes; latin-1 gives the bytes back.
        super().__init__(io.BytesIO(data), encoding="latin-1")
        self._left_bytes, self._left_entries = len(data), MOST_INSTRUCTIONS
        self._allowed: dict[tuple[str, str], Any] = {
            ("numpy", "dtype"): _DType,
            ("numpy", "ndarray"): _Array,
            ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
            ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
            ("_codecs", "encode"): self._encode,
            ("collections", "OrderedDict"): self._ordered_dict,
        }

    def _encode(self, text: str, _encoding: str) -> bytes:
        """How protocol 2, which has no bytes, spells them: each text once, so that all have at most the file's size."""
        self._left_bytes -= len(text)
        self._check_left()
        return text.encode("latin-1")

    def _ordered_dict(self, pairs: Collection[Any] = ()) -> dict[Any, Any]:
        self._left_entries -= len(pairs)
        self._check_left()
        return dict(pairs)

    def _check_left(self) -> None:
        if self._left_bytes < 0 or self._left_entries < 0:
            raise UnreadableWeightsError(LARGER_INSIDE)

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._allowed[module, name]
        except KeyError:
            raise UnreadableWeightsError(
                f"The weight file asks for {module}.{name}; only arrays are read from it. Do not trust this file."
            ) from None


def _check_beginning(name: str, data: bytes) -> None:
    """Names the two mistakes that people make; anything else is found out by reading."""
    if not data:
        raise UnreadableWeightsError(f"{name} is empty; fetch or copy it again.")
    if data.startswith(b"PK\x03\x04"):
        raise UnreadableWeightsError(f"{name} is a zip archive, as PyTorch writes; a Paddle weight file is needed.")


def _load(data: bytes) -> object:
    try:
        _check_instructions(data)
        return _Unpickler(data).load()
    except UnreadableWeightsError:
        raise
    except Exception as error:
        # A damaged pickle raises almost anything, from EOFError to TypeError in a stand-in.
        raise UnreadableWeightsError(f"The weight file is damaged: {error!r}.") from error


def _check_instructions(data: bytes) -> None:
    """Refuses what no array needs, too many instructions, and a memo slot so far away that it would take memory."""
    end = 0
    for count, (opcode, argument, position) in enumerate(pickletools.genops(data)):
        end = (position or 0) + 1
        if opcode.name == "PROTO" and isinstance(argument, int) and argument > NEWEST_PROTOCOL:
            raise UnreadableWeightsError(
                f"The weight file is a pickle of protocol {argument}; Paddle writes up to {NEWEST_PROTOCOL}. Save it "
                f"again with protocol={NEWEST_PROTOCOL}."
            )
        if opcode.name not in _INSTRUCTIONS:
            raise UnreadableWeightsError(
                f"The weight file has the instruction {opcode.name}; only arrays are read from it. "
                "Do not trust this file."
            )
        is_far = opcode.name in ("BINPUT", "LONG_BINPUT") and isinstance(argument, int) and argument > count
        if is_far or count > MOST_INSTRUCTIONS:
            raise UnreadableWeightsError(LARGER_INSIDE)
    if end != len(data):
        raise UnreadableWeightsError(
            f"The weight file goes on for {len(data) - end} bytes after its end. Fetch or copy it again."
        )


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise UnreadableWeightsError("The weight file has an array without a name.")
    return name


def _float32(name: str, value: object) -> FloatArray:
    if not isinstance(value, _Array) or len(value.state) != 5:
        raise UnreadableWeightsError(f"{name} is not an array.")
    _, shape, dtype, is_fortran, data = value.state
    if not isinstance(dtype, _DType) or (dtype.spec, dtype.byte_order) != ("f4", "<"):
        raise UnreadableWeightsError(f"{name} is not little-endian float32.")
    raw = _latin1(data) if isinstance(data, str) else data
    if not _is_shape(shape) or not isinstance(raw, bytes) or len(raw) != 4 * math.prod(shape):
        raise UnreadableWeightsError(f"{name} has another size than its shape says.")
    array = np.frombuffer(raw, "<f4").reshape(shape, order="F" if is_fortran else "C").astype(np.float32)
    not_finite = int(np.count_nonzero(~np.isfinite(array)))
    if not_finite:
        raise UnreadableWeightsError(f"{name} has {not_finite} values that are NaN or infinite; no network can use it.")
    if name.endswith(_VARIANCE) and (array < 0).any():
        raise UnreadableWeightsError(f"{name} has negative values, which no variance has; no network can use it.")
    return array


def _latin1(data: str) -> bytes | None:
    try:
        return data.encode("latin-1")
    except UnicodeEncodeError:
        return None


def _is_shape(shape: object) -> bool:
    return (
        isinstance(shape, tuple)
        and len(shape) <= MOST_DIMENSIONS
        and all(type(size) is int and 0 <= size <= LARGEST_FILE_BYTES for size in shape)
    )
