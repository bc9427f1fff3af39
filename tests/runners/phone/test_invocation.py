from __future__ import annotations

import pytest

from runners.phone.adb import Answer
from runners.phone.folder import Leftovers, parse
from runners.phone.invocation import check_ended_well
from runners.phone.sampler import BATTERY_FILE, Watch
from runners.supervise import AttemptFailed
from runners.wire import FailureKind

PROGRAM = "/data/local/tmp/zooboard-0123456789abcdef/benchncnn"


@pytest.mark.parametrize(
    ("code", "output", "kind", "says"),
    [
        (139, "Segmentation fault", FailureKind.ENGINE, "crashed on the phone with signal 11"),
        (134, "terminating", FailureKind.ENGINE, "signal 6. Its last line: terminating"),
        (137, "Killed", FailureKind.DEVICE, "when memory runs out"),
        (127, "sh: taskset: not found", FailureKind.DEVICE, "has no taskset"),
        (127, "/system/bin/sh: taskset: inaccessible or not found", FailureKind.DEVICE, "has no taskset"),
        (126, f"taskset: exec {PROGRAM}: Exec format error", FailureKind.INFRASTRUCTURE, "Build it for this phone"),
        (
            1,
            'CANNOT LINK EXECUTABLE "benchncnn": library "libomp.so" not found: needed by main executable',
            FailureKind.INFRASTRUCTURE,
            "name its libs",
        ),
        (1, "fopen model.param failed", FailureKind.ENGINE, "benchncnn ended with 1 on the phone: fopen model.param"),
        (1, "", FailureKind.ENGINE, "it said nothing"),
    ],
)
def test_exit_code_says_whose_fault_it_is(code: int, output: str, kind: FailureKind, says: str) -> None:
    with pytest.raises(AttemptFailed) as failure:
        check_ended_well(Answer(code, output), PROGRAM)

    assert failure.value.kind == kind
    assert says in failure.value.reason


def test_program_that_ended_with_0_is_well() -> None:
    check_ended_well(Answer(0, "not found, it says, and goes on"), PROGRAM)


def test_sample_keeps_what_could_be_read_apart_from_what_could_not() -> None:
    watch = Watch(zones=[1, 2], cores=[6, 7], reading_mask="0f", pid_file="/data/local/tmp/zooboard-0/pid")

    sample = watch.parse(
        "zooboard-running\n"
        "/sys/class/thermal/thermal_zone1/temp:41200\n"
        "grep: /sys/class/thermal/thermal_zone2/temp: Permission denied\n"
        "/sys/devices/system/cpu/cpu7/cpufreq/scaling_cur_freq:2841600\n"
        "/sys/devices/system/cpu/cpu7/cpufreq/scaling_max_freq:2745600\n"
        f"{BATTERY_FILE}:87\n",
        1.25,
    )

    assert sample.as_facts() == {
        "at_s": 1.25,
        "is_running": True,
        "temperature_c": 41.2,
        "frequencies_khz": {"7": 2841600},
        "permitted_khz": {"7": 2745600},
        "battery_percent": 87.0,
    }
    assert "taskset 0f grep -s . /sys/class/thermal/thermal_zone1/temp" in watch.command


def test_only_programs_in_our_folders_are_ours_and_no_shell_that_names_them() -> None:
    found = parse(
        "  PID ARGS\n"
        "    1 init\n"
        f" 4711 {PROGRAM} 100 1 2 -1 0\n"
        f" 4712 sh -c exec 2>&1; ls -d {PROGRAM}\n"
        " 4713 /data/local/tmp/other/benchncnn\n"
        "/data/local/tmp/zooboard-0123456789abcdef\n"
    )

    assert found == Leftovers(["4711"], ["/data/local/tmp/zooboard-0123456789abcdef"])


def test_phone_without_leftovers_has_none() -> None:
    assert parse("PID ARGS\n1 init\nls: /data/local/tmp/zooboard-*: No such file or directory\n").is_nothing
