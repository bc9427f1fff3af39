"""One invocation of a benchmark program on a phone: pinned, watched, and its end understood."""

from __future__ import annotations

import re
import shlex
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from runners.execute import CHILD_LONGEST_S, child_timeout_s
from runners.phone import cores, state
from runners.phone.adb import AdbTimeoutError, Answer, EndlessOutputError
from runners.phone.facts import PhoneFacts
from runners.phone.remote import Remote
from runners.phone.sampler import MOST_KEPT, Sample, Sampler, Watch
from runners.phone.state import PhoneState
from runners.privacy import public
from runners.supervise import AttemptFailed
from runners.tools.base import Summary, Tool
from runners.tools.messages import tool_summary
from runners.tools.reading import ToolOutputError
from runners.wire import Facts, FailureKind, Protocol, ToolSummary

SIGNALLED = 128
KILLED = 137
NOT_FOUND, NOT_EXECUTABLE = 127, 126
UNUSABLE = re.compile(
    r"CANNOT LINK EXECUTABLE|Exec format error|not executable|inaccessible or not found|not found", re.I
)
NO_TASKSET = re.compile(r"taskset\S* (?:not found|inaccessible)|taskset: not found")


@dataclass(frozen=True, slots=True)
class Invocation:
    """What is started, how often the attempt may start it, and on which cores."""

    remote: Remote
    tool: Tool
    folder: str
    arguments: Sequence[str]
    protocol: Protocol
    facts: PhoneFacts
    mask: str

    def run(self, ready: PhoneState, baseline_c: float | None, should_stop: threading.Event) -> ToolSummary:
        """Run the program once and read what it printed, with the phone's state before, meanwhile and after.

        Raises: `AttemptFailed`, `Stopped`, `runners.phone.adb.AdbError`.
        """
        started_at = datetime.now(UTC)
        watch = Watch(sorted(ready.zones), self._watched_cores, cores.little_mask(self.facts), self._pid_file)
        with Sampler(self.remote, watch) as sampler:
            answer = self._execute(should_stop)
        check_ended_well(answer, self.arguments[0])
        try:
            parsed = self.tool.parse(answer.output, warmup=self.protocol.warmup, repeats=self.protocol.repeats)
        except ToolOutputError as error:
            raise AttemptFailed(FailureKind.ENGINE, f"{self.tool.name} on the phone: {error}") from error
        if not isinstance(parsed, Summary):
            raise AttemptFailed(FailureKind.ENGINE, f"{self.tool.name} gave samples where a summary was expected.")
        after = state.read(self.remote)
        facts = self._facts(ready, after, baseline_c, sampler.samples)
        output = public(answer.output.strip("\n"), *self.facts.serials)
        return tool_summary(parsed, output=output, started_at=started_at, facts=facts)

    @property
    def command(self) -> str:
        """The program's path comes first among its arguments, so that it can be found among the phone's processes."""
        run = f"exec taskset {self.mask} {shlex.join(self.arguments)}"
        libraries = f"export LD_LIBRARY_PATH={shlex.quote(self.folder)}"
        # The shell around it waits for the program, so whoever watches knows by the shell whether the program runs.
        return f"echo $$ > {self._pid_file}; (cd {shlex.quote(self.folder)} && {libraries} && {run})"

    @property
    def _pid_file(self) -> str:
        return shlex.quote(f"{self.folder}/pid")

    @property
    def _watched_cores(self) -> list[int]:
        mask = cores.watched_mask(self.mask, self.facts, chooses_cores=self.tool.chooses_cores)
        return state.cores_of(mask)

    def _execute(self, should_stop: threading.Event) -> Answer:
        limit_s = min(child_timeout_s(self.protocol), CHILD_LONGEST_S)
        try:
            return self.remote.shell(self.command, timeout_s=limit_s, should_stop=should_stop)
        except AdbTimeoutError as error:
            reason = f"{self.tool.name} on the phone did not end within {limit_s:.0f} s."
            raise AttemptFailed(FailureKind.DEVICE, reason) from error
        except EndlessOutputError as error:
            raise AttemptFailed(FailureKind.ENGINE, f"{self.tool.name} was ended on the phone: {error}.") from error

    def _facts(
        self, before: PhoneState, after: PhoneState, baseline_c: float | None, samples: Sequence[Sample]
    ) -> Facts:
        """Units: as the names say; what the phone did not tell is None."""
        highest_khz = {core: self.facts.frequencies_khz[core] for core in self._watched_cores}
        seen_c = [before.temperature_c, *(sample.temperature_c for sample in samples), after.temperature_c]
        return {
            "mask": self.mask,
            "threads": self.protocol.threads,
            "temperature_from": before.temperature_from,
            "baseline_c": baseline_c,
            "temperature_before_c": before.temperature_c,
            "temperature_max_c": max((degrees for degrees in seen_c if degrees is not None), default=None),
            "temperature_after_c": after.temperature_c,
            "frequency_max_khz": max(highest_khz.values()),
            **cores.clocks(samples, highest_khz).facts(),
            "battery_percent": before.battery_percent,
            "battery_after_percent": after.battery_percent,
            "battery_c": before.battery_c,
            "is_charging": before.is_charging,
            "is_screen_on": after.is_screen_on,
            "samples": [sample.as_facts() for sample in samples[-MOST_KEPT:]],
        }


def check_ended_well(answer: Answer, program: str) -> None:
    """Raises: `AttemptFailed` of whoever is to blame for an exit code that is not 0."""
    code, name = answer.exit_code, program.rpartition("/")[2]
    if code == 0:
        return
    if NO_TASKSET.search(answer.output):
        raise AttemptFailed(FailureKind.DEVICE, "The phone has no taskset, so no program can be kept on its cores.")
    if code in (NOT_FOUND, NOT_EXECUTABLE) or (code < SIGNALLED and UNUSABLE.search(answer.output)):
        reason = f"{name} does not start on the phone: {answer.last_line} Build it for this phone, and name its libs."
        raise AttemptFailed(FailureKind.INFRASTRUCTURE, reason)
    if code == KILLED:
        raise AttemptFailed(FailureKind.DEVICE, f"The phone killed {name} (SIGKILL), as it does when memory runs out.")
    if code > SIGNALLED:
        reason = f"{name} crashed on the phone with signal {code - SIGNALLED}. Its last line: {answer.last_line}"
        raise AttemptFailed(FailureKind.ENGINE, reason)
    raise AttemptFailed(FailureKind.ENGINE, f"{name} ended with {code} on the phone: {answer.last_line}")
