"""The command line where it refuses, without starting the site."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.up.test_lock import hold
from zooboard.up.network import is_port_free, listener_on
from zooboard.up.state import State

ROOT = Path(__file__).parents[2]


def run_up(state: State, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ZOOBOARD_STATE": str(state.root)}
    command = [sys.executable, "-m", "zooboard.up", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, input=typed, capture_output=True, text=True, timeout=30, check=False
    )


@pytest.fixture
def taken_port() -> int:
    return next(port for port in range(21000, 22000) if is_port_free(port) and is_port_free(port + 1))


@pytest.mark.parametrize("offset", [0, 1], ids=["web", "long poll"])
def test_taken_port_is_named_with_who_has_it_and_what_to_do(state: State, taken_port: int, offset: int) -> None:
    with socket.create_server(("127.0.0.1", taken_port + offset)) as server:
        done = run_up(state, "up", "--port", str(taken_port))
        still_listens = server.fileno() != -1 and not is_port_free(taken_port + offset)

    assert done.returncode == 2
    assert f"Port {taken_port + offset} is taken by {psutil.Process().name()} (pid {os.getpid()})" in done.stderr
    assert f"make up PORT={taken_port + 10}" in done.stderr
    assert still_listens
    assert not state.postgres.exists()


def test_second_up_names_the_first_and_leaves_it_running(state: State, taken_port: int) -> None:
    with hold(state.lock) as holder:
        done = run_up(state, "up", "--port", str(taken_port))
        is_running = holder.poll() is None
        holder.communicate()

    assert done.returncode == 2
    assert f"already runs here (pid {holder.pid})" in done.stderr
    assert "make down" in done.stderr
    assert is_running


def test_down_stops_the_one_that_runs_and_waits_for_it(state: State) -> None:
    with hold(state.lock) as holder:
        done = run_up(state, "down")
        holder.communicate()

    assert (done.returncode, done.stdout) == (0, f"stopping zooboard (pid {holder.pid})\nstopped\n")


def test_down_without_a_running_one_says_so(state: State) -> None:
    done = run_up(state, "down")

    assert (done.returncode, done.stdout) == (0, "zooboard is not running\n")


@pytest.mark.parametrize("typed", ["", "y\n", "no\n"])
def test_reset_deletes_nothing_without_a_yes(state: State, typed: str) -> None:
    key = state.secret_key()
    state.lock.touch()

    done = run_up(state, "reset", typed=typed)

    assert done.returncode == 2
    assert "nothing was deleted" in done.stderr
    assert state.secret_key() == key


@pytest.mark.parametrize(("arguments", "typed"), [(["reset"], "yes\n"), (["reset", "--force"], "")])
def test_reset_deletes_the_state_folder(state: State, arguments: list[str], typed: str) -> None:
    state.lock.touch()

    done = run_up(state, *arguments, typed=typed)

    assert done.returncode == 0
    assert not state.root.exists()


def test_reset_leaves_a_folder_alone_that_is_no_state_folder(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()

    done = run_up(State(tmp_path), "reset", "--force")

    assert "not a state folder" in done.stdout
    assert (tmp_path / "thesis.tex").exists()


@pytest.mark.parametrize("port", ["0", "65535", "http"])
def test_port_that_is_none_is_a_usage_error(state: State, port: str) -> None:
    done = run_up(state, "up", "--port", port)

    assert done.returncode == 2
    assert "--port" in done.stderr


def test_listener_nobody_may_see_is_another_program(taken_port: int) -> None:
    assert listener_on(taken_port) == "another program"
