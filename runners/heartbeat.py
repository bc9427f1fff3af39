"""The thread that tells the site an attempt is alive, and hears when it must stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from runners import wire
from runners.answers import FatalError, LeaseGoneError, SiteError
from runners.attempt_log import AttemptLog
from runners.client import SiteClient
from runners.drain import Drain
from runners.retry import spread

JOIN_S = 2.0
"""A beat that hangs longer than this on its way is left behind: its answer no longer matters."""


class Heartbeat:
    """Beats for one lease. Only the site's own word stops a measurement, never a network that is down."""

    def __init__(
        self,
        client: SiteClient,
        lease: wire.LeaseAnswer,
        *,
        should_stop: threading.Event,
        drain: Drain,
        log: AttemptLog,
        say: Callable[[str], None],
    ) -> None:
        self._client = client
        self._lease_token = lease.lease_token
        self.settings = lease.settings
        """The newest ones that the site told."""
        self._should_stop = should_stop
        self._drain = drain
        self._log = log
        self._say = say
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)
        self.progress = wire.Progress(phase="prepare")
        self.is_ended_by_site = False
        """The site has closed the attempt: there is nothing to release, fail or submit."""
        self.is_result_on_its_way = False
        """The lease may end at any moment now, as it should, and there is nothing to say about it."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(JOIN_S)

    def beat(self) -> None:
        """Send one heartbeat and obey its answer.

        Raises: `runners.answers.SiteError`, but never `LeaseGoneError`, which is obeyed.
        """
        request = wire.HeartbeatRequest(
            lease_token=self._lease_token, progress=self.progress, client_time=datetime.now(UTC)
        )
        try:
            answer = self._client.heartbeat(request)
        except LeaseGoneError as error:
            self._end(f"The lease is gone: {error.detail}")
            return
        self.settings = answer.settings
        if answer.action == "cancel":
            self._end("The run was cancelled on the site.")

    def _end(self, why: str) -> None:
        if self._over.is_set():
            return
        self.is_ended_by_site = True
        if not self.is_result_on_its_way:
            self._say(why)
        self._should_stop.set()

    def _run(self) -> None:
        while not self.is_ended_by_site and not self._over.wait(spread(self.settings.heartbeat_every_s)):
            try:
                self.beat()
            except FatalError as error:
                self._drain.request(error)
                return
            except SiteError as error:
                self._say(f"No heartbeat: {error}")
            else:
                self._log.send()
