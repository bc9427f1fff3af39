"""Paths of the phone in command lines and outputs."""

from pathlib import Path

import pytest

from tests.simulated_phone.command_line import OutputToPhone, to_host

ROOT = Path("/srv/phone/root")


@pytest.mark.parametrize(
    ("phone", "host"),
    [
        ("cat /proc/cpuinfo", "cat /srv/phone/root/proc/cpuinfo"),
        ("cd '/data/local/tmp/x' && ./run", "cd '/srv/phone/root/data/local/tmp/x' && ./run"),
        ("tool --graph=/data/m.tflite", "tool --graph=/srv/phone/root/data/m.tflite"),
        (
            "LD_LIBRARY_PATH=/data/a:/vendor/lib x",
            "LD_LIBRARY_PATH=/srv/phone/root/data/a:/srv/phone/root/vendor/lib x",
        ),
        ("x >/data/out 2>&1", "x >/srv/phone/root/data/out 2>&1"),
        ("du /data", "du /srv/phone/root/data"),
    ],
)
def test_absolute_paths_of_the_phone_lead_into_its_folder(phone: str, host: str) -> None:
    assert to_host(phone, ROOT) == host


@pytest.mark.parametrize("command", ["x 2>/dev/null", "ls ./data/x", "cat a/proc/b", "ls /database", "echo 1/2"])
def test_anything_else_stays_as_it_is(command: str) -> None:
    assert to_host(command, ROOT) == command


def test_a_folder_that_needs_quoting_is_refused() -> None:
    with pytest.raises(ValueError, match="plain name"):
        to_host("ls /data", Path("/srv/my phone"))


def test_an_output_that_arrives_byte_by_byte_shows_the_phones_paths() -> None:
    output = b"/srv/phone/root/data/x: /srv/phone is no path of it, nor is /srv/ph"
    shown = OutputToPhone(ROOT)

    seen = b"".join(shown.feed(output[index : index + 1]) for index in range(len(output))) + shown.finish()

    assert seen == b"/data/x: /srv/phone is no path of it, nor is /srv/ph"
