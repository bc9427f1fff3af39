"""One GPU as a device of the agent: what really executes on it, and how it is measured."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from runners.engines import get_engine
from runners.engines.base import EngineUnavailable
from runners.execute import AttemptFailed, Execution, execute
from runners.gpu import probe, program
from runners.gpu.busy import wait_until_free
from runners.gpu.facts import GpuFacts
from runners.gpu.nvml import GpuLostError, Nvml
from runners.gpu.sampler import Sampler, with_states
from runners.gpu.settings import NO_TRTEXEC, GpuSettings
from runners.gpu.trtexec import ENGINE as TRTEXEC
from runners.gpu.trtexec import TrtexecAttempt
from runners.hardware.base import Finding, Hardware
from runners.orders import DatasetSource
from runners.quiet import BusyHost
from runners.wire import DeviceOffer, EngineOffer, FailureKind, LatencyRecord, Progress, ProtocolKind, RunOrder

ENGINES = ("onnxruntime-tensorrt", "onnxruntime-cuda")


class Gpu(Hardware):
    """What works on it is found out once, by executing something: engines do not come and go while the agent runs."""

    def __init__(
        self, nvml: Nvml, facts: GpuFacts, settings: GpuSettings, *, index: int, engines: Iterable[str] = ENGINES
    ) -> None:
        self._nvml = nvml
        self._facts = facts
        self._settings = settings
        self._index = index
        self._wanted = tuple(engines)
        self._working: dict[str, str] | None = None
        self._reasons: dict[str, str] = {}

    @property
    def key(self) -> str:
        return f"gpu:{self._facts.uuid_sha256[:16]}"

    @property
    def label(self) -> str:
        return f"{self._facts.kind_name} (GPU {self._index})"

    def offer(self) -> DeviceOffer | None:
        try:
            facts = self._nvml.facts(self._facts.uuid)
        except GpuLostError:
            return None
        engines = [EngineOffer(name=name, release=release) for name, release in self._engines().items()]
        if not engines:
            return None
        return DeviceOffer(
            fingerprint=facts.fingerprint,
            category="gpu",
            kind_name=facts.kind_name,
            engines=engines,
            facts=facts.as_facts(),
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
        if order.protocol.kind != ProtocolKind.LATENCY:
            reason = f"A GPU measures latency; {order.protocol.kind} is the business of the host."
            raise AttemptFailed(FailureKind.USER, reason)
        uuid = self._facts.uuid
        try:
            facts = self._nvml.facts(uuid)
            others = wait_until_free(
                lambda: self._nvml.state(uuid),
                busy_host,
                should_stop=should_stop,
                on_wait=lambda: on_progress(Progress(phase="waiting for a free GPU")),
            )
        except GpuLostError as error:
            raise AttemptFailed(FailureKind.DEVICE, f"{error}.") from error
        with Sampler(self._nvml, uuid) as sampler:
            if order.engine == TRTEXEC:
                attempt = TrtexecAttempt(order, self._trtexec(), uuid, on_progress, should_stop)
                execution = attempt.run(artifact_dir=artifact_dir, work_dir=work_dir)
            else:
                execution = execute(
                    order,
                    artifact_dir=artifact_dir,
                    work_dir=work_dir,
                    kept_dir=kept_dir,
                    on_progress=on_progress,
                    should_stop=should_stop,
                    busy_host=busy_host,
                    gpu_uuid=uuid,
                )
        record = execution.record
        described = with_states(record, sampler.samples) if isinstance(record, LatencyRecord) else record
        gpu = facts.as_facts() | {"other_processes": others}
        return replace(execution, record=described, environment=execution.environment | {"gpu": gpu})

    def self_check(self) -> tuple[bool, str]:
        """Whether the driver answers, the memory is sound, and an engine executes a small network."""
        try:
            state = self._nvml.state(self._facts.uuid)
            errors = self._nvml.uncorrected_errors(self._facts.uuid)
        except GpuLostError as error:
            return False, f"{error}. Reset the GPU with nvidia-smi --gpu-reset, or restart the host."
        if errors:
            return (
                False,
                f"Its memory had {errors} errors that could not be corrected. Restart the host, or replace it.",
            )
        for name in self._engines():
            if name != TRTEXEC and (reason := self._why_not(name)):
                return False, f"{name}: {reason}"
        return True, f"The driver answers and its engines execute; {state.temperature_c:.0f} °C."

    def findings(self) -> Iterable[Finding]:
        working, facts = self._engines(), self._facts
        text = (
            f"compute capability {facts.compute_capability}, driver {facts.driver}, CUDA {facts.cuda}, "
            f"{facts.memory_bytes / 2**30:.1f} GiB"
        )
        yield Finding(self.label, bool(working), text, is_needed=False)
        for name in (*self._wanted, TRTEXEC):
            found = f"release {working[name]}" if name in working else self._reasons[name]
            yield Finding(f"GPU {self._index} {name}", name in working, found, is_needed=False)

    def _engines(self) -> dict[str, str]:
        """Those that work, each with its release; why the others do not is in `_reasons` afterwards."""
        if self._working is None:
            self._working = {}
            for name in self._wanted:
                if reason := self._why_not(name):
                    self._reasons[name] = reason
                else:
                    self._working[name] = get_engine(name).release()
            self._find_trtexec(self._working)
        return self._working

    def _why_not(self, name: str) -> str | None:
        """None for an engine that executes a small network on this GPU now."""
        try:
            get_engine(name)
            probe.check(name, self._facts.uuid, self._facts.fingerprint)
        except EngineUnavailable as error:
            return str(error)
        except AttemptFailed as failure:
            return failure.reason
        return None

    def _find_trtexec(self, working: dict[str, str]) -> None:
        path = self._settings.trtexec.found()
        if path is None:
            self._reasons[TRTEXEC] = NO_TRTEXEC
            return
        try:
            working[TRTEXEC] = program.release(path)
        except program.ProgramUnusable as error:
            self._reasons[TRTEXEC] = str(error)

    def _trtexec(self) -> Path:
        """Raises: `AttemptFailed`."""
        path = self._settings.trtexec.found()
        if path is None:
            raise AttemptFailed(FailureKind.INFRASTRUCTURE, f"trtexec is {NO_TRTEXEC}.")
        return path
