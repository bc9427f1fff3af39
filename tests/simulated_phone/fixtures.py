"""Fixtures to import in a `conftest.py`: a phone, and an adb server of one's own to reach it by."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adb import ADVICE
from tests.simulated_phone.adb_server import AdbServer
from tests.simulated_phone.phone import SimulatedPhone


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[SimulatedPhone]:
    """A simulated Snapdragon 855 on a port of its own, plugged in, not connected to any adb server."""
    folder = tmp_path / "phone"
    folder.mkdir()
    with SimulatedPhone(folder) as phone:
        yield phone


@pytest.fixture(scope="session")
def adb_home() -> Iterator[Path]:
    """Where the adb servers of all tests keep their key: making one takes longer than everything else."""
    with tempfile.TemporaryDirectory(prefix="adb-") as folder:
        yield Path(folder)


@pytest.fixture
def adb_server(adb_home: Path) -> Iterator[AdbServer]:
    """A private adb server that knows no phone yet."""
    if shutil.which("adb") is None:
        pytest.fail(ADVICE, pytrace=False)
    with AdbServer(adb_home) as server:
        yield server
