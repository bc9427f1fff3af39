"""This machine as a device: who it is, which kind, and which engines really work on it."""

from __future__ import annotations

import hashlib
import hmac
import logging
import platform
import re
import socket
import subprocess
import uuid
from collections.abc import Collection
from pathlib import Path

import psutil

from runners import cpu
from runners.engines import ENGINES, get_engine
from runners.engines.base import EngineUnavailable
from runners.orders import COUNTER
from runners.wire import DeviceOffer, EngineOffer

log = logging.getLogger(__name__)

MACHINE_ID_PATHS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
RANDOM_MAC_BIT = 1 << 40
"""`uuid.getnode` sets it in the number it makes up when it finds no network card."""


def local_device(simulated: bool = False, chosen: Collection[str] | None = None) -> DeviceOffer:
    """The CPU of this machine, or the simulated twin of it on which only simulated engines run.

    `chosen` are the engines that may be offered, None for all; the counter of complexity always is.

    Raises: `EngineUnavailable` when no engine works here.
    """
    engines = [
        offer for offer in working_engines(simulated=simulated) if chosen is None or offer.name in (*chosen, COUNTER)
    ]
    if not engines:
        raise EngineUnavailable("No engine works on this machine. Install one, for example onnxruntime.")
    processor = cpu.read()
    category = "simulated" if simulated else "cpu"
    return DeviceOffer(
        fingerprint=fingerprint(machine_id(), category, processor.name),
        category="cpu",
        kind_name=processor.name,
        is_simulated=simulated,
        engines=engines,
        facts=processor.facts() | {"memory_bytes": psutil.virtual_memory().total},
    )


def chosen_engines(names: list[str]) -> tuple[str, ...]:
    """What this machine is to offer: the named engines, or without a name every one that works here.

    Raises: `EngineUnavailable` for one that does not work here or only pretends to.
    """
    for name in names:
        if get_engine(name).is_simulated:
            raise EngineUnavailable(f"Engine {name!r} is for simulated devices. Enrol with --simulated instead.")
    working = [offer.name for offer in working_engines(simulated=False) if offer.name != COUNTER]
    return tuple(dict.fromkeys(names or working))


def fingerprint(machine: str, category: str, kind_name: str) -> str:
    """Identifies a device without telling the machine's id, which is the key and cannot be had back."""
    return hmac.new(machine.encode(), f"zooboard {category} {kind_name}".encode(), hashlib.sha256).hexdigest()


def machine_id(paths: tuple[Path, ...] = MACHINE_ID_PATHS) -> str:
    """What stays the same over restarts: the system's id, else the hardware's, else the host's name."""
    for path in paths:
        if path.is_file() and (text := path.read_text().strip()):
            return text
    if platform.system() == "Darwin" and (platform_uuid := _io_platform_uuid()):
        return platform_uuid
    mac = uuid.getnode()
    return socket.gethostname() if mac & RANDOM_MAC_BIT else f"{mac:012x}"


def _io_platform_uuid() -> str | None:
    listing = subprocess.run(
        ["ioreg", "-rd1", "-c", "IOPlatformExpertDevice"], capture_output=True, text=True, timeout=10, check=False
    )
    found = re.search(r'"IOPlatformUUID" = "([^"]+)"', listing.stdout)
    return found.group(1) if found else None


def working_engines(*, simulated: bool) -> list[EngineOffer]:
    """Engines that were really imported here, with the release that would be recorded."""
    offers = []
    for name in ENGINES:
        try:
            engine = get_engine(name)
        except EngineUnavailable as reason:
            log.info("%s", reason)
            continue
        if engine.category == "cpu" and engine.is_simulated == simulated:
            offers.append(EngineOffer(name=name, release=engine.release()))
    return offers if simulated else [*offers, *_counter()]


def _counter() -> list[EngineOffer]:
    try:
        import onnx
    except ImportError as error:
        log.info("Complexity cannot be counted here: %s. Install onnx.", error)
        return []
    return [EngineOffer(name=COUNTER, release=onnx.__version__)]
