"""A state folder and a supervisor for stand-in children."""

import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from zooboard.up.output import Printer
from zooboard.up.processes import Registry
from zooboard.up.state import State, short_socket_dir
from zooboard.up.supervisor import Supervisor


@pytest.fixture
def state(tmp_path: Path) -> State:
    result = State(tmp_path / "state")
    result.create()
    return result


@pytest.fixture
def socket_dir() -> Iterator[Path]:
    folder = short_socket_dir()
    yield folder
    for leftover in folder.iterdir():
        leftover.unlink()
    folder.rmdir()


@pytest.fixture
def log() -> StringIO:
    return StringIO()


@pytest.fixture
def supervisor(state: State, log: StringIO) -> Supervisor:
    return Supervisor(Printer(log), Registry(state.run), {**os.environ, "ZOOBOARD_STATE": str(state.root)})
