"""The phone's end of one adb connection: handshake, and streams that start services."""

import contextlib
import os
import socket
import threading
from collections.abc import Callable

from tests.simulated_phone.messages import (
    AUTH,
    AUTH_PUBLIC_KEY,
    AUTH_TOKEN,
    CLOSE,
    CONNECT,
    MAX_PAYLOAD_BYTES,
    OKAY,
    OPEN,
    VERSION,
    WRITE,
    Message,
    read_message,
)
from tests.simulated_phone.stream import Stream, StreamClosed

# What the phone offers beyond the oldest protocol: exit codes and a stderr of their own in `adb shell`.
FEATURES = "shell_v2,cmd"
AUTH_TOKEN_BYTES = 20

ServiceStarter = Callable[[str, Stream], None]


class Connection:
    """One adb server's connection; `serve` returns when it is over.

    `banner` are the properties of `adb devices -l`. An unauthorised phone keeps asking for a signature.
    """

    def __init__(self, peer: socket.socket, *, banner: str, service: ServiceStarter, is_authorized: bool) -> None:
        self._peer = peer
        self._banner = f"device::{banner}features={FEATURES}"
        self._service = service
        self._is_authorized = is_authorized
        self._is_waiting = False
        self._streams: dict[int, Stream] = {}
        self._send_lock = threading.Lock()

    def serve(self) -> None:
        """Answer messages until the peer is gone."""
        handlers = {CONNECT: self._connect, AUTH: self._connect, OPEN: self._open, WRITE: self._write}
        handlers |= {OKAY: self._okay, CLOSE: self._close}
        try:
            while message := read_message(self._peer):
                if message.command in handlers:
                    handlers[message.command](message)
        except OSError:
            pass  # The cable was pulled while we answered.
        finally:
            self.drop()

    def drop(self) -> None:
        """Pull the cable: the peer sees the end of the connection, every service a closed stream."""
        # The peer may be gone already.
        with contextlib.suppress(OSError):
            self._peer.shutdown(socket.SHUT_RDWR)
        self._peer.close()
        for stream in list(self._streams.values()):
            stream.mark_closed()

    def _send(self, message: Message) -> None:
        with self._send_lock:
            self._peer.sendall(message.packed())

    def authorize(self) -> None:
        """Somebody taps "allow"."""
        self._is_authorized = True
        if self._is_waiting:
            self._connect(None)

    def _connect(self, message: Message | None) -> None:
        if self._is_authorized:
            self._is_waiting = False
            self._send(Message(CONNECT, VERSION, MAX_PAYLOAD_BYTES, self._banner.encode()))
        elif message is not None and message.arg0 == AUTH_PUBLIC_KEY and message.command == AUTH:
            self._is_waiting = True
        else:
            self._send(Message(AUTH, AUTH_TOKEN, 0, os.urandom(AUTH_TOKEN_BYTES)))

    def _open(self, message: Message) -> None:
        local_id = len(self._streams) + 1
        stream = Stream(self._send, local_id=local_id, remote_id=message.arg0)
        self._streams[local_id] = stream
        self._send(Message(OKAY, local_id, message.arg0))
        name = message.payload.rstrip(b"\0").decode(errors="replace")
        threading.Thread(target=self._serve_stream, args=(name, stream), daemon=True).start()

    def _serve_stream(self, name: str, stream: Stream) -> None:
        try:
            self._service(name, stream)
        except StreamClosed:
            pass  # The client went away; the service has ended for it.
        finally:
            stream.close()

    def _write(self, message: Message) -> None:
        if stream := self._streams.get(message.arg1):
            stream.receive(message.payload)

    def _okay(self, message: Message) -> None:
        if stream := self._streams.get(message.arg1):
            stream.acknowledge()

    def _close(self, message: Message) -> None:
        if stream := self._streams.get(message.arg1):
            stream.mark_closed()
