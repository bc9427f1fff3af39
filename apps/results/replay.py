"""What raw samples are recognised by, so that they fill a value only once, whoever sends them under whatever lease."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def samples_sha256(processes: Sequence[Mapping[str, Any]]) -> str:
    """Of the timed samples of all processes, as `runners.wire.ProcessSamples` names the fields.

    In whatever order the processes stand, and whatever else is said of them: neither makes another measurement of it.
    """
    digests = sorted(_sha256_of(process["wall_ns"]) for process in processes)
    return hashlib.sha256(b"".join(digests)).hexdigest()


def _sha256_of(wall_ns: Sequence[int]) -> bytes:
    """Of a process's samples, 8 bytes each with the lowest first."""
    return hashlib.sha256(np.asarray(wall_ns, dtype="<i8").tobytes()).digest()
