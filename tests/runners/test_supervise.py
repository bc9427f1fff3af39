"""How a process of ours ends: politely, then firmly, with everything that it started; and what is kept of its words."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runners import supervise
from runners.supervise import end_group, last_lines

POLITE = "trap 'echo gone > ended; exit 0' TERM; sleep 60 & echo begun; wait"
DEAF = "trap '' TERM; sleep 60 & echo begun; while :; do wait; done"


@contextmanager
def started(script: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A shell that leads a group, once what it starts in the background runs; both hold its output open."""
    with subprocess.Popen(["/bin/sh", "-c", script], cwd=folder, stdout=subprocess.PIPE, start_new_session=True) as it:
        assert it.stdout is not None
        it.stdout.readline()
        yield it
        assert it.stdout.read() == b"", "the output is at its end once nobody of the group is left"


def test_process_may_clean_up_before_it_ends(tmp_path: Path) -> None:
    with started(POLITE, tmp_path) as shell:
        end_group(shell)

        assert (tmp_path / "ended").read_text() == "gone\n"
        assert shell.returncode == 0


def test_process_that_does_not_hear_is_killed_with_its_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "POLITE_S", 0.1)

    with started(DEAF, tmp_path) as shell:
        end_group(shell)

        assert shell.returncode == -signal.SIGKILL


def test_what_outlives_its_leader_is_killed_too(tmp_path: Path) -> None:
    with started("sleep 60 & echo begun", tmp_path) as shell:
        shell.wait()

        end_group(shell)


def test_end_of_an_output_begins_with_a_whole_line() -> None:
    said = "cannot open /srv/jane/models/model.onnx\nno such file\n"

    assert last_lines(said, len(said)) == said.strip()
    assert last_lines(said, 20) == "no such file"
    assert last_lines("a" * 30, 20) == "a" * 20
