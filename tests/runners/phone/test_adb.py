from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from runners.phone import adb as adb_module
from runners.phone.adb import (
    Adb,
    AdbTimeoutError,
    AdbUnavailableError,
    Attached,
    EndlessOutputError,
    parse_devices,
)
from runners.phone.discovery import seen
from runners.phone.remote import Remote, RemoteError
from runners.supervise import Stopped
from tests.simulated_phone import AdbServer, Moment, SimulatedPhone

LISTING = """* daemon not running; starting now at tcp:5038
* daemon started successfully
List of devices attached
9A2B13F7               device usb:1-2 product:flame model:Pixel_4 device:flame transport_id:3
emulator-5554          offline transport_id:4
R58M123                unauthorized usb:1-3 transport_id:5
0123456789             no permissions (user in plugdev group; are your udev rules wrong?); see [http://d] usb:1-4

"""


def test_listing_gives_serial_state_and_details() -> None:
    pixel, *others = parse_devices(LISTING)

    assert pixel == Attached(
        "9A2B13F7",
        "device",
        {"usb": "1-2", "product": "flame", "model": "Pixel_4", "device": "flame", "transport_id": "3"},
    )
    assert [each.state for each in others] == ["offline", "unauthorized", "no permissions"]


def test_host_without_adb_is_told_how_to_get_it() -> None:
    with pytest.raises(AdbUnavailableError, match="apt-get install adb"):
        Adb("no-such-adb")


def test_program_that_is_no_adb_is_the_hosts_fault() -> None:
    with pytest.raises(AdbUnavailableError, match="adb does not list its phones"):
        Adb("false").devices()


def test_call_that_does_not_end_is_ended(remote: Remote) -> None:
    with pytest.raises(AdbTimeoutError, match="did not end within 0 s"):
        remote.shell("sleep 60", timeout_s=0.1)


def test_call_is_stopped_on_request(remote: Remote) -> None:
    should_stop = threading.Event()
    should_stop.set()

    with pytest.raises(Stopped):
        remote.shell("sleep 60", should_stop=should_stop)


def test_output_without_an_end_is_no_cut_connection(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adb_module, "LONGEST_OUTPUT_BYTES", 10_000)

    with pytest.raises(EndlessOutputError, match="it printed more than 10,000 bytes"):
        remote.shell("while true; do echo rubbish; done")


def test_command_gives_its_output_on_one_stream_and_its_exit_code(remote: Remote) -> None:
    answer = remote.shell("echo out; echo err >&2; (exit 7)")

    assert (answer.exit_code, answer.output.split()) == (7, ["out", "err"])


def test_command_that_must_not_fail_says_what_went_wrong(remote: Remote) -> None:
    with pytest.raises(RemoteError, match=r"ended with 1: cat: .*No such file"):
        remote.run("cat /data/local/tmp/nothing")


def test_file_that_changed_on_its_way_is_noticed(remote: Remote, phone: SimulatedPhone, tmp_path: Path) -> None:
    local = tmp_path / "model.bin"
    local.write_bytes(bytes(200_000))
    remote.run("mkdir /data/local/tmp/zooboard-1")
    folder = phone.path("/data/local/tmp/zooboard-1")
    phone.at(Moment.DURING_PUSH, lambda: damage(*folder.iterdir()))

    with pytest.raises(RemoteError, match=r"model\.bin did not arrive on the phone as sent"):
        remote.push([local], "/data/local/tmp/zooboard-1")


def damage(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"damaged")


def test_server_that_was_started_in_vain_does_not_stay(adb_server: AdbServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setattr("os.environ", {**adb_server.environment, "ANDROID_ADB_SERVER_PORT": str(port)})
    adb = Adb(port=port)

    found = seen(adb)

    assert found == []
    assert not adb.is_serving()


def test_server_that_ran_before_stays(adb_server: AdbServer) -> None:
    adb = Adb(port=adb_server.port)

    assert seen(adb) == []
    assert adb.is_serving()
