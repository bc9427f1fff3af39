"""One supervisor per state folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from zooboard.up.lock import AlreadyRunningError, owner_of, owner_path, single_instance

HOLD = """
import sys
from pathlib import Path
from zooboard.up.lock import single_instance
with single_instance(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(path: Path) -> subprocess.Popen[str]:
    """Hold the lock in another process until its standard input is closed."""
    command = [sys.executable, "-c", HOLD, str(path)]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_second_holder_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    with hold(tmp_path / "lock") as holder:
        with pytest.raises(AlreadyRunningError, match=f"pid {holder.pid}"), single_instance(tmp_path / "lock"):
            pass
        holder.communicate()


def test_lock_is_free_after_its_holder_was_killed(tmp_path: Path) -> None:
    with hold(tmp_path / "lock") as holder:
        holder.kill()
        holder.communicate()

    with single_instance(tmp_path / "lock"):
        owner = owner_of(tmp_path / "lock")

    assert owner is not None
    assert owner.pid == os.getpid()


def test_owner_of_a_free_lock_is_nobody(tmp_path: Path) -> None:
    with single_instance(tmp_path / "lock"):
        pass

    assert owner_of(tmp_path / "lock") is None
    assert not owner_path(tmp_path / "lock").exists()
