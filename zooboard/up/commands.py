"""`up`, `down` and `reset`: what the command line does, with exit codes."""

import asyncio
import os
import shutil
import signal
import sys
import time

from zooboard.up.embedded import ServerFailedError
from zooboard.up.lock import AlreadyRunningError, owner_of, single_instance
from zooboard.up.network import is_port_free, listener_on
from zooboard.up.output import Printer
from zooboard.up.processes import POLL_S, Registry, end_leftovers
from zooboard.up.services import Ports
from zooboard.up.stack import MARKER, Stack
from zooboard.up.state import State
from zooboard.up.supervisor import ServiceFailedError
from zooboard.up.unprivileged import CannotDropRootError

OK, FAILED, REFUSED = 0, 1, 2
DOWN_WITHIN_S = 15.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PARENT_POLL_S = 1.0


def up(state: State, ports: Ports) -> int:
    """Run the site in the foreground until a signal comes."""
    state.create()
    try:
        with single_instance(state.lock):
            _clear_leftovers(state)
            taken = [port for port in (ports.web, ports.lease) if not is_port_free(port)]
            if taken:
                return _refuse_ports(taken, ports)
            return asyncio.run(_run(state, ports))
    except AlreadyRunningError as error:
        print(f"zooboard already runs here ({error}). Stop it with: make down", file=sys.stderr)
        return REFUSED


def down(state: State) -> int:
    """Stop the site that runs, wait for it, and end what a killed one left."""
    state.create()
    owner = owner_of(state.lock)
    if owner is not None:
        print(f"stopping zooboard (pid {owner.pid})")
        owner.send(signal.SIGTERM)
    deadline = time.monotonic() + DOWN_WITHIN_S
    while True:
        try:
            with single_instance(state.lock):
                leftovers = _clear_leftovers(state)
                print("stopped" if owner or leftovers else "zooboard is not running")
                return OK
        except AlreadyRunningError as error:
            if time.monotonic() > deadline:
                if error.owner is None:
                    print("zooboard holds its lock but cannot be stopped; try again.", file=sys.stderr)
                    return FAILED
                error.owner.send(signal.SIGKILL)
            time.sleep(POLL_S)


def reset(state: State, *, is_forced: bool) -> int:
    """Delete the state folder: database, artifacts, the local agent, the secret key."""
    if not state.lock.exists():
        print(f"nothing to reset: {state.root} is not a state folder of zooboard")
        return OK
    if not is_forced and not _says_yes(f"Delete {state.root}, with its database and all results?"):
        print("nothing was deleted (answer yes, or use: make reset FORCE=1)", file=sys.stderr)
        return REFUSED
    if down(state) != OK:
        return FAILED
    shutil.rmtree(state.root)
    print(f"deleted {state.root}")
    return OK


async def _run(state: State, ports: Ports) -> int:
    stack = Stack(state, ports, Printer(sys.stdout))
    stopping = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, _on_signal, stack, stopping)
    waiting = asyncio.create_task(stopping.wait())
    starting = asyncio.create_task(stack.start())
    watching = asyncio.create_task(_stop_with_make(stopping))
    code = OK
    try:
        await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            await waiting
    except (ServiceFailedError, ServerFailedError, CannotDropRootError) as error:
        stack.say(f"cannot start: {error}")
        code = FAILED
    finally:
        for task in (starting, watching):
            task.cancel()
        await asyncio.gather(starting, watching, return_exceptions=True)
        stack.say("stopping")
        await stack.supervisor.stop()
        state.remove_socket_dir()
        stack.say("stopped")
    return code


def _on_signal(stack: Stack, stopping: asyncio.Event) -> None:
    if stopping.is_set():
        stack.say("killing everything")
        stack.supervisor.kill()
    stopping.set()


async def _stop_with_make(stopping: asyncio.Event) -> None:
    """Stop when the `make` that started us is gone, also by SIGKILL; started by hand, run on."""
    parent = os.getppid()
    while "MAKELEVEL" in os.environ and not stopping.is_set():
        if os.getppid() != parent:
            stopping.set()
        await asyncio.sleep(PARENT_POLL_S)


def _clear_leftovers(state: State) -> list[str]:
    names = end_leftovers(Registry(state.run), (MARKER, str(state.root)))
    if names:
        print(f"ended what a killed zooboard had left running: {', '.join(names)}")
    state.remove_socket_dir()
    return names


def _refuse_ports(taken: list[int], ports: Ports) -> int:
    for port in taken:
        print(f"Port {port} is taken by {listener_on(port)}.", file=sys.stderr)
    print(f"Stop that, or choose another port: make up PORT={ports.web + 10}", file=sys.stderr)
    return REFUSED


def _says_yes(question: str) -> bool:
    try:
        return input(f"{question} Type yes: ").strip() == "yes"
    except EOFError:
        return False
