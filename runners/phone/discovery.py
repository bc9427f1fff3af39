"""The phones on the cables of this host."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from runners.hardware.base import Hardware, HardwareAbsentError
from runners.phone.adb import Adb, AdbError
from runners.phone.baseline import Baselines
from runners.phone.device import Phone
from runners.phone.remote import Remote
from runners.phone.settings import load

BASELINES_NAME = "phone-baselines.json"
NONE_FOUND = (
    "adb sees no phone. Attach one, switch on its USB debugging, and allow this host on its screen; then `adb devices` "
    "lists it."
)


def discover(state_dir: Path, *, serials: Collection[str] | None, simulated: bool) -> Sequence[Hardware]:
    """The phones with these serials, attached or not; without serials, those that adb sees now.

    Raises: `HardwareAbsentError`.
    """
    settings = load(state_dir)
    baselines = Baselines(state_dir / BASELINES_NAME)
    try:
        adb = Adb(settings.adb.program, port=settings.adb.server_port)
        found = seen(adb) if serials is None else list(serials)
    except AdbError as error:
        raise HardwareAbsentError(str(error)) from error
    if not found:
        raise HardwareAbsentError(NONE_FOUND)
    return [Phone(Remote(adb, serial), settings, baselines, simulated=simulated) for serial in found]


def seen(adb: Adb) -> list[str]:
    """Serials of what adb lists. A server that was started only for this question, in vain, does not stay.

    Raises: `AdbError`.
    """
    was_serving = adb.is_serving()
    found = [each.serial for each in adb.devices()]
    if not found and not was_serving:
        adb.stop_server()
    return found
