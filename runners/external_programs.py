"""Programs that GPUs and phones need and nobody packages: `doctor` tells of them before the hardware is there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from runners.gpu import settings as gpu
from runners.gpu.trtexec import ENGINE as TRTEXEC
from runners.hardware.base import Finding, HardwareAbsentError
from runners.phone import programs
from runners.phone import settings as phones

NO_ADB = "{program!r} is not on this host. Install it: apt-get install adb"


def programs_for(category: str, state_dir: Path) -> Iterator[Finding]:
    """What a category needs of which no hardware is there; hardware that is there tells of its own programs.

    A settings file that cannot be read has been told of by whoever looked for the hardware.
    """
    try:
        if category == "gpu":
            yield _trtexec(gpu.load(state_dir))
        if category == "phone":
            yield from _of_phones(phones.load(state_dir))
    except HardwareAbsentError:
        return


def finding_of(engine: str, state_dir: Path) -> Finding | None:
    """What `doctor` tells of the program by which an engine executes; None for an engine that is no program."""
    found = (finding for category in ("gpu", "phone") for finding in programs_for(category, state_dir))
    return next((finding for finding in found if finding.subject.split()[1:] == [engine]), None)


def _trtexec(settings: gpu.GpuSettings) -> Finding:
    path = settings.trtexec.found()
    return Finding(f"gpu {TRTEXEC}", path is not None, str(path or gpu.NO_TRTEXEC), is_needed=False)


def _of_phones(settings: phones.PhoneSettings) -> Iterator[Finding]:
    adb = shutil.which(settings.adb.program)
    yield Finding("phone adb", adb is not None, adb or NO_ADB.format(program=settings.adb.program), is_needed=False)
    for engine in programs.ENGINES:
        yield _of_engine(settings, engine)


def _of_engine(settings: phones.PhoneSettings, engine: str) -> Finding:
    subject = f"phone {engine}"
    try:
        program = programs.find(settings, engine)
    except programs.ProgramMissing as error:
        return Finding(subject, False, str(error), is_needed=False)
    return Finding(subject, True, f"{program.path}, release {program.release}", is_needed=False)
