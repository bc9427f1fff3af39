"""Command line of the supervisor: `python -m zooboard.up [up | down | reset]`."""

import argparse
import os
import sys

from zooboard.up import commands
from zooboard.up.services import Ports
from zooboard.up.state import State

DEFAULT_PORT = 8000
# The long poll takes the next one.
LAST_PORT = 65534


def parser() -> argparse.ArgumentParser:
    """The arguments; each has its variable of `make` beside it."""
    result = argparse.ArgumentParser(prog="python -m zooboard.up", description=__doc__)
    result.add_argument("command", nargs="?", choices=("up", "down", "reset"), default="up")
    result.add_argument("--port", type=_port, default=os.environ.get("PORT") or str(DEFAULT_PORT), help="make up PORT=")
    result.add_argument("--force", action="store_true", help="reset without asking (make reset FORCE=1)")
    return result


def main() -> int:
    arguments = parser().parse_args()
    state = State.from_environment()
    if arguments.command == "down":
        return commands.down(state)
    if arguments.command == "reset":
        return commands.reset(state, is_forced=arguments.force)
    return commands.up(state, Ports(arguments.port))


def _port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"a port is between 1 and {LAST_PORT}")
    return port


if __name__ == "__main__":
    sys.exit(main())
