"""What works on this machine, and for what does not, how to get it."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from runners import wire
from runners.agent import CLOCK_SKEW_WARNING_S
from runners.answers import SiteError, TokenRejectedError
from runners.client import SiteClient
from runners.config import ConfigError, StateFolder
from runners.engines import ENGINES, get_engine
from runners.engines.base import EngineUnavailable
from runners.external_programs import programs_for
from runners.hardware.base import Finding
from runners.hardware.discovery import Search, look
from runners.hardware.host import KEY
from runners.machine import local_device
from runners.phone.settings import FILE_NAME as PHONES_FILE
from runners.spool import Spool
from runners.supervise import AttemptFailed

WANTED_FREE_BYTES = 1 << 30
LEAST_SKEW_S = 0.1
"""Less than that may be the network's way there and back."""

PHONES_UNASKED = "not looked for, as nobody wrote {file}; it may be empty. See docs/how-to/phone-lab.md"


def examine(folder: StateFolder, *, simulated: bool) -> Iterator[Finding]:
    yield from _site(folder)
    chosen = _chosen_engines(folder)
    hardware = _chosen_hardware(folder)
    yield _device(simulated=simulated, chosen=chosen, is_needed=not hardware or KEY in hardware)
    for name in ENGINES:
        yield _engine(name, chosen)
    yield from _other_hardware(folder, hardware, simulated=simulated)
    yield _disk(folder)
    yield _spool(folder)


def _site(folder: StateFolder) -> Iterator[Finding]:
    try:
        config = folder.load()
        client = SiteClient(config.site, config.token)
    except ConfigError as error:
        yield Finding("site", False, str(error))
        return
    try:
        asked_at = datetime.now(UTC)
        answer = client.heartbeat(wire.HeartbeatRequest(client_time=asked_at))
    except TokenRejectedError as error:
        yield Finding("site", True, f"{config.site} answers")
        yield Finding("token", False, f"agent {config.name} ({config.agent_id}) is refused: {error.said}")
        return
    except SiteError as error:
        yield Finding("site", False, str(error))
        return
    finally:
        client.close()
    now = datetime.now(UTC)
    yield Finding("site", True, f"{config.site} answers in {(now - asked_at).total_seconds() * 1e3:.0f} ms")
    yield Finding("token", True, f"agent {config.name} ({config.agent_id}) is known to the site")
    skew_s = (asked_at + (now - asked_at) / 2 - answer.settings.server_time).total_seconds()
    is_ok = abs(skew_s) <= CLOCK_SKEW_WARNING_S
    advice = "" if is_ok else ". Switch on NTP: timedatectl set-ntp true"
    yield Finding("clock", is_ok, f"{skew_text(skew_s)}{advice}")


def skew_text(skew_s: float) -> str:
    """How far this clock is off the site's; what the network's way may have made is not called a difference."""
    if abs(skew_s) < LEAST_SKEW_S:
        return f"within {LEAST_SKEW_S:g} s of the site's"
    return f"{abs(skew_s):.1f} s {'ahead of' if skew_s > 0 else 'behind'} the site's"


def _chosen_engines(folder: StateFolder) -> tuple[str, ...] | None:
    try:
        return folder.load().engines
    except ConfigError:
        return None


def _device(*, simulated: bool, chosen: tuple[str, ...] | None, is_needed: bool) -> Finding:
    try:
        device = local_device(simulated, None if simulated else chosen)
    except (EngineUnavailable, ValueError) as error:
        return Finding("device", False, str(error), is_needed=is_needed)
    engines = ", ".join(f"{engine.name} {engine.release}" for engine in device.engines)
    return Finding("device", True, f"{device.kind_name} ({device.category}), offers {engines}")


def _engine(name: str, chosen: tuple[str, ...] | None) -> Finding:
    """An engine that was chosen at enrolment is needed; every other one is only told of."""
    is_chosen = chosen is not None and name in chosen
    try:
        engine = get_engine(name)
    except EngineUnavailable as error:
        return Finding(f"engine {name}", False, str(error), is_needed=is_chosen)
    converter = engine.converter()
    text = f"release {engine.release()}" + (
        f", converts with {converter.name} {converter.release}" if converter else ""
    )
    if chosen is not None and not is_chosen and not engine.is_simulated:
        text += "; not offered, as it was not chosen at enrolment"
    return Finding(f"engine {name}", True, text, is_needed=False)


def _other_hardware(folder: StateFolder, chosen: Collection[str], *, simulated: bool) -> Iterator[Finding]:
    """GPUs, and phones where the owner has to do with phones: only then is an adb server started or asked."""
    has_phones = (folder.root / PHONES_FILE).is_file() or any(key.startswith("phone:") for key in chosen)
    found = look(Search(folder, is_simulated=simulated), ["gpu", "phone"] if has_phones else ["gpu"])
    for hardware in found.hardware:
        yield from hardware.findings()
        if hardware.key not in chosen:
            yield Finding(hardware.label, False, "not chosen: zooboard-runner choose asks again", is_needed=False)
    unasked = {} if has_phones else {"phone": PHONES_UNASKED.format(file=folder.root / PHONES_FILE)}
    for category, reason in (found.absent | unasked).items():
        is_needed = any(key.startswith(f"{category}:") for key in chosen)
        yield Finding(category, False, reason, is_needed=is_needed)
        yield from programs_for(category, folder.root)
    for key in sorted(set(chosen) - {KEY} - {hardware.key for hardware in found.hardware}):
        yield Finding(key, False, "was chosen and is not there now", is_needed=False)


def _chosen_hardware(folder: StateFolder) -> tuple[str, ...]:
    try:
        return folder.load().chosen
    except ConfigError:
        return ()


def examine_accuracy() -> Finding:
    """Whether a trained network classifies rendered lines of text as well here as elsewhere."""
    # Only here, because a doctor that is not asked for it needs no decoder of images.
    from runners.accuracy import self_check, text_angle

    try:
        outcome = self_check.run()
    except (AttemptFailed, ImportError, text_angle.LibraryMissingError) as error:
        return Finding("accuracy", False, str(error))
    low, high = outcome.interval
    text = (
        f"{outcome.right / outcome.images:.1%} [{low:.1%}, {high:.1%}] of {outcome.images} rendered lines of text, "
        f"{outcome.images_per_s:.0f} images/s"
    )
    if not outcome.is_plausible:
        text += (
            f". At least {self_check.LEAST_SHARE:.0%} was to be expected: reinstall Pillow and {self_check.ENGINE}, "
            "and measure no accuracy here before this is well"
        )
    return Finding("accuracy", outcome.is_plausible, text)


def _disk(folder: StateFolder) -> Finding:
    free_bytes = shutil.disk_usage(folder.root).free
    is_ok = free_bytes >= WANTED_FREE_BYTES
    advice = "" if is_ok else f". Free 1 GiB, or delete {folder.artifacts}: artifacts are fetched again"
    return Finding("disk", is_ok, f"{free_bytes / (1 << 30):.1f} GiB free in {folder.root}{advice}")


def _spool(folder: StateFolder) -> Finding:
    waiting = len(Spool(folder.spool, folder.rejected).pending())
    refused = len(list(folder.rejected.glob("*.answer.json")))
    if refused:
        return Finding("results", False, f"the site refused {refused}; the reasons are in {folder.rejected}")
    return Finding("results", True, f"{waiting} waiting for upload")
