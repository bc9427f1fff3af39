"""Random weights that are the same bits on every machine.

NumPy promises that the raw stream of a bit generator never changes, which it does not promise of its
distributions. So the bits become floats here, by conversions and single IEEE 754 operations only (division,
square root, one multiplication, one addition): each is correctly rounded everywhere, in whatever order a
vector unit computes the elements.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

_FRACTION_BITS = 23
"""A multiple of 2**-23 in [-1, 1) is a float32 without rounding."""


def uniform(name: str, shape: tuple[int, ...], *, seed: int) -> FloatArray:
    """Multiples of 2**-23, uniform in [-1, 1), that depend on the tensor's name and the seed alone."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    raw = np.random.PCG64([seed, key]).random_raw(math.prod(shape))
    signed = (raw >> np.uint64(64 - _FRACTION_BITS - 1)).astype(np.int32) - np.int32(1 << _FRACTION_BITS)
    return (signed.astype(np.float32) * np.float32(2.0**-_FRACTION_BITS)).reshape(shape)


def kernel(name: str, shape: tuple[int, ...], *, fan_in: int, gain: float, seed: int) -> FloatArray:
    """Weights of a convolution or a fully connected layer.

    The bound sqrt(3 * gain / fan_in) multiplies the mean square of the input by `gain`: 2 makes up for a ReLU,
    1 keeps it.
    Source: He et al., Delving Deep into Rectifiers, arXiv:1502.01852, section 2.2.
    """
    return uniform(name, shape, seed=seed) * np.float32(math.sqrt(3.0 * gain / fan_in))


def around(centre: float, name: str, size: int, *, spread: float, seed: int) -> FloatArray:
    """A vector within `spread` of `centre`: biases and batch-norm statistics.

    They are not exactly 0 and 1, so that an engine which drops or misfolds a batch norm gives other logits.
    """
    return uniform(name, (size,), seed=seed) * np.float32(spread) + np.float32(centre)
