"""One stream of an adb connection: a service on the phone talks to one client of the adb server."""

import queue
import threading
from collections.abc import Callable

from tests.simulated_phone.messages import CLOSE, MAX_PAYLOAD_BYTES, OKAY, WRITE, Message


class StreamClosed(Exception):
    """The other side closed the stream, or the cable was pulled."""


class Stream:
    """Bytes both ways; each written message waits until the other side has taken the one before."""

    def __init__(self, send: Callable[[Message], None], *, local_id: int, remote_id: int) -> None:
        self._send_message = send
        self._local_id, self._remote_id = local_id, remote_id
        self._inbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._unread = b""
        self._acknowledged = threading.Semaphore(0)
        self._is_closed = threading.Event()
        self._write_lock = threading.Lock()

    def write(self, data: bytes) -> None:
        """Raises: StreamClosed."""
        with self._write_lock:
            for start in range(0, len(data), MAX_PAYLOAD_BYTES):
                # Nobody acknowledges any more: its closing woke one write, the one that waited then.
                if self._is_closed.is_set():
                    raise StreamClosed
                self._send(WRITE, data[start : start + MAX_PAYLOAD_BYTES])
                self._acknowledged.acquire()
                if self._is_closed.is_set():
                    raise StreamClosed

    def read(self) -> bytes:
        """What came next, in whatever portions it came.

        Raises: StreamClosed, whatever is still unread: what was under way when a cable is pulled does not arrive.
        """
        if self._unread and not self._is_closed.is_set():
            data, self._unread = self._unread, b""
            return data
        received = None if self._is_closed.is_set() else self._inbox.get()
        if received is None:
            raise StreamClosed
        # Only what was consumed is acknowledged, which keeps a fast sender from filling the memory.
        self._send(OKAY)
        return received

    def read_exactly(self, size: int) -> bytes:
        """Raises: StreamClosed."""
        parts, missing = [], size
        while missing:
            part = self.read()
            parts.append(part[:missing])
            self._unread = part[missing:]
            missing -= len(parts[-1])
        return b"".join(parts)

    def close(self) -> None:
        """End the stream from our side; the second time nothing happens."""
        if not self._is_closed.is_set():
            self.mark_closed()
            try:
                self._send(CLOSE)
            except StreamClosed:
                return

    def receive(self, data: bytes) -> None:
        self._inbox.put(data)

    def acknowledge(self) -> None:
        self._acknowledged.release()

    def mark_closed(self) -> None:
        """Wake whoever waits for this stream: nothing more will come."""
        self._is_closed.set()
        self._inbox.put(None)
        self._acknowledged.release()

    def _send(self, command: bytes, payload: bytes = b"") -> None:
        try:
            self._send_message(Message(command, self._local_id, self._remote_id, payload))
        except OSError as gone:
            raise StreamClosed from gone
