"""The phone's adb port: plugged in, pulled out, rebooting, silent or not yet allowed."""

import contextlib
import socket
import threading
from dataclasses import dataclass, field

from tests.simulated_phone.transport import Connection, ServiceStarter

HOST = "127.0.0.1"


@dataclass
class Listener:
    """Takes connections of adb servers on one port, which stays the same over unplugging.

    `refuses`: so many connects are dropped before one is served. `is_silent`: connects are taken and never answered.
    Whoever holds `not_serving` makes new connections wait.
    """

    banner: str
    service: ServiceStarter
    port: int = 0
    refuses: int = 0
    is_silent: bool = False
    is_authorized: bool = True
    not_serving: threading.RLock = field(default_factory=threading.RLock)
    _socket: socket.socket | None = None
    _connections: list[Connection] = field(default_factory=list)
    _silent: list[socket.socket] = field(default_factory=list)

    def open(self) -> None:
        """Plug in; nothing happens if it is."""
        if self._socket is not None:
            return
        listening = socket.create_server((HOST, self.port))
        self.port = listening.getsockname()[1]
        self._socket = listening
        threading.Thread(target=self._accept, args=(listening,), daemon=True).start()

    def close(self) -> None:
        """Pull the cable: no new connection, and the present ones end."""
        if self._socket is not None:
            # Without the shutdown, the thread that waits in accept() would hold the port open.
            _shut(self._socket)
            self._socket = None
        self.drop()

    def drop(self) -> None:
        """End the present connections only."""
        for connection in self._connections:
            connection.drop()
        for peer in self._silent:
            _shut(peer)
        self._connections, self._silent = [], []

    def authorize(self) -> None:
        self.is_authorized = True
        for connection in self._connections:
            connection.authorize()

    def answer_again(self) -> None:
        """No longer silent; who waits for an answer has to connect anew."""
        self.is_silent = False
        for peer in self._silent:
            _shut(peer)
        self._silent = []

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                peer, _address = listening.accept()
            except OSError:
                return
            with self.not_serving:
                self._serve(peer)

    def _serve(self, peer: socket.socket) -> None:
        if self.refuses:
            self.refuses -= 1
            peer.close()
        elif self.is_silent:
            self._silent.append(peer)
        else:
            # Small messages both ways would otherwise wait for each other's delayed acknowledgements.
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(peer, banner=self.banner, service=self.service, is_authorized=self.is_authorized)
            self._connections.append(connection)
            threading.Thread(target=connection.serve, daemon=True).start()


def _shut(open_socket: socket.socket) -> None:
    # The other side may have been first.
    with contextlib.suppress(OSError):
        open_socket.shutdown(socket.SHUT_RDWR)
    open_socket.close()
