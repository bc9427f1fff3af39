"""What a child does to itself before it touches a network: it is pinned, limited, and dies with its parent."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import threading

PR_SET_PDEATHSIG = 1
MOST_OF_THE_MEMORY = 0.9
"""Of what the machine has: the rest keeps the system and the agent alive, whatever the child is allowed."""


def pin(cpus: list[int]) -> str:
    """Keep this process and its later threads on these CPUs; says what was done, for the record."""
    if not hasattr(os, "sched_setaffinity"):
        return "not pinned: this system has no affinity call"
    if not cpus:
        return "not pinned: not asked to"
    os.sched_setaffinity(0, cpus)
    return "pinned"


def allowed_cpus() -> list[int] | None:
    """Where this process may run, as the system says; None where it does not say."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def limit(*, memory_bytes: int | None, cpu_time_s: int | None) -> None:
    """Bound what a hostile or broken file can take. No core dump is left either: it would hold the whole network."""
    _lower(resource.RLIMIT_CORE, 0)
    if memory_bytes is not None:
        _lower(resource.RLIMIT_AS, min(memory_bytes, int(MOST_OF_THE_MEMORY * total_memory_bytes())))
    if cpu_time_s is not None:
        _lower(resource.RLIMIT_CPU, cpu_time_s)


def total_memory_bytes() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _lower(which: int, value: int) -> None:
    """Lower the soft limit, never above the hard one.

    macOS refuses to bound the address space; the parent's time limit still holds there.
    """
    _, hard = resource.getrlimit(which)
    soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
    try:
        resource.setrlimit(which, (soft, hard))
    except (ValueError, OSError):
        if sys.platform == "linux":
            raise


def die_with_parent(stdin_fd: int, parent_pid: int) -> None:
    """End this process as soon as its parent has ended, however that ended.

    A thread waits for the end of stdin, whose other end only the parent holds; it sleeps in the kernel and so costs the
    timed loop nothing. On Linux the kernel sends SIGKILL too, even while native code holds the interpreter's lock.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)
    threading.Thread(target=_exit_at_end_of_file, args=(stdin_fd,), daemon=True).start()


def _exit_at_end_of_file(fd: int) -> None:
    while os.read(fd, 1):
        pass
    os._exit(1)
