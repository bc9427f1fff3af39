"""What a measurement is recognised by, so that it fills a value only once, whoever sends it under whatever lease."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from runners import wire

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def samples_sha256(processes: Sequence[Mapping[str, Any]]) -> str:
    """Of the timed samples of all processes, as `runners.wire.ProcessSamples` names the fields.

    In whatever order the processes stand, and whatever else is said of them: neither makes another measurement of it.
    """
    digests = sorted(_sha256_of(process["wall_ns"]) for process in processes)
    return hashlib.sha256(b"".join(digests)).hexdigest()


def invocations_sha256(invocations: Sequence[wire.ToolSummary]) -> str:
    """Of when each invocation of a program that keeps its samples was started, and of what it printed.

    An honest program may print the same numbers twice, but not twice at the same microsecond. In whatever order they
    stand, and whatever else is said of them.
    """
    digests = sorted(_printed_sha256(each) for each in invocations)
    return hashlib.sha256(b"invocations" + b"".join(digests)).hexdigest()


def _printed_sha256(said: wire.ToolSummary) -> bytes:
    started_at_us = (said.started_at - EPOCH) // timedelta(microseconds=1)
    return hashlib.sha256(f"{started_at_us}\n{said.output.strip()}".encode(errors="replace")).digest()


def _sha256_of(wall_ns: Sequence[int]) -> bytes:
    """Of a process's samples, 8 bytes each with the lowest first."""
    return hashlib.sha256(np.asarray(wall_ns, dtype="<i8").tobytes()).digest()
