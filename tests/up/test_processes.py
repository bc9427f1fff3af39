"""Leftovers of a killed supervisor: ours are ended, others' are never touched."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.up.waiting import wait_until
from zooboard.up.processes import ProcessRecord, Registry, end_leftovers, lifeline

MARKER = ("ZOOBOARD_STATE", "/somewhere/of/this/test")
SLEEP = "import time; time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('armed', flush=True); {SLEEP}"
# A member tells its pid itself: until its interpreter runs, the kernel may not show its environment yet.
MEMBER = f"import os; print(os.getpid(), flush=True); {SLEEP}"
LEADER = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {MEMBER!r}]); {SLEEP}"
Start = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path)


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def start_python(code: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code]
        environment = {**os.environ, MARKER[0]: MARKER[1]}
        child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True)
        started.append(child)
        return child

    yield start_python
    for child in started:
        child.kill()
        child.communicate()


def test_leftover_is_ended_and_forgotten(registry: Registry, start: Start) -> None:
    child = start(SLEEP)
    registry.add(ProcessRecord.of(child.pid, "web"))

    names = end_leftovers(registry, MARKER)

    assert names == ["web"]
    assert child.wait(5) == -signal.SIGTERM
    assert registry.records() == []


def test_leftover_that_ignores_its_signal_is_killed(registry: Registry, start: Start) -> None:
    child = start(STUBBORN)
    assert child.stdout is not None
    child.stdout.readline()
    registry.add(ProcessRecord.of(child.pid, "worker"))

    end_leftovers(registry, MARKER, grace_s=0.2)

    assert child.wait(5) == -signal.SIGKILL


def test_process_that_got_the_pid_of_a_dead_one_is_left_alone(registry: Registry, start: Start) -> None:
    stranger = start(SLEEP)
    registry.add(replace(ProcessRecord.of(stranger.pid, "web"), create_time=1.0))

    names = end_leftovers(registry, MARKER)

    assert names == []
    assert stranger.poll() is None
    assert registry.records() == []


def test_children_of_a_dead_leftover_are_ended_too(registry: Registry, start: Start) -> None:
    leader = start(LEADER)
    assert leader.stdout is not None
    orphan = psutil.Process(int(leader.stdout.readline()))
    registry.add(ProcessRecord.of(leader.pid, "worker"))
    leader.kill()
    leader.wait()

    names = end_leftovers(registry, MARKER, grace_s=0.2)

    assert names == ["worker"]
    wait_until(lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE)


def test_group_member_without_our_mark_is_left_alone(registry: Registry, start: Start) -> None:
    leader = start(LEADER)
    assert leader.stdout is not None
    member = psutil.Process(int(leader.stdout.readline()))
    registry.add(ProcessRecord.of(leader.pid, "worker"))
    leader.kill()
    leader.wait()

    names = end_leftovers(registry, (MARKER[0], "/another/site"), grace_s=0.2)

    assert names == []
    assert member.is_running()
    member.kill()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', "null"])
def test_record_that_a_crash_cut_off_is_skipped_and_removed(registry: Registry, content: str) -> None:
    (registry.folder / "web.json").write_text(content)

    names = end_leftovers(registry, MARKER)

    assert (names, list(registry.folder.iterdir())) == ([], [])


def test_zombie_does_not_count_as_alive(start: Start) -> None:
    child = start("")
    record = ProcessRecord.of(child.pid, "web")

    wait_until(lambda: psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE)

    assert not record.is_alive()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_child_with_a_lifeline_gets_its_signal_when_the_parent_is_killed() -> None:
    report, told = os.pipe()
    parent = os.fork()
    if parent == 0:
        code = (
            "import os, signal, time\nsignal.signal(signal.SIGUSR1, lambda *_: (os.write(1, b'told'), os._exit(0)))\n"
        )
        code += "os.write(1, b'armed ')\ntime.sleep(60)"
        subprocess.Popen([sys.executable, "-c", code], stdout=told, preexec_fn=lifeline(signal.SIGUSR1))
        signal.pause()
    os.close(told)
    armed = os.read(report, 6)

    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)

    assert (armed, os.read(report, 4)) == (b"armed ", b"told")
    os.close(report)
