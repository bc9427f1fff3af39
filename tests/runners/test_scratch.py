"""Temporary folders, and those that a killed process left."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from runners.scratch import scratch_folder

HOLDS = """
from runners.scratch import scratch_folder
with scratch_folder("zooboard-test-") as folder:
    print(folder, flush=True)
    input()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_folder_is_gone_with_all_that_is_in_it(temporary: Path) -> None:
    with scratch_folder("zooboard-test-") as folder:
        (folder / "file").write_text("text")

    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_nothing_else(temporary: Path) -> None:
    (temporary / "zooboard-other-1").mkdir()
    (temporary / "zooboard-test-file").write_text("no folder")
    held = [
        subprocess.Popen(
            [sys.executable, "-c", HOLDS],
            env={"TMPDIR": str(temporary), "PYTHONPATH": str(Path(__file__).parents[2])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    killed, alive = (Path(process.stdout.readline().strip()) for process in held if process.stdout)
    held[0].kill()
    held[0].communicate()

    with scratch_folder("zooboard-test-"):
        is_there = killed.exists(), alive.exists()
    held[1].communicate("\n", timeout=30)

    assert is_there == (False, True)
    assert sorted(path.name for path in temporary.iterdir()) == ["zooboard-other-1", "zooboard-test-file"]
