"""Real Postgres and Valkey for one test session; `python -m tests.servers FILE ARGS` runs a script beside them."""

import atexit
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from zooboard.up.postgres import EmbeddedPostgres
from zooboard.up.state import short_socket_dir
from zooboard.up.valkey import EmbeddedValkey


def start(cleanup: ExitStack) -> dict[str, str]:
    """Start the servers in a temporary state folder; the environment that points the site at them.

    A server that the environment names already is used as it is, so that child processes share their parent's.
    """
    state = short_socket_dir()
    cleanup.callback(shutil.rmtree, state, ignore_errors=True)
    for folder in ("vendor", "static", "media", "artifacts"):
        (state / folder).mkdir()
    environment = {"ZOOBOARD_STATE": str(state), "SECRET_KEY": os.environ.get("SECRET_KEY") or os.urandom(32).hex()}
    for server in (
        EmbeddedPostgres(state / "postgres", _socket_dir(state), is_durable=False),
        EmbeddedValkey(state / "valkey", state, is_durable=False),
    ):
        if not os.environ.get(server.variable):
            environment[server.variable] = cleanup.enter_context(server).url
    return environment


def start_for_session() -> None:
    """Start them and put them into our environment, once per process; they end with it."""
    if os.environ.get("ZOOBOARD_TEST_SERVERS_OF") == str(os.getpid()):
        return
    cleanup = ExitStack()
    atexit.register(cleanup.close)
    os.environ.update(start(cleanup), ZOOBOARD_TEST_SERVERS_OF=str(os.getpid()))


def _socket_dir(state: Path) -> Path:
    """A folder of its own, since the user who runs Postgres owns it."""
    folder = state / "s"
    folder.mkdir(mode=0o700)
    return folder


def main(arguments: list[str]) -> int:
    with ExitStack() as cleanup:
        environment = {**os.environ, **start(cleanup)}
        return subprocess.run([sys.executable, *arguments], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
