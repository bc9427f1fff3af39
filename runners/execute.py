"""From an order and the artifact's verified files to the record: one attempt."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import psutil
from pydantic import ValidationError

from runners import conversion, environment
from runners.accuracy.journal import Follower, journal_path
from runners.accuracy.orders import ImageProgress, accuracy_input
from runners.conversion import Conversion
from runners.engines import get_engine
from runners.engines.base import EngineUnavailable
from runners.latency import engine_release, is_output_stable, latency_record
from runners.orders import (
    COUNTER,
    ChildOrder,
    CountedGraph,
    DatasetSource,
    EvaluatedImages,
    MeasuredProcess,
    order_sha256,
)
from runners.quiet import BusyHost, wait_until_quiet
from runners.steady_clock import SteadyClock
from runners.supervise import AttemptFailed, Stopped, run_child
from runners.wire import Facts, FailureKind, Progress, Protocol, ProtocolKind, Record, RunOrder

__all__ = ["AttemptFailed", "Execution", "Stopped", "execute"]

Answer = TypeVar("Answer", MeasuredProcess, EvaluatedImages)

INPUT_SEED = 0
WAITING_PHASE = "waiting for a quiet host"

CHILD_START_S = 120
SLOWEST_IMAGE_S = 2
CHILD_LONGEST_S = 4 * 3600
GPU_PLANNING_S = 1800
"""TensorRT tries kernels for every layer before it executes the network for the first time."""

COUNT_TIMEOUT_S = 300
COUNT_CPU_TIME_S = 120
COUNT_MEMORY_BYTES = 4 * 1024**3


@dataclass(frozen=True, slots=True)
class Execution:
    """All of a finished attempt that goes into a `ResultRequest` and is not in the order."""

    record: Record
    engine_release: str
    environment: Facts
    started_at: datetime
    finished_at: datetime


def execute(
    order: RunOrder,
    *,
    artifact_dir: Path,
    work_dir: Path,
    on_progress: Callable[[Progress], None],
    should_stop: threading.Event,
    busy_host: BusyHost = BusyHost.FLAG,
    kept_dir: Path | None = None,
    images: DatasetSource | None = None,
    gpu_uuid: str | None = None,
) -> Execution:
    """Do what the order says. Called again with the same `work_dir`, it takes over the processes that had finished.

    `kept_dir` belongs to the artifact and keeps for later attempts what it was converted to and, of an accuracy that
    was interrupted, the images that were executed; by default it is in `work_dir`.
    `images` is where the order's dataset is on this machine, for an accuracy. `gpu_uuid` is the GPU to execute on.

    Raises: `AttemptFailed`, `Stopped`.
    """
    attempt = _Attempt(order, artifact_dir, work_dir, should_stop, busy_host, gpu_uuid)
    try:
        work_dir.mkdir(parents=True, exist_ok=True)
        if order.protocol.kind == ProtocolKind.COMPLEXITY:
            return _count(attempt, on_progress)
        kept_dir = kept_dir or work_dir / "kept"
        if order.protocol.kind == ProtocolKind.ACCURACY:
            return _evaluate(attempt, on_progress, kept_dir, images)
        return _measure(attempt, on_progress, kept_dir)
    except EngineUnavailable as error:
        raise AttemptFailed(FailureKind.INFRASTRUCTURE, str(error)) from error
    except OSError as error:
        reason = f"The agent cannot start a process or write to its work folder: {error}."
        raise AttemptFailed(FailureKind.INFRASTRUCTURE, reason) from error


def _measure(attempt: _Attempt, on_progress: Callable[[Progress], None], kept_dir: Path) -> Execution:
    """Run the protocol's processes one after another, the engine loaded in each."""
    protocol, clock = attempt.order.protocol, SteadyClock()
    cpus = pinned_cpus(protocol.threads, is_simulated=_is_simulated(attempt.order.engine))
    converted = attempt.converted(kept_dir, tuple(protocol.input_shape))
    if converted is not None:
        attempt = replace(attempt, artifact_dir=converted.folder)

    def wait(number: int, why: str) -> None:
        on_progress(Progress(phase=WAITING_PHASE, done=number - 1, total=protocol.processes, detail=why))

    processes = []
    for number in range(1, protocol.processes + 1):
        processes.append(attempt.measured(number, cpus, on_wait=partial(wait, number)))
        on_progress(Progress(phase="process", done=number, total=protocol.processes))
    return Execution(
        record=latency_record(processes, converted),
        engine_release=engine_release(processes),
        environment=environment.facts()
        | {
            "input_seed": INPUT_SEED,
            "threads": protocol.threads,
            "cpus": cpus,
            "pinning": processes[0].samples.facts["pinning"],
            "busy_host_policy": attempt.busy_host.value,
            "is_output_stable": is_output_stable(processes),
            "converter": asdict(converted.converter) if converted else None,
        },
        started_at=min(clock.started_at, processes[0].samples.started_at),
        finished_at=clock.now(),
    )


