"""Programs that burn cores for as long as a test measures on them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

_SPIN = "import os; os.sched_setaffinity(0, [{cpu}]); print('burning', flush=True)\nwhile True: pass"


@contextmanager
def burning(cpus: Iterable[int]) -> Iterator[None]:
    """One spinning process on each of these logical CPUs, all of them started before the body and ended after it."""
    with ExitStack() as started:
        for cpu in cpus:
            started.enter_context(_spinning(cpu))
        yield


@contextmanager
def _spinning(cpu: int) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-c", _SPIN.format(cpu=cpu)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "burning\n"
        yield
    finally:
        process.kill()
        process.communicate()
