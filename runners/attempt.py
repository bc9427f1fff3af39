"""One attempt, from its lease to a result in the spool, or to the call that hands the run back."""

from __future__ import annotations

import shutil
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runners import __version__, wire
from runners.accuracy.registry import DatasetRegistry
from runners.answers import FatalError, SiteError
from runners.artifacts import ArtifactCache
from runners.attempt_log import AttemptLog
from runners.client import SiteClient
from runners.console import Console, timing_text
from runners.download import ArtifactError, DownloadStopped
from runners.drain import Drain
from runners.execute import AttemptFailed, Execution, Stopped
from runners.hardware.base import Hardware
from runners.hardware.roster import Roster
from runners.heartbeat import Heartbeat
from runners.held_lease import HeldLease
from runners.orders import DatasetSource
from runners.privacy import public
from runners.quiet import BusyHost
from runners.retry import until_answered
from runners.spool import Spool
from runners.upload import Uploader

LONGEST_REASON = 4_000
"""As many characters as a failure's reason may have on the wire."""
LONGEST_HOLD_S = 600.0
"""A site that takes heartbeats but no result for this long gets its run back; the result stays in the spool."""


@dataclass(frozen=True)
class Workbench:
    """What every attempt of an agent works with."""

    client: SiteClient
    spool: Spool
    artifacts: ArtifactCache
    work: Path
    roster: Roster
    drain: Drain
    console: Console
    busy_host: BusyHost = BusyHost.FLAG
    datasets: DatasetRegistry | None = None
    save_token: Callable[[str], None] | None = None
    """Keeps a rotated token for the next start; None for an agent that cannot: it then keeps its token."""

    def device(self, order: wire.RunOrder) -> tuple[Hardware, wire.DeviceOffer]:
        """Raises: AttemptFailed for a device that this agent did not offer."""
        found = self.roster.find(order.device_fingerprint)
        if found is None:
            raise AttemptFailed(wire.FailureKind.USER, "The order names a device that this agent did not offer.")
        return found

    def images(self, order: wire.RunOrder) -> DatasetSource | None:
        """Where the order's dataset is on this machine; None for an order without one, or when it is gone."""
        if order.dataset is None or self.datasets is None:
            return None
        return self.datasets.source(order.dataset.name)