def _evaluate(
    attempt: _Attempt, on_progress: Callable[[Progress], None], kept_dir: Path, images: DatasetSource | None
) -> Execution:
    """Every image once. The process is not pinned: nothing is timed, and decoding may use every CPU."""
    source, image_shape = accuracy_input(attempt.order, images)
    converted = attempt.converted(kept_dir, image_shape)
    if converted is not None:
        attempt = replace(attempt, artifact_dir=converted.folder)
    clock = SteadyClock()
    journal = journal_path(kept_dir / "journals", attempt.order)
    evaluated = attempt.evaluated(source, journal, on_progress)
    journal.unlink(missing_ok=True)
    converter = asdict(converted.converter) if converted else None
    return Execution(
        record=evaluated.record,
        engine_release=evaluated.engine_release,
        environment=environment.facts() | evaluated.facts | {"converter": converter},
        started_at=clock.started_at,
        finished_at=clock.now(),
    )


def _count(attempt: _Attempt, on_progress: Callable[[Progress], None]) -> Execution:
    engine_name, clock = attempt.order.engine, SteadyClock()
    if engine_name != COUNTER and not _is_simulated(engine_name):
        reason = f"Complexity is counted by engine {COUNTER!r}, not by {engine_name!r}."
        raise AttemptFailed(FailureKind.USER, reason)
    counted = attempt.count()
    on_progress(Progress(phase="count", done=1, total=1))
    return Execution(
        record=counted.record,
        engine_release=counted.engine_release,
        environment=environment.facts(),
        started_at=clock.started_at,
        finished_at=clock.now(),
    )


