"""The supervisor, with small children that stand in for the site's."""

import asyncio
import signal
import sys
import time
from io import StringIO
from pathlib import Path

import psutil
import pytest

from zooboard.up.supervisor import Service, ServiceFailedError, Supervisor, together

pytestmark = pytest.mark.timeout(240)

SLEEP = "import time\nprint('awake')\ntime.sleep(60)"
STUBBORN = f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{SLEEP}"


def python(code: str) -> list[str]:
    return [sys.executable, "-u", "-c", code]


def pid_of(supervisor: Supervisor, name: str) -> int:
    (record,) = (record for record in supervisor.registry.records() if record.name == name)
    return record.pid


async def until_logged(log: StringIO, text: str, times: int = 1, within_s: float = 10.0) -> None:
    deadline = time.monotonic() + within_s
    while log.getvalue().count(text) < times:
        assert time.monotonic() < deadline, log.getvalue()
        await asyncio.sleep(0.02)


def test_start_waits_until_the_service_is_ready(supervisor: Supervisor, tmp_path: Path) -> None:
    flag = tmp_path / "ready"

    async def is_ready() -> bool:
        return flag.exists()

    async def scenario() -> bool:
        code = f"import pathlib, time\ntime.sleep(0.3)\npathlib.Path({str(flag)!r}).touch()\n{SLEEP}"
        await supervisor.start(Service("web", python(code), is_ready=is_ready))
        was_ready = flag.exists()
        await supervisor.stop()
        return was_ready

    assert asyncio.run(scenario())


def test_service_that_ends_before_it_is_ready_is_an_error_with_its_exit_code(supervisor: Supervisor) -> None:
    async def never() -> bool:
        return False

    async def scenario() -> None:
        try:
            await supervisor.start(Service("web", python("raise SystemExit(7)"), is_ready=never))
        finally:
            await supervisor.stop()

    with pytest.raises(ServiceFailedError, match="web ended with exit code 7 before it was ready"):
        asyncio.run(scenario())


def test_crashed_service_is_started_again_with_growing_waits(supervisor: Supervisor, log: StringIO) -> None:
    async def scenario() -> None:
        await supervisor.start(Service("web", python("import time\ntime.sleep(0.1)\nraise SystemExit(3)")))
        await until_logged(log, "ended with exit code 3", times=2)
        await supervisor.stop()

    asyncio.run(scenario())

    assert "exit code 3; starting it again in 0.5 s" in log.getvalue()
    assert "exit code 3; starting it again in 1 s" in log.getvalue()


def test_killed_service_runs_again_and_its_children_do_not(supervisor: Supervisor, log: StringIO) -> None:
    parent = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-u', '-c', {SLEEP!r}])\n{SLEEP}"

    async def scenario() -> tuple[list[psutil.Process], int, int]:
        await supervisor.start(Service("web", python(parent)))
        await until_logged(log, "awake", times=2)
        first = pid_of(supervisor, "web")
        children = psutil.Process(first).children()
        psutil.Process(first).kill()
        await until_logged(log, "awake", times=4)
        second = pid_of(supervisor, "web")
        await supervisor.stop()
        return children, first, second

    children, first, second = asyncio.run(scenario())

    assert first != second
    assert len(children) == 1
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)
    assert "was ended by SIGKILL" in log.getvalue()


def test_restart_waits_for_what_has_to_come_before_it(supervisor: Supervisor, log: StringIO) -> None:
    attempts: list[int] = []

    async def before_restart() -> None:
        attempts.append(len(attempts))
        if len(attempts) == 1:
            raise ServiceFailedError("the site does not answer")

    async def scenario() -> None:
        await supervisor.start(Service("agent", python(SLEEP), before_restart=before_restart))
        psutil.Process(pid_of(supervisor, "agent")).kill()
        await until_logged(log, "awake")
        await supervisor.stop()

    asyncio.run(scenario())

    assert attempts == [0, 1]
    assert "cannot start yet: the site does not answer" in log.getvalue()


def test_stop_goes_from_the_highest_stage_down(supervisor: Supervisor, log: StringIO) -> None:
    code = "import signal, sys, time\n"
    code += "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.2), print('bye'), sys.exit()))\n" + SLEEP

    async def scenario() -> None:
        names = [("postgres", 0), ("web", 1), ("agent", 2)]
        await together(*(supervisor.start(Service(name, python(code), stage=stage)) for name, stage in names))
        await until_logged(log, "awake", times=3)
        await supervisor.stop()

    asyncio.run(scenario())

    goodbyes = [line.split()[0] for line in log.getvalue().splitlines() if line.endswith("bye")]
    assert goodbyes == ["agent", "web", "postgres"]


def test_stop_kills_what_does_not_go(supervisor: Supervisor, log: StringIO) -> None:
    async def scenario() -> tuple[int, float]:
        await supervisor.start(Service("web", python(STUBBORN), stop_within_s=0.3))
        await until_logged(log, "awake")
        pid = pid_of(supervisor, "web")
        started_at = time.monotonic()
        await supervisor.stop()
        return pid, time.monotonic() - started_at

    pid, took_s = asyncio.run(scenario())

    assert not psutil.pid_exists(pid)
    assert took_s < 2
    assert "did not stop within 0.3 s; killed" in log.getvalue()
    assert supervisor.registry.records() == []


def test_stop_uses_the_signal_of_the_service(supervisor: Supervisor, log: StringIO) -> None:
    code = "import time\ntry:\n    print('awake')\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    print('SIGINT')"

    async def scenario() -> None:
        await supervisor.start(Service("postgres", python(code), stop_signal=signal.SIGINT))
        await until_logged(log, "awake")
        await supervisor.stop()

    asyncio.run(scenario())

    assert "SIGINT" in log.getvalue()


def test_run_gives_the_lines_of_a_command_and_hides_captured_ones(supervisor: Supervisor, log: StringIO) -> None:
    code = "import sys\nprint('secret')\nprint('a warning', file=sys.stderr)"

    lines = asyncio.run(supervisor.run("login", python(code), is_captured=True))

    assert lines == ["secret"]
    assert "secret" not in log.getvalue()
    assert "login      | a warning" in log.getvalue()


def test_failed_command_is_an_error_that_names_it(supervisor: Supervisor) -> None:
    with pytest.raises(ServiceFailedError, match="migrate ended with exit code 5"):
        asyncio.run(supervisor.run("migrate", python("raise SystemExit(5)")))


def test_cancelled_command_does_not_outlive_us(supervisor: Supervisor, log: StringIO) -> None:
    async def scenario() -> int:
        running = asyncio.create_task(supervisor.run("migrate", python(STUBBORN)))
        await until_logged(log, "awake")
        pid = pid_of(supervisor, "migrate")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return pid

    pid = asyncio.run(scenario())

    assert not psutil.pid_exists(pid)


def test_failure_of_one_cancels_what_runs_beside_it(supervisor: Supervisor, log: StringIO) -> None:
    async def command(name: str, code: str) -> None:
        await supervisor.run(name, python(code))

    with pytest.raises(ServiceFailedError, match="seed ended with exit code 5"):
        asyncio.run(together(command("static", SLEEP), command("seed", "raise SystemExit(5)")))

    assert supervisor.registry.records() == []