class Attempt:
    """Runs once. The timed loop is in a child process; here are only the thread that waits for it and the heartbeat."""

    def __init__(
        self,
        lease: wire.LeaseAnswer,
        bench: Workbench,
        uploader: Uploader,
        *,
        clock_skew_s: float,
    ) -> None:
        self._lease = lease
        self._order = lease.order
        self._bench = bench
        self._uploader = uploader
        self._clock_skew_s = clock_skew_s
        self._log = AttemptLog(bench.client, attempt_id=self._order.attempt_id, lease_token=lease.lease_token)
        self._should_stop = threading.Event()
        self._heartbeat = Heartbeat(
            bench.client, lease, should_stop=self._should_stop, drain=bench.drain, log=self._log, say=self._say
        )

    def run(self) -> None:
        """Measure and upload, or tell the site why not.

        Raises: FatalError.
        """
        with self._bench.drain.linked(self._should_stop):
            try:
                self._measure()
            except (Stopped, DownloadStopped):
                self._hand_back()
            except AttemptFailed as failure:
                self._report(failure.kind, failure.reason)
            except ArtifactError as error:
                self._report(wire.FailureKind.INFRASTRUCTURE, str(error))
            except FatalError:
                raise
            except (SiteError, OSError) as error:
                self._report(wire.FailureKind.INFRASTRUCTURE, f"{type(error).__name__}: {error}")
            except Exception as error:
                # A bug here must not end an agent that others rely on; the trace is in the attempt's log.
                self._say(traceback.format_exc())
                self._report(wire.FailureKind.INFRASTRUCTURE, f"The agent failed: {type(error).__name__}: {error}")
            finally:
                shutil.rmtree(self._work_dir, ignore_errors=True)

    @property
    def settings(self) -> wire.AgentSettings:
        """The newest ones that the site told while the attempt ran."""
        return self._heartbeat.settings

    @property
    def _work_dir(self) -> Path:
        return self._bench.work / str(self._order.attempt_id)

    def _measure(self) -> None:
        order = self._order
        HeldLease.of(self._lease).write(self._work_dir)
        self._say(f"Attempt {order.attempt_id} of run {order.run_id}: {order.model} with {order.engine}.")
        self._call(self._heartbeat.beat)
        hardware, device = self._bench.device(order)
        with self._heartbeat:
            if self._should_stop.is_set():
                raise Stopped
            self._progress(device, wire.Progress(phase="artifact"))
            folder = self._bench.artifacts.obtain(order.artifact, should_stop=self._should_stop)
            execution = hardware.measure(
                order,
                artifact_dir=folder,
                work_dir=self._work_dir,
                on_progress=lambda progress: self._progress(device, progress),
                should_stop=self._should_stop,
                busy_host=self._bench.busy_host,
                kept_dir=folder,
                images=self._bench.images(order),
            )
            self._deliver(execution)
        if not self._bench.drain.requested.is_set():
            # The site may have been away when the measuring ended; a draining agent has no time to find out.
            self._log.send()

    def _deliver(self, execution: Execution) -> None:
        """Keep the lease until the site has the result, whose way may take a few tries.

        Waiting costs no measurement: the site gives a device its next run when this lease has ended.
        """
        path = self._bench.spool.add(self._result(execution))
        timing = timing_text(execution.record)
        self._say(f"Measured {self._order.model}{f': {timing}' if timing else ''}.")
        self._log.send()
        self._heartbeat.is_result_on_its_way = True
        self._uploader.deliver(path, settled=self._should_stop)
        self._should_stop.wait(LONGEST_HOLD_S)

    def _result(self, execution: Execution) -> wire.ResultRequest:
        order = self._order
        return wire.ResultRequest(
            lease_token=self._lease.lease_token,
            run_id=order.run_id,
            attempt_id=order.attempt_id,
            model=order.model,
            protocol_slug=order.protocol.slug,
            protocol_version=order.protocol.version,
            engine=order.engine,
            engine_release=execution.engine_release,
            device_fingerprint=order.device_fingerprint,
            artifact_sha256=order.artifact.sha256,
            runner_version=__version__,
            started_at=execution.started_at,
            finished_at=execution.finished_at,
            environment={**execution.environment, "clock_skew_s": round(self._clock_skew_s, 3)},
            record=execution.record,
        )

    def _hand_back(self) -> None:
        """Give the run back when the agent stops; when the site itself ended the attempt there is nothing to give."""
        if self._heartbeat.is_ended_by_site:
            self._say("Stopped, as the site asked.")
            return
        self._log.send()
        request = wire.ReleaseRequest(lease_token=self._lease.lease_token, reason="agent stops")
        try:
            self._bench.client.release(request)
            self._say("Stopped; the run is back in the queue.")
        except SiteError as error:
            self._say(f"Stopped; the site does not know yet and will notice when the lease ends. {error}")

    def _report(self, kind: wire.FailureKind, reason: str) -> None:
        """Tell the site why there is no result, unless the agent was told to stop anyway."""
        if self._should_stop.is_set():
            self._hand_back()
            return
        self._say(f"Failed ({kind}): {reason}")
        self._bench.roster.failed(self._order.device_fingerprint, kind=kind, attempt_id=self._order.attempt_id)
        self._log.send()
        request = wire.FailRequest(
            lease_token=self._lease.lease_token, kind=kind, reason=public(reason)[:LONGEST_REASON]
        )
        try:
            self._call(lambda: self._bench.client.fail(request))
        except FatalError:
            raise
        except SiteError as error:
            self._say(f"The site does not take the failure: {error}")

    def _call(self, call: Callable[[], None]) -> None:
        until_answered(call, stop=self._should_stop, on_wait=self._say)

    def _progress(self, device: wire.DeviceOffer, progress: wire.Progress) -> None:
        self._heartbeat.progress = progress
        self._bench.console.show(self._order, device, progress)

    def _say(self, line: str) -> None:
        self._log.write(line)
        self._bench.console.say(line)