@dataclass(frozen=True, slots=True)
class _Attempt:
    order: RunOrder
    artifact_dir: Path
    work_dir: Path
    should_stop: threading.Event
    busy_host: BusyHost
    gpu_uuid: str | None

    def count(self) -> CountedGraph:
        """Count the graph in a child that can take neither much memory nor much time."""
        answer_path = self.work_dir / "count.json"
        self._run_child(
            answer_path,
            cpus=[],
            timeout_s=COUNT_TIMEOUT_S,
            memory_bytes=COUNT_MEMORY_BYTES,
            cpu_time_s=COUNT_CPU_TIME_S,
        )
        return CountedGraph.model_validate_json(answer_path.read_bytes())

    def converted(self, kept_dir: Path, image_shape: tuple[int, ...]) -> Conversion | None:
        """The artifact as the engine needs it; made before any process, so that no time holds it."""
        return conversion.obtain(
            self.order,
            artifact_dir=self.artifact_dir,
            kept_in=kept_dir / "converted",
            image_shape=image_shape,
            should_stop=self.should_stop,
        )

    def measured(self, number: int, cpus: list[int], *, on_wait: Callable[[str], None]) -> MeasuredProcess:
        """One process: the one on disk, if an earlier call left it for this very order, else a new one."""
        answer_path = self.work_dir / f"process-{number}.json"
        found = _read_answer(MeasuredProcess, answer_path, self.order)
        if found is not None:
            return found
        if self.busy_host == BusyHost.REFUSE:
            wait_until_quiet(cpus, should_stop=self.should_stop, on_wait=on_wait)
        self._run_child(
            answer_path,
            cpus=cpus,
            timeout_s=child_timeout_s(self.order.protocol) + (GPU_PLANNING_S if self.gpu_uuid else 0),
            # CUDA reserves addresses for the memory of all GPUs and of the host, far more than there is.
            memory_bytes=None if self.gpu_uuid else psutil.virtual_memory().total,
            cpu_time_s=None,
        )
        return MeasuredProcess.model_validate_json(answer_path.read_bytes())

    def evaluated(
        self, images: DatasetSource, journal: Path, on_progress: Callable[[Progress], None]
    ) -> EvaluatedImages:
        """The answer on disk, if an earlier call left it for this very order, else after the images of the journal."""
        answer_path = self.work_dir / "accuracy.json"
        total = self.order.dataset.images if self.order.dataset else 0
        found = _read_answer(EvaluatedImages, answer_path, self.order)
        if found is not None:
            return found
        tell = ImageProgress(Follower(journal), total, on_progress)
        self._run_child(
            answer_path,
            cpus=[],
            timeout_s=CHILD_START_S + SLOWEST_IMAGE_S * total,
            memory_bytes=psutil.virtual_memory().total,
            cpu_time_s=None,
            images=images,
            journal=journal,
            on_tick=tell,
        )
        tell()
        return EvaluatedImages.model_validate_json(answer_path.read_bytes())

    def _run_child(
        self,
        answer_path: Path,
        *,
        cpus: list[int],
        timeout_s: float,
        memory_bytes: int | None,
        cpu_time_s: int | None,
        images: DatasetSource | None = None,
        journal: Path | None = None,
        on_tick: Callable[[], None] = lambda: None,
    ) -> None:
        error_path = answer_path.with_suffix(".error.json")
        error_path.unlink(missing_ok=True)
        child_order = ChildOrder(
            order=self.order,
            artifact_dir=self.artifact_dir.resolve(),
            images=images,
            journal_path=journal.resolve() if journal else None,
            seed=INPUT_SEED,
            cpus=cpus,
            gpu_uuid=self.gpu_uuid,
            memory_bytes=memory_bytes,
            cpu_time_s=cpu_time_s,
            answer_path=answer_path.resolve(),
            error_path=error_path.resolve(),
            parent_pid=os.getpid(),
        )
        log_path = answer_path.with_suffix(".log")
        run_child(child_order, log_path=log_path, timeout_s=timeout_s, should_stop=self.should_stop, on_tick=on_tick)


def child_timeout_s(protocol: Protocol) -> float:
    """How long one process may take: far more than any network that is worth measuring needs."""
    images = (1 + protocol.warmup + protocol.repeats) * protocol.batch_size
    return min(CHILD_START_S + 2 * protocol.min_duration_s + SLOWEST_IMAGE_S * images, CHILD_LONGEST_S)


def pinned_cpus(threads: int, *, is_simulated: bool) -> list[int]:
    """The last CPUs of this machine, one per thread: systems give their own work to the first ones.

    Empty where the system cannot pin. A simulated device may have more threads than this machine has CPUs.

    Raises: `AttemptFailed`.
    """
    usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    available = len(usable) or os.cpu_count() or 1
    if threads > available and not is_simulated:
        reason = f"The protocol asks for {threads} threads, one per CPU; this machine offers {available}."
        raise AttemptFailed(FailureKind.USER, reason)
    return usable[-threads:]


def _is_simulated(engine_name: str) -> bool:
    try:
        return get_engine(engine_name).is_simulated
    except EngineUnavailable as error:
        raise AttemptFailed(FailureKind.INFRASTRUCTURE, str(error)) from error


def _read_answer(kind: type[Answer], path: Path, order: RunOrder) -> Answer | None:
    try:
        answer = kind.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    return answer if answer.order_sha256 == order_sha256(order) else None
