"""A simulated phone on a private adb server, and a device of the agent's that stands for it."""

from __future__ import annotations

import pytest

from runners.phone.adb import Adb
from runners.phone.remote import Remote
from tests.simulated_phone import AdbServer, SimulatedPhone
from tests.simulated_phone.fixtures import adb_home, adb_server, phone

__all__ = ["adb_home", "adb_server", "phone"]


@pytest.fixture
def remote(phone: SimulatedPhone, adb_server: AdbServer) -> Remote:
    adb_server.connect(phone)
    return Remote(Adb(port=adb_server.port), phone.serial)
