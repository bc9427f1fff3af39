"""A phone as a device of the agent: whether it is there, what it offers, and whether it is fit to measure."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from runners.execute import Execution
from runners.hardware.base import Finding, Hardware
from runners.orders import DatasetSource
from runners.phone import facts, folder, programs, state
from runners.phone.adb import AdbError, Attached
from runners.phone.baseline import Baselines
from runners.phone.facts import PhoneFacts
from runners.phone.measure import PhoneAttempt
from runners.phone.remote import Remote
from runners.phone.settings import PhoneSettings
from runners.quiet import BusyHost
from runners.supervise import AttemptFailed
from runners.wire import DeviceOffer, FailureKind, Progress, RunOrder

NEEDED_FREE_KIB = 200 * 1024
"""A benchmark program with its libraries and the largest network of the catalogue take some 100 MiB."""
ADVICE = {
    "unauthorized": "unlock it and allow USB debugging for this host",
    "offline": "pull its cable out and in, or restart it",
    "no permissions": "add a udev rule for it, see docs/how-to/phone-lab.md",
}


class Phone(Hardware):
    """One adb serial. Facts are read again whenever adb has a new connection to it: it may be another phone then."""

    def __init__(
        self, remote: Remote, settings: PhoneSettings, baselines: Baselines, *, simulated: bool = False
    ) -> None:
        self._remote = remote
        self._settings = settings
        self._baselines = baselines
        self._is_simulated = simulated
        self._facts: PhoneFacts | None = None
        self._connection = ""

    @property
    def key(self) -> str:
        return f"phone:{self._remote.serial}"

    @property
    def label(self) -> str:
        name = f"{self._facts.kind_name}, {self._facts.name}" if self._facts else "phone"
        return f"{name} (serial {self._remote.serial})"

    def offer(self) -> DeviceOffer | None:
        try:
            read = self._known_facts()
        except AdbError:
            return None
        working = programs.usable(self._settings)
        if read is None or not working:
            return None
        is_simulated = self._is_simulated or read.is_simulated
        return DeviceOffer(
            fingerprint=read.fingerprint(is_simulated=is_simulated),
            category="phone",
            kind_name=read.kind_name,
            is_simulated=is_simulated,
            engines=[program.offer() for program in working.values()],
            facts=read.as_facts(),
        )

    def measure(
        self,
        order: RunOrder,
        *,
        artifact_dir: Path,
        work_dir: Path,
        kept_dir: Path,
        on_progress: Callable[[Progress], None],
        should_stop: threading.Event,
        busy_host: BusyHost,
        images: DatasetSource | None,
    ) -> Execution:
        """`busy_host` is of no consequence: the phone measures, and the host only waits."""
        attempt = PhoneAttempt(
            order=order,
            remote=self._remote,
            facts=self._facts_of(order),
            program=self._program(order),
            policy=self._settings.policy,
            baselines=self._baselines,
            on_progress=on_progress,
            should_stop=should_stop,
        )
        return attempt.run(artifact_dir=artifact_dir, kept_dir=kept_dir)

    def self_check(self) -> tuple[bool, str]:
        """Whether it answers, can be cleaned, takes a file, pins a program and tells its state."""
        try:
            removed = folder.clean(self._remote)
            target = folder.RemoteFolder(self._remote)
            self._remote.run(f"echo well > {target.path}/check && cat {target.path}/check")
            folder.clean(self._remote)
        except AdbError as error:
            return False, f"{error}."
        is_well, text = self._look()
        cleaned = f" Removed of earlier attempts: {removed} folder{'s' if removed > 1 else ''}." if removed else ""
        return is_well, text + cleaned

    def clean_up(self) -> None:
        try:
            if self._attached() is not None:
                folder.clean(self._remote)
        except AdbError:
            # It is cleaned before the next attempt anyway; one that is not well is found out by the self-check.
            return

    def findings(self) -> Iterable[Finding]:
        try:
            found = self._listed()
            read = self._known_facts()
        except AdbError as error:
            return [Finding(self.label, False, str(error), is_needed=False)]
        if read is None or found is None:
            return [Finding(self.label, False, _not_usable(found), is_needed=False)]
        return [self._finding(read), *(self._engine_finding(engine) for engine in programs.ENGINES)]

    def _finding(self, read: PhoneFacts) -> Finding:
        is_well, text = self._look()
        simulated = ", simulated" if self._is_simulated or read.is_simulated else ""
        shown = f"Android {read.properties.get('ro.build.version.release', 'unknown')}{simulated}. {text}"
        return Finding(self.label, is_well, shown, is_needed=False)

    def _look(self) -> tuple[bool, str]:
        """Whether it could measure, without touching anything: an attempt may run on it."""
        try:
            self._remote.run("taskset 1 true")
            free_kib = self._free_kib()
            now = state.read(self._remote)
        except AdbError as error:
            return False, f"{error}."
        if free_kib is not None and free_kib < NEEDED_FREE_KIB:
            return False, f"{free_kib // 1024} MiB are free on the phone's /data, {NEEDED_FREE_KIB // 1024} are needed."
        shown = f"{now.battery_percent:.0f} % battery" if now.battery_percent is not None else "battery unknown"
        heat = f"{now.temperature_c:.1f} °C" if now.temperature_c is not None else "temperature unknown"
        return True, f"The phone answers and pins programs; {shown}, {heat}."

    def _engine_finding(self, engine: str) -> Finding:
        subject = f"{self._remote.serial} {engine}"
        try:
            program = programs.find(self._settings, engine)
        except programs.ProgramMissing as error:
            return Finding(subject, False, str(error), is_needed=False)
        return Finding(subject, True, f"{program.path}, release {program.release}", is_needed=False)

    def _listed(self) -> Attached | None:
        listed = self._remote.adb.devices()
        return next((each for each in listed if each.serial == self._remote.serial), None)

    def _attached(self) -> Attached | None:
        found = self._listed()
        return found if found is not None and found.state == "device" else None

    def _known_facts(self) -> PhoneFacts | None:
        """None for a phone that is not attached. Raises: `AdbError`."""
        found = self._attached()
        if found is None:
            self._connection = ""
            return None
        connection = found.details.get("transport_id", "")
        if self._facts is None or not connection or connection != self._connection:
            self._facts = facts.read(self._remote)
            self._connection = connection
        return self._facts

    def _facts_of(self, order: RunOrder) -> PhoneFacts:
        """Raises: `AttemptFailed` unless the very phone of the order is attached now."""
        try:
            read = facts.read(self._remote)
        except AdbError as error:
            raise AttemptFailed(error.kind, f"{error}.") from error
        is_simulated = self._is_simulated or read.is_simulated
        if read.fingerprint(is_simulated=is_simulated) != order.device_fingerprint:
            self._facts = None
            reason = f"Attached is another phone now ({read.kind_name}) than the one that was offered."
            raise AttemptFailed(FailureKind.DEVICE, reason)
        self._facts = read
        return read

    def _program(self, order: RunOrder) -> programs.Program:
        """Raises: `AttemptFailed`."""
        try:
            return programs.find(self._settings, order.engine)
        except programs.ProgramMissing as error:
            raise AttemptFailed(FailureKind.INFRASTRUCTURE, f"{order.engine} on a phone {error}.") from error

    def _free_kib(self) -> int | None:
        """Of the partition that takes the files; None where `df` prints something else."""
        words = self._remote.run(f"df -k {folder.PARENT}").strip().splitlines()[-1].split()
        return int(words[3]) if len(words) > 3 and words[3].isdigit() else None


def _not_usable(found: Attached | None) -> str:
    if found is None:
        return "not attached: see to its cable, and whether it is switched on"
    return f"{found.state}: {ADVICE.get(found.state, 'see docs/how-to/phone-lab.md')}"
