"""The phone and its adb server, for the simulator's own tests; how the real adb client sees it."""

from __future__ import annotations

import pytest

from tests.simulated_phone.adb_server import AdbServer
from tests.simulated_phone.fixtures import adb_home, adb_server, phone
from tests.simulated_phone.phone import SimulatedPhone
from tests.simulated_phone.programs import write_program

__all__ = ["adb_home", "adb_server", "phone"]


@pytest.fixture
def adb(phone: SimulatedPhone, adb_server: AdbServer) -> AdbServer:
    """An adb server that the phone is connected to."""
    adb_server.connect(phone)
    return adb_server


@pytest.fixture
def benchncnn(phone: SimulatedPhone) -> str:
    """A command line that runs benchncnn on the prime core; program and model are on the phone already."""
    folder = phone.path("/data/local/tmp")
    write_program(folder, "benchncnn")
    (folder / "m.param").write_text("7767517\nConvolution conv 1 1 in out 0=8 6=1000000\n")
    return "cd /data/local/tmp && taskset 80 ./benchncnn 20 1 2 -1 0 param=m.param shape=[224,224,3]"
