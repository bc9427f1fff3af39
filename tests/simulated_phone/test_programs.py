"""The benchmark programs print what the real ones print, and fail as they are told to."""

from __future__ import annotations

from pathlib import Path

import pytest

from runners.tools import find
from runners.tools.base import Summary
from tests.simulated_phone.adb_server import AdbServer
from tests.simulated_phone.moments import Moment
from tests.simulated_phone.phone import SimulatedPhone
from tests.simulated_phone.programs import PROGRAMS, write_program

TOOLS = {
    "benchmark_bin": ("paddle-lite", "model.nb"),
    "benchmark_bin_old": ("paddle-lite-2.9", "model.nb"),
    "benchncnn": ("benchncnn", "model.param"),
    "benchmark_model": ("tflite", "model.tflite"),
    "benchmark.out": ("mnn", "model.mnn"),
    "onnxruntime_perf_test": ("ort", "model.onnx"),
}
MODEL_BYTES = 4_000_000


def command_for(phone: SimulatedPhone, program: str) -> str:
    tool, model = TOOLS[program]
    write_program(phone.path("/data/local/tmp"), program)
    folder = phone.path("/data/local/tmp/m")
    folder.mkdir()
    (folder / model).write_bytes(b"model of so many bytes" * (MODEL_BYTES // 22))
    words = find(tool).arguments(
        f"/data/local/tmp/{program}",
        [f"/data/local/tmp/m/{model}"],
        threads=1,
        warmup=5,
        repeats=40,
        input_shape=(3, 224, 224),
        batch_size=1,
        precision="fp32",
    )
    return " ".join(["taskset", "80", *words])


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_a_program_prints_is_read_by_the_agents_adapter(
    phone: SimulatedPhone, adb: AdbServer, program: str
) -> None:
    said = adb.shell(phone, f"{command_for(phone, program)} 2>&1")

    read = find(TOOLS[program][0]).parse(said.stdout, warmup=5, repeats=40)
    assert said.returncode == 0
    assert isinstance(read, Summary)
    assert read.runs == 40
    assert 8.0e6 < read.mean.ns < 9.5e6


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_without_its_model_says_so(phone: SimulatedPhone, adb: AdbServer, program: str) -> None:
    command = command_for(phone, program)
    adb.shell(phone, "rm -r /data/local/tmp/m")

    said = adb.shell(phone, command)

    assert said.returncode == 1
    assert said.stderr


def test_a_crash_is_a_segmentation_fault(phone: SimulatedPhone, adb: AdbServer, benchncnn: str) -> None:
    phone.crash_tool()

    said = adb.shell(phone, f"{benchncnn}; echo $?")

    assert said.stdout == "139\n"


def test_rubbish_ends_with_0(phone: SimulatedPhone, adb: AdbServer, benchncnn: str) -> None:
    phone.garble_tool()

    said = adb.shell(phone, benchncnn)

    assert said.returncode == 0
    assert "avg =" not in said.stderr
    assert len(said.stderr) > 100


def test_an_output_can_end_too_early(phone: SimulatedPhone, adb: AdbServer, benchncnn: str) -> None:
    phone.cut_off_tool()

    said = adb.shell(phone, benchncnn)

    assert (said.returncode, "min =" in said.stderr, "avg =" in said.stderr) == (0, True, False)


def test_a_fault_between_two_invocations_meets_only_the_second(
    phone: SimulatedPhone, adb: AdbServer, benchncnn: str
) -> None:
    phone.at(Moment.BETWEEN_INVOCATIONS, phone.crash_tool)

    codes = [adb.shell(phone, benchncnn).returncode for _ in range(2)]

    assert codes == [0, 139]


def test_recovering_takes_faults_and_plans_back(phone: SimulatedPhone, adb: AdbServer, benchncnn: str) -> None:
    phone.crash_tool()
    phone.remove_taskset()
    phone.at(Moment.TOOL_RUNS, phone.unplug)
    phone.recover()

    said = adb.shell(phone, benchncnn)

    assert said.returncode == 0


def test_a_program_warms_the_phone_and_lets_nothing_stay_behind(
    phone: SimulatedPhone, adb: AdbServer, benchncnn: str
) -> None:
    zone = "cat /sys/class/thermal/thermal_zone4/temp"
    before = int(adb.shell(phone, zone).stdout)

    adb.shell(phone, benchncnn)
    after = int(adb.shell(phone, zone).stdout)
    adb.shell(phone, "rm -r /data/local/tmp/*")

    assert after > before
    assert phone.is_clean()


def test_an_unknown_program_is_named_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="benchncnn"):
        write_program(tmp_path, "trtexec")
