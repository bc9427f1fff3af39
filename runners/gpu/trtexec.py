"""One attempt with `trtexec`: as many invocations as the protocol has processes, every sample of each."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from runners import environment
from runners.execute import GPU_PLANNING_S, AttemptFailed, Execution, child_timeout_s
from runners.gpu import program
from runners.steady_clock import SteadyClock
from runners.tools.base import Samples, ToolUnusable
from runners.tools.messages import latency_record, process_samples
from runners.tools.reading import ToolOutputError
from runners.tools.trtexec import Trtexec
from runners.wire import Artifact, FailureKind, ProcessSamples, Progress, RunOrder

ENGINE = "trtexec"


@dataclass(frozen=True, slots=True)
class TrtexecAttempt:
    order: RunOrder
    program: Path
    gpu_uuid: str
    on_progress: Callable[[Progress], None]
    should_stop: threading.Event

    def run(self, *, artifact_dir: Path, work_dir: Path) -> Execution:
        """Raises: `AttemptFailed`, `Stopped`."""
        clock, protocol = SteadyClock(), self.order.protocol
        work_dir.mkdir(parents=True, exist_ok=True)
        processes, releases = [], set()
        for number in range(1, protocol.processes + 1):
            samples, release = self._invoked(artifact_dir, work_dir, number)
            processes.append(samples)
            releases.add(release)
            self.on_progress(Progress(phase="process", done=number, total=protocol.processes))
        if len(releases) > 1:
            raise AttemptFailed(FailureKind.INFRASTRUCTURE, "trtexec was replaced during the attempt: measure anew.")
        return Execution(
            record=latency_record(processes),
            engine_release=releases.pop(),
            environment=environment.facts() | {"program": self.program.name, "threads": protocol.threads},
            started_at=clock.started_at,
            finished_at=clock.now(),
        )

    def _invoked(self, artifact_dir: Path, work_dir: Path, number: int) -> tuple[ProcessSamples, str]:
        """Raises: `AttemptFailed`, `Stopped`."""
        tool, started_at = Trtexec(), datetime.now(UTC)
        times = work_dir / f"times-{number}.json"
        times.unlink(missing_ok=True)
        output = program.invoke(
            self._arguments(tool, artifact_dir, times),
            gpu_uuid=self.gpu_uuid,
            log_path=work_dir / f"trtexec-{number}.log",
            timeout_s=child_timeout_s(self.order.protocol) + GPU_PLANNING_S,
            should_stop=self.should_stop,
        )
        try:
            parsed = tool.parse(output, times=times.read_text())
        except (ToolOutputError, OSError) as error:
            raise AttemptFailed(FailureKind.ENGINE, f"trtexec: {error}") from error
        if not isinstance(parsed, Samples):
            raise AttemptFailed(FailureKind.ENGINE, "trtexec wrote no samples.")
        return process_samples(parsed, started_at=started_at), tool.release(output)

    def _arguments(self, tool: Trtexec, artifact_dir: Path, times: Path) -> list[str]:
        """Raises: `AttemptFailed`."""
        protocol, artifact = self.order.protocol, self.order.artifact
        _check_artifact(artifact, protocol.precision)
        try:
            return tool.arguments(
                str(self.program),
                [str(artifact_dir / file.name) for file in artifact.files],
                threads=protocol.threads,
                warmup=protocol.warmup,
                repeats=protocol.repeats,
                input_shape=tuple(protocol.input_shape),
                batch_size=protocol.batch_size,
                precision=protocol.precision,
                times_file=str(times),
            )
        except ToolUnusable as error:
            raise AttemptFailed(FailureKind.USER, str(error)) from error


def _check_artifact(artifact: Artifact, precision: str) -> None:
    """Raises: `AttemptFailed`."""
    if artifact.format not in Trtexec.artifact_formats:
        reason = f"trtexec takes an artifact of format {Trtexec.loads}; this is {artifact.format}."
        raise AttemptFailed(FailureKind.USER, reason)
    if artifact.precision not in (precision, "fp32") or (precision == "int8" and artifact.precision != "int8"):
        reason = f"The protocol asks for {precision}, and the artifact is {artifact.precision}: give one in FP32."
        raise AttemptFailed(FailureKind.USER, reason)
