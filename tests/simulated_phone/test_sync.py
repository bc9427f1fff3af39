"""`adb push`, `pull` and `ls` on the simulated phone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.simulated_phone.adb_server import AdbServer
from tests.simulated_phone.moments import Moment
from tests.simulated_phone.phone import SimulatedPhone

LARGE_BYTES = 45_000_000
# A tenth of what was measured on a busy machine.
LARGE_WITHIN_S = 10


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """An executable file of more than one block."""
    path = tmp_path / "program"
    path.write_bytes(os.urandom(300_000))
    path.chmod(0o755)
    return path


def test_45_megabytes_go_there_and_back_unchanged(phone: SimulatedPhone, adb: AdbServer, tmp_path: Path) -> None:
    large, back = tmp_path / "large", tmp_path / "back"
    large.write_bytes(os.urandom(1_000_000) * 45)

    pushed = adb.run("-s", phone.serial, "push", str(large), "/data/local/tmp/l", timeout_s=LARGE_WITHIN_S)
    pulled = adb.run("-s", phone.serial, "pull", "/data/local/tmp/l", str(back), timeout_s=LARGE_WITHIN_S)

    assert (pushed.returncode, pulled.returncode) == (0, 0)
    assert back.stat().st_size == LARGE_BYTES
    assert back.read_bytes() == large.read_bytes()


def test_a_pushed_program_can_be_executed_and_keeps_its_time(
    phone: SimulatedPhone, adb: AdbServer, program: Path
) -> None:
    os.utime(program, (1e9, 1e9))

    adb.run("-s", phone.serial, "push", str(program), "/data/local/tmp/new/folder/p")
    said = adb.shell(phone, "stat -c '%a %s %Y' /data/local/tmp/new/folder/p; sha256sum /data/local/tmp/new/folder/p")

    assert said.stdout.startswith("755 300000 1000000000\n")
    assert said.stdout.endswith("  /data/local/tmp/new/folder/p\n")


def test_folders_go_there_and_back(phone: SimulatedPhone, adb: AdbServer, program: Path, tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/text").write_text("inside")
    (tmp_path / "a/empty").write_text("")

    adb.run("-s", phone.serial, "push", str(tmp_path / "a"), "/data/local/tmp/")
    pulled = adb.run("-s", phone.serial, "pull", "/data/local/tmp/a", str(tmp_path / "back"))
    listed = adb.run("-s", phone.serial, "ls", "/data/local/tmp/a")

    assert pulled.returncode == 0
    assert (tmp_path / "back/b/text").read_text() == "inside"
    assert [line.split()[-1] for line in listed.stdout.splitlines()] == ["b", "empty"]


def test_what_is_not_there_cannot_be_pulled(phone: SimulatedPhone, adb: AdbServer, tmp_path: Path) -> None:
    said = adb.run("-s", phone.serial, "pull", "/data/local/tmp/none", str(tmp_path))

    assert said.returncode == 1
    assert "'/data/local/tmp/none' does not exist" in said.stderr + said.stdout


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("fill_storage", "No space left on device"), ("make_read_only", "Read-only file system")],
)
def test_a_phone_that_takes_no_file_says_why_and_keeps_no_part_of_it(
    phone: SimulatedPhone, adb: AdbServer, program: Path, fault: str, reason: str
) -> None:
    phone.at(Moment.DURING_PUSH, getattr(phone, fault))

    said = adb.run("-s", phone.serial, "push", str(program), "/data/local/tmp/p")

    assert said.returncode == 1
    assert reason in said.stdout + said.stderr
    assert phone.is_clean()


@pytest.mark.parametrize("moment", [Moment.BEFORE_PUSH, Moment.DURING_PUSH])
def test_a_push_ends_with_an_error_when_the_phone_vanishes(
    phone: SimulatedPhone, adb: AdbServer, program: Path, moment: Moment
) -> None:
    phone.at(moment, phone.unplug)

    said = adb.run("-s", phone.serial, "push", str(program), "/data/local/tmp/p")

    assert said.returncode == 1
    assert adb.state(phone) == "offline"
    assert "/data/local/tmp/p" not in phone.leftovers()


def test_what_a_file_takes_is_missing_in_the_free_space(phone: SimulatedPhone, adb: AdbServer, program: Path) -> None:
    phone.fill_storage(left_bytes=400_000)

    first = adb.run("-s", phone.serial, "push", str(program), "/data/local/tmp/one")
    second = adb.run("-s", phone.serial, "push", str(program), "/data/local/tmp/two")

    assert (first.returncode, second.returncode) == (0, 1)
    assert int(adb.shell(phone, "df /data | tail -1").stdout.split()[3]) < 110
