"""How the real adb client sees the phone, and sees it go."""

from __future__ import annotations

from tests.simulated_phone.adb_server import AdbServer
from tests.simulated_phone.moments import Moment
from tests.simulated_phone.phone import SimulatedPhone


def test_the_client_connects_and_lists_the_phone(phone: SimulatedPhone, adb_server: AdbServer) -> None:
    said = adb_server.connect(phone)
    (row,) = [row for row in adb_server.run("devices", "-l").stdout.splitlines() if phone.serial in row]

    assert said == f"connected to {phone.serial}"
    assert row.split()[1:5] == ["device", "product:simulated", "model:Simulated_855", "device:simulated"]


def test_a_phone_that_vanishes_in_mid_command_makes_adb_exit_with_0(
    phone: SimulatedPhone, adb: AdbServer, benchncnn: str
) -> None:
    phone.at(Moment.TOOL_RUNS, phone.unplug)

    said = adb.shell(phone, f"{benchncnn}; echo ended with $?")
    later = adb.shell(phone, "true")

    assert (said.returncode, said.stdout) == (0, "")
    assert later.returncode == 1
    assert later.stderr == "error: device offline\n"


def test_a_phone_that_is_plugged_in_again_can_be_connected_again(phone: SimulatedPhone, adb: AdbServer) -> None:
    phone.unplug()
    phone.plug_in()

    said = adb.connect(phone)

    assert said == f"connected to {phone.serial}"
    assert adb.shell(phone, "echo back").stdout == "back\n"


def test_a_reboot_ends_what_runs_and_starts_anew(phone: SimulatedPhone, adb: AdbServer, benchncnn: str) -> None:
    booted = phone.path("/proc/sys/kernel/random/boot_id").read_text()
    phone.at(Moment.TOOL_RUNS, lambda: phone.reboot(refuses=1))

    said = adb.shell(phone, f"{benchncnn}; echo ended with $?")
    adb.connect(phone)

    assert "ended with" not in said.stdout
    assert adb.shell(phone, "cat /proc/sys/kernel/random/boot_id").stdout not in ("", booted)
    assert not [left for left in phone.leftovers() if left.startswith("running")]


def test_a_phone_that_does_not_answer_any_more_is_offline(phone: SimulatedPhone, adb: AdbServer) -> None:
    phone.go_offline()

    said = adb.shell(phone, "true")

    assert (said.returncode, said.stderr) == (1, "error: device offline\n")
    assert adb.state(phone) == "offline"


def test_a_phone_that_waits_for_a_person_is_unauthorized_until_the_person_allows(
    phone: SimulatedPhone, adb_server: AdbServer
) -> None:
    phone.unauthorize()
    adb_server.connect(phone)
    state = adb_server.state(phone)
    said = adb_server.shell(phone, "true")
    phone.authorize()
    adb_server.run("-s", phone.serial, "wait-for-device")

    assert state == "unauthorized"
    assert (said.returncode, said.stderr.splitlines()[0]) == (1, "error: device unauthorized.")
    assert adb_server.shell(phone, "echo allowed").stdout == "allowed\n"


def test_two_commands_run_side_by_side(phone: SimulatedPhone, adb: AdbServer, benchncnn: str) -> None:
    seen: list[str] = []
    phone.at(Moment.TOOL_RUNS, lambda: seen.append(adb.shell(phone, "echo alongside").stdout))

    said = adb.shell(phone, benchncnn)

    assert (said.returncode, seen) == (0, ["alongside\n"])
