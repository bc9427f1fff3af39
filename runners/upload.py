"""The thread that empties the spool: it uploads each result until the site has answered for good."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable
from pathlib import Path

from runners import wire
from runners.answers import FatalError, RetryableError, SiteError
from runners.client import SiteClient
from runners.drain import Drain
from runners.retry import Backoff
from runners.spool import Spool

REFUSED_AS_SUCH = (413, 422)
"""Statuses that speak of the result itself; with any other the lease is over, or never was."""


class Uploader:
    """Runs beside the measuring and costs it nothing while the spool is empty."""

    def __init__(self, client: SiteClient, spool: Spool, drain: Drain, say: Callable[[str], None]) -> None:
        self._client = client
        self._spool = spool
        self._drain = drain
        self._say = say
        self._settled: dict[Path, threading.Event] = {}
        self._work = threading.Event()
        self._empty = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upload", daemon=True)

    def start(self) -> None:
        self.notify()
        self._thread.start()

    def notify(self) -> None:
        """There is something new in the spool."""
        self._empty.clear()
        self._work.set()

    def deliver(self, path: Path, *, settled: threading.Event) -> None:
        """Upload a result that is new in the spool; `settled` is set when the site has answered for good."""
        self._settled[path] = settled
        self.notify()

    def wait_until_empty(self) -> bool:
        """Block until everything is acknowledged or refused; False when the agent drains before that."""
        with self._drain.linked(self._empty):
            while self._spool.pending() and not self._drain.requested.is_set():
                self._empty.wait()
        return not self._spool.pending()

    def _run(self) -> None:
        backoff = Backoff()
        with self._drain.linked(self._work):
            while not self._drain.requested.is_set():
                self._work.clear()
                failure = self._upload_pending()
                if failure is not None:
                    wait_s = backoff.next_s(failure)
                    self._say(f"A result waits on this disk: {failure} Next try in {wait_s:.0f} s.")
                    self._drain.requested.wait(wait_s)
                    continue
                backoff.reset()
                # Set before looking: a result added after the look has cleared it again.
                self._empty.set()
                if self._spool.pending():
                    self._empty.clear()
                else:
                    self._work.wait()

    def _upload_pending(self) -> RetryableError | None:
        """Try every waiting result once, so that one the site chokes on does not block the others."""
        failure = None
        for path in self._spool.pending():
            if self._drain.requested.is_set():
                break
            try:
                self._upload(path)
            except RetryableError as error:
                failure = error
            except FatalError as error:
                self._drain.request(error)
        return failure

    def _upload(self, path: Path) -> None:
        """Raises: RetryableError, FatalError."""
        result = path.read_bytes()
        try:
            answer = self._client.upload_result(result)
        except (RetryableError, FatalError):
            raise
        except SiteError as error:
            # First, so that an agent which ends here uploads again and is told that its lease is over.
            if error.status in REFUSED_AS_SUCH:
                self._end_lease(result, error)
            kept = self._spool.set_aside(path, error)
            self._say(f"The site refuses a result: {error.detail} It is kept in {kept}.")
        else:
            self._spool.acknowledge(path)
            self._say(f"Result {path.name} uploaded: {answer.detail}")
        if settled := self._settled.pop(path, None):
            settled.set()

    def _end_lease(self, result: bytes, refusal: SiteError) -> None:
        """Say why there will be no result: the lease would run out in silence, and others try the run in vain.

        Raises: FatalError.
        """
        lease_token = json.loads(gzip.decompress(result))["lease_token"]
        reason = f"the site refuses its result: {refusal.detail}"[:4_000]
        try:
            self._client.fail(wire.FailRequest(lease_token=lease_token, kind=wire.FailureKind.ENGINE, reason=reason))
        except FatalError:
            raise
        except SiteError as error:
            self._say(f"The site was not told that this run failed: {error}")
