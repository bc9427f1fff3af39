"""One attempt on a phone: a folder of its own, the program invoked as often as the protocol says, and a clean phone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from runners import __version__, environment
from runners.execute import Execution
from runners.phone import cores, folder, models
from runners.phone.adb import AdbError
from runners.phone.baseline import Baselines
from runners.phone.facts import PhoneFacts
from runners.phone.folder import RemoteFolder
from runners.phone.invocation import Invocation
from runners.phone.models import ModelFiles
from runners.phone.policy import Policy, wait_until_ready
from runners.phone.programs import Program
from runners.phone.remote import Remote
from runners.steady_clock import SteadyClock
from runners.supervise import AttemptFailed
from runners.tools.base import ToolUnusable
from runners.tools.messages import summary_record
from runners.wire import Facts, FailureKind, Progress, ProtocolKind, RunOrder, ToolSummary


@dataclass(frozen=True, slots=True)
class PhoneAttempt:
    """Everything that an attempt needs, once it is known which phone and which program it is."""

    order: RunOrder
    remote: Remote
    facts: PhoneFacts
    program: Program
    policy: Policy
    baselines: Baselines
    on_progress: Callable[[Progress], None]
    should_stop: threading.Event

    def run(self, *, artifact_dir: Path, kept_dir: Path) -> Execution:
        """Raises: `AttemptFailed`, `Stopped`."""
        clock = SteadyClock()
        try:
            self._check_order()
            mask = cores.mask_for(self.order.protocol.threads, self.facts)
            files = models.obtain(
                self.order,
                self.program.tool,
                artifact_dir=artifact_dir,
                kept_dir=kept_dir,
                should_stop=self.should_stop,
            )
            invocations = self._on_clean_phone(files, mask)
        except ToolUnusable as error:
            raise AttemptFailed(FailureKind.USER, str(error)) from error
        except AdbError as error:
            raise AttemptFailed(error.kind, _sentence(error)) from error
        release = self._release(invocations)
        return Execution(
            record=summary_record(
                invocations, tool=self.program.tool.name, tool_release=release, executed_files=files.executed
            ),
            engine_release=release,
            environment=self._environment(files, mask),
            started_at=clock.started_at,
            finished_at=clock.now(),
        )

    def _check_order(self) -> None:
        """Raises: `AttemptFailed`."""
        if self.order.protocol.kind != ProtocolKind.LATENCY:
            reason = f"A phone measures latency; {self.order.protocol.kind} is the business of the host."
            raise AttemptFailed(FailureKind.USER, reason)

    def _on_clean_phone(self, files: ModelFiles, mask: str) -> list[ToolSummary]:
        """Raises: `AttemptFailed`, `Stopped`, `AdbError`, `ToolUnusable`."""
        self._show("cleaning the phone")
        folder.clean(self.remote)
        try:
            invocation = self._pushed(files, mask)
            return [self._invoked(invocation, number) for number in range(1, self.order.protocol.processes + 1)]
        finally:
            self._leave_clean()

    def _pushed(self, files: ModelFiles, mask: str) -> Invocation:
        """The program and the model on the phone, ready to be started."""
        self._show("pushing to the phone")
        protocol = self.order.protocol
        target = RemoteFolder(self.remote)
        program = target.push_program(self.program.path, self.program.libs, self.should_stop)
        arguments = self.program.tool.arguments(
            program,
            target.push_model(files.paths, self.should_stop),
            threads=protocol.threads,
            warmup=protocol.warmup,
            repeats=protocol.repeats,
            input_shape=tuple(protocol.input_shape),
            batch_size=protocol.batch_size,
            # A phone's protocol leaves the precision to the network, which is what its program executes.
            precision=self.order.artifact.precision,
        )
        return Invocation(self.remote, self.program.tool, target.path, arguments, protocol, self.facts, mask)

    def _invoked(self, invocation: Invocation, number: int) -> ToolSummary:
        fingerprint, done = self.order.device_fingerprint, number - 1
        ready, baseline_c = wait_until_ready(
            self.remote,
            policy=self.policy,
            baseline_of=lambda degrees: self.baselines.lower(fingerprint, degrees),
            should_stop=self.should_stop,
            on_wait=lambda phase: self._show(phase, done),
        )
        self._show("invocation", done)
        summary = invocation.run(ready, baseline_c, self.should_stop)
        self._show("invocation", number)
        return summary

    def _leave_clean(self) -> None:
        """A phone that has gone cannot be cleaned now: the next attempt, self-check or start of the agent does it."""
        try:
            folder.clean(self.remote)
        except AdbError:
            return

    def _show(self, phase: str, done: int = 0) -> None:
        self.on_progress(Progress(phase=phase, done=done, total=self.order.protocol.processes))

    def _release(self, invocations: list[ToolSummary]) -> str:
        """What the program prints of itself, else what the owner or its hash says."""
        return self.program.tool.release(invocations[0].output)[:100] or self.program.release

    def _environment(self, files: ModelFiles, mask: str) -> Facts:
        return {
            "runner": __version__,
            "phone": self.facts.as_facts(),
            "host": environment.facts(),
            "program": self.program.facts(),
            "threads": self.order.protocol.threads,
            "mask": mask,
            "policy": self.policy.facts(),
            "converter": asdict(files.converter) if files.converter else None,
        }


def _sentence(error: Exception) -> str:
    text = str(error).strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
