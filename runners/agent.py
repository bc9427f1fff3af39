"""The agent's loop: learn the settings, wait for a run, execute it, again."""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from runners import __version__, wire
from runners.answers import FatalError, LeaseGoneError, RetryableError, SiteError
from runners.attempt import Attempt, Workbench
from runners.held_lease import HeldLease
from runners.retry import Backoff, until_answered
from runners.upload import Uploader

LONGEST_POLL_S = 25.0
SHORTEST_POLL_S = 1.0
"""A site that answers "nothing" at once is not asked again before this."""
CLOCK_SKEW_WARNING_S = 30.0
NOTHING_THERE_S = 5.0
"""While no hardware is there, cables are looked at this often."""
KILLED = "The agent was killed in mid-run."
DRAINED = "The owner asked this agent on the site to end. Start it again when the site lets it work again."
NOTHING_THERE = (
    "None of this agent's hardware is there now, or nothing works on it: see zooboard-runner doctor. Waiting."
)


class Agent:
    """Executes runs one after the other until it is drained.

    One at a time, however many devices it has: the host that drives a phone or a GPU takes part in what is measured, so
    two attempts at once would disturb each other.
    """

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._drain = bench.drain
        self._say = bench.console.say
        self._uploader = Uploader(bench.client, bench.spool, bench.drain, bench.console.say)
        self._settings: wire.AgentSettings | None = None
        self._settings_at_s = 0.0
        self._refused: list[wire.RefusedDevice] = []
        self._is_draining = False
        self._is_bare = False
        self._clock_skew_s = 0.0

    def serve(self) -> None:
        """Work until a signal or the site ends it.

        Raises: SiteError when no later call can succeed.
        """
        self._begin()
        while not self._drain.requested.is_set() and not self._is_draining:
            started_s = time.monotonic()
            if not self._work_once(wait_s=LONGEST_POLL_S):
                self._drain.requested.wait(max(0.0, SHORTEST_POLL_S - (time.monotonic() - started_s)))
                self._refresh_settings()
        self._end()

    def serve_once(self) -> bool:
        """Execute at most one run and see its result uploaded; whether there was one.

        Raises: SiteError when no later call can succeed.
        """
        self._begin()
        had_run = not self._is_draining and self._work_once(wait_s=0)
        self._uploader.wait_until_empty()
        self._end()
        return had_run

    def _begin(self) -> None:
        waiting = len(self._bench.spool.pending())
        if waiting:
            self._say(f"{waiting} result{'s' if waiting > 1 else ''} of an earlier start will be uploaded.")
        self._uploader.start()
        until_answered(self._learn_settings, stop=self._drain.requested, on_wait=self._say)
        for folder in self._bench.work.iterdir():
            self._give_back(folder)
        self._bench.roster.clean_up()

    def _give_back(self, folder: Path) -> None:
        """Tell the site of an attempt that ended with its process: its run need not wait for the end of the lease."""
        held = HeldLease.read(folder)
        if held is not None and not self._bench.spool.has(run_id=held.run_id, attempt_id=held.attempt_id):
            kind = wire.FailureKind.INFRASTRUCTURE
            request = wire.FailRequest(lease_token=held.lease_token, kind=kind, reason=KILLED)
            if held.device_fingerprint:
                self._bench.roster.failed(held.device_fingerprint, kind=kind, attempt_id=held.attempt_id)
            try:
                until_answered(lambda: self._bench.client.fail(request), stop=self._drain.requested, on_wait=self._say)
                self._say(f"Run {held.run_id} was given back: this agent was killed while it worked on it.")
            except FatalError:
                raise
            except SiteError as error:
                self._say(f"Run {held.run_id} needs nothing more from here: {error.detail}")
        if not self._drain.requested.is_set():
            shutil.rmtree(folder, ignore_errors=True)

    def _end(self) -> None:
        self._bench.console.clear()
        if self._is_draining:
            self._uploader.wait_until_empty()
            self._say(DRAINED)
        if self._drain.error is not None:
            raise self._drain.error
        waiting = len(self._bench.spool.pending())
        if waiting:
            self._say(f"{waiting} result{'s' if waiting > 1 else ''} will be uploaded by the next start.")

    def _work_once(self, *, wait_s: float) -> bool:
        """Whether the site had a run for this agent."""
        self._rotate_if_asked()
        lease = self._next_lease(wait_s=wait_s)
        if lease is None:
            return False
        self._take(lease.settings)
        attempt = Attempt(lease, self._bench, self._uploader, clock_skew_s=self._clock_skew_s)
        try:
            attempt.run()
        except FatalError as error:
            self._drain.request(error)
        # They came with a heartbeat some time ago: the wishes hold, the time in them does not.
        self._settings, self._is_draining = attempt.settings, attempt.settings.is_draining
        self._bench.console.clear()
        return True

    def _rotate_if_asked(self) -> None:
        """Replace the token when the owner wants it; only while nothing else of this agent needs one.

        The new token is on the disk before it is used. Should the site's answer be lost, so is the token: the next call
        is a 401, and the agent has to be enrolled again.

        Raises: SiteError.
        """
        is_asked = self._settings is not None and self._settings.should_rotate
        if not is_asked or self._bench.save_token is None or self._bench.spool.pending():
            return
        try:
            token = self._bench.client.rotate().token
        except RetryableError as error:
            self._say(f"The token was not replaced, as far as this agent knows: {error}")
        else:
            self._bench.save_token(token)
            self._bench.client.use_token(token)
            self._say("The token is replaced, as the owner asked on the site.")
        self._settings = None

    def _next_lease(self, *, wait_s: float) -> wire.LeaseAnswer | None:
        """Ask with one request id until an answer arrives, so that a lease whose answer was lost is found again."""
        request_id, backoff = secrets.token_hex(16), Backoff()
        while not self._drain.requested.is_set():
            try:
                settings = self._settings or self._learn_settings()
                if self._is_draining:
                    return None
                devices = self._bench.roster.offers()
                if not devices:
                    self._wait_for_hardware(wait_s=wait_s)
                    return None
                return self._poll(settings.lease_url, self._lease_request(request_id, devices, wait_s=wait_s))
            except LeaseGoneError as error:
                self._say(str(error))
                return None
            except RetryableError as error:
                # The lease endpoint may have moved meanwhile: the next heartbeat tells where to.
                self._settings = None
                delay_s = backoff.next_s(error)
                self._say(f"{error} Next try in {delay_s:.0f} s.")
                self._drain.requested.wait(delay_s)
        return None

    def _wait_for_hardware(self, *, wait_s: float) -> None:
        """Say once that nothing is there; the heartbeats go on meanwhile."""
        if not self._is_bare:
            self._say(NOTHING_THERE)
        self._is_bare = True
        self._drain.requested.wait(min(wait_s, NOTHING_THERE_S))

    def _poll(self, lease_url: str, request: wire.LeaseRequest) -> wire.LeaseAnswer | None:
        """One long poll in a thread of its own, which is abandoned when the agent drains.

        A lease granted in that very moment was never confirmed by a heartbeat, so it ends without a count.
        """
        outcome: list[wire.LeaseAnswer | Exception | None] = []
        with self._drain.linked(threading.Event()) as answered:

            def poll() -> None:
                try:
                    outcome.append(self._bench.client.lease(lease_url, request))
                except Exception as error:
                    outcome.append(error)
                answered.set()

            threading.Thread(target=poll, name="lease", daemon=True).start()
            answered.wait()
        answer = outcome[0] if outcome else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _lease_request(self, request_id: str, devices: list[wire.DeviceOffer], *, wait_s: float) -> wire.LeaseRequest:
        self._is_bare = False
        return wire.LeaseRequest(
            request_id=request_id,
            devices=devices,
            datasets=self._bench.datasets.offered(self._say) if self._bench.datasets else [],
            cached_artifacts=self._bench.artifacts.hashes(),
            wait_s=wait_s,
            runner_version=__version__,
            client_time=datetime.now(UTC),
        )

    def _learn_settings(self) -> wire.AgentSettings:
        """Raises: SiteError."""
        answer = self._bench.client.heartbeat(wire.HeartbeatRequest(client_time=datetime.now(UTC)))
        self._take(answer.settings)
        return answer.settings

    def _refresh_settings(self) -> None:
        """Ask again when they are as old as a heartbeat is: an idle agent hears only so what its owner wants.

        Raises: SiteError, but none that another try may not have.
        """
        settings = self._settings
        if settings is None or time.monotonic() - self._settings_at_s < settings.heartbeat_every_s:
            return
        try:
            self._learn_settings()
        except RetryableError:
            self._settings = None

    def _take(self, settings: wire.AgentSettings) -> None:
        is_first = self._settings is None
        for refused in settings.refused_devices:
            if refused not in self._refused:
                self._say(f"The site refuses {refused.kind_name}: {refused.reason}")
        self._refused = settings.refused_devices
        self._settings = settings
        self._settings_at_s = time.monotonic()
        self._is_draining = settings.is_draining
        self._clock_skew_s = (datetime.now(UTC) - settings.server_time).total_seconds()
        if is_first and abs(self._clock_skew_s) > CLOCK_SKEW_WARNING_S:
            self._say(
                f"This machine's clock is {self._clock_skew_s:+.0f} s off the site's. Results will carry its times: "
                "set it with NTP."
            )
