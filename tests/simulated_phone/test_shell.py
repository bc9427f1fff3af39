"""`adb shell` on the simulated phone."""

from __future__ import annotations

import subprocess

from tests.simulated_phone.adb_server import AdbServer
from tests.simulated_phone.moments import Moment
from tests.simulated_phone.phone import SimulatedPhone


def test_exit_code_output_and_errors_keep_apart(phone: SimulatedPhone, adb: AdbServer) -> None:
    said = adb.shell(phone, "echo out; echo err >&2; exit 7")

    assert (said.returncode, said.stdout, said.stderr) == (7, "out\n", "err\n")


def test_pipes_redirections_and_conditions_work(phone: SimulatedPhone, adb: AdbServer) -> None:
    said = adb.shell(phone, "cat /proc/cpuinfo | grep -c 0x804; false || ls /data/none 2>&1; test -d /data; echo $?")

    assert said.stdout == "4\nls: cannot access '/data/none': No such file or directory\n0\n"


def test_input_reaches_the_command(phone: SimulatedPhone, adb: AdbServer) -> None:
    command = [adb.program, "-s", phone.serial, "shell", "sha256sum | cut -c1-8"]
    said = subprocess.run(command, env=adb.environment, input=b"a" * 200_000, capture_output=True, check=True)

    assert said.stdout == b"2287d207\n"


def test_raw_output_comes_unchanged(phone: SimulatedPhone, adb: AdbServer) -> None:
    command = [adb.program, "-s", phone.serial, "exec-out", r"printf 'a\r\n\000b'"]
    said = subprocess.run(command, env=adb.environment, capture_output=True, check=True)

    assert said.stdout == b"a\r\n\0b"


def test_what_the_phone_does_not_have_is_not_found(phone: SimulatedPhone, adb: AdbServer) -> None:
    phone.remove_taskset()

    said = adb.shell(phone, "taskset 80 echo bound")

    assert (said.returncode, "taskset: not found" in said.stderr) == (127, True)


def test_the_phone_tells_what_it_is(phone: SimulatedPhone, adb: AdbServer) -> None:
    said = adb.shell(phone, "getprop ro.board.platform; getprop ro.none; getprop | grep -c soc; uname -m; id -u; nproc")

    assert said.stdout == "msmnile\n\n2\naarch64\n2000\n8\n"


def test_a_change_of_state_is_seen_by_the_next_command(phone: SimulatedPhone, adb: AdbServer) -> None:
    phone.screen_on()
    phone.drain_battery(12.0)
    phone.set_property("ro.kernel.qemu", "")

    said = adb.shell(phone, "dumpsys battery | grep level; dumpsys power | grep mWakefulness=; getprop ro.kernel.qemu")
    adb.shell(phone, "input keyevent 223")

    assert said.stdout == "  level: 12\n  mWakefulness=Awake\n\n"
    assert "Asleep" in adb.shell(phone, "dumpsys power").stdout


def test_an_action_comes_between_a_command_and_the_next(phone: SimulatedPhone, adb: AdbServer) -> None:
    phone.on_command("battery", lambda: phone.drain_battery(20.0), occurrence=2)

    levels = [adb.shell(phone, "dumpsys battery | sed -n 's/ *level: //p'").stdout for _ in range(3)]

    assert levels == ["87\n", "87\n", "20\n"]


def test_a_program_outlives_its_client_until_it_is_killed(
    phone: SimulatedPhone, adb: AdbServer, benchncnn: str
) -> None:
    phone.hang_tool()
    phone.at(Moment.TOOL_RUNS, phone.unplug)
    adb.shell(phone, f"{benchncnn}; true")
    phone.plug_in()
    adb.connect(phone)

    listed = adb.shell(phone, "ps -A -o PID,ARGS").stdout
    adb.shell(phone, "pkill -9 -f '[b]enchncnn'")

    assert "./benchncnn 20 1 2 -1 0" in listed
    assert str(phone.path("/")) not in listed
    assert phone.leftovers() == ["/data/local/tmp/benchncnn", "/data/local/tmp/m.param"]


def test_a_read_only_phone_refuses_folders(phone: SimulatedPhone, adb: AdbServer) -> None:
    phone.make_read_only()

    said = adb.shell(phone, "mkdir -p /data/local/tmp/x")

    assert (said.returncode, said.stderr) == (1, "mkdir: '/data/local/tmp/x': Read-only file system\n")
