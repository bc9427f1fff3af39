from __future__ import annotations

from pathlib import Path

import pytest

from runners.hardware.base import HardwareAbsentError
from runners.phone import programs
from runners.phone.policy import Policy
from runners.phone.programs import ProgramMissing
from runners.phone.settings import FILE_NAME, PhoneSettings, ProgramSettings, load


def test_file_names_adb_and_the_programs(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(
        '[adb]\nserver_port = 5038\n\n[tools.ncnn]\nprogram = "/opt/benchncnn"\nlibs = ["/opt/libomp.so"]\n'
        'release = "20240820"\n'
    )

    settings = load(tmp_path)

    assert settings.adb.server_port == 5038
    assert settings.tools["ncnn"] == ProgramSettings(
        program=Path("/opt/benchncnn"), libs=(Path("/opt/libomp.so"),), release="20240820"
    )


def test_lab_may_be_stricter_than_the_protocols_and_wait_shorter(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("[policy]\nleast_battery_percent = 50\nlongest_wait_s = 600\n")

    policy = load(tmp_path).policy

    assert policy == Policy(least_battery_percent=50, longest_wait_s=600)
    assert policy.facts() == {"least_battery_percent": 50, "warmer_by_c": 8}


def test_absent_file_sets_nothing_and_adbs_own_variable_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", "6000")

    settings = load(tmp_path)

    assert (settings.adb.program, settings.adb.server_port, settings.tools) == ("adb", 6000, {})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[tools", "cannot be read"),
        ("[tools.ncnn]\n", "setting tools.ncnn.program is wrong"),
        ('[tools.ncnn]\nprogram = "a"\nprogramme = "b"\n', "setting tools.ncnn.programme is wrong"),
        ("[adb]\nserver_port = 0\n", "setting adb.server_port is wrong"),
        ("[policy]\nwarmer_by_c = 9.0\n", "setting policy.warmer_by_c is wrong: .*less than or equal to 8"),
        ("[policy]\nleast_battery_percent = 29\n", "setting policy.least_battery_percent is wrong"),
    ],
)
def test_broken_file_is_one_sentence_that_names_the_setting(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / FILE_NAME).write_text(content)

    with pytest.raises(HardwareAbsentError, match=says):
        load(tmp_path)


def configured(**tools: ProgramSettings) -> PhoneSettings:
    return PhoneSettings(tools=tools)


def test_program_is_named_by_its_release_or_by_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "benchmark_model"
    path.write_bytes(b"program")

    named = programs.find(configured(tflite=ProgramSettings(program=path, release="2.17")), "tflite")
    unnamed = programs.find(configured(tflite=ProgramSettings(program=path)), "tflite")

    assert (named.release, named.tool.name) == ("2.17", "tflite")
    assert unnamed.release == f"program {unnamed.facts()['program_sha256'][:12]}"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (ProgramSettings(program=Path("/no/such/program")), "/no/such/program of phones.toml is not there"),
        (ProgramSettings(program=Path(__file__), tool="abacus"), "no benchmark program 'abacus'"),
        (ProgramSettings(program=Path(__file__), tool="tflite"), "tflite of phones.toml is no program of paddle-lite"),
    ],
)
def test_program_that_cannot_be_used_says_why(settings: ProgramSettings, says: str) -> None:
    with pytest.raises(ProgramMissing, match=says):
        programs.find(PhoneSettings(tools={"paddle-lite": settings}), "paddle-lite")


def test_older_program_of_an_engine_is_chosen_by_name() -> None:
    settings = ProgramSettings(program=Path(__file__), tool="paddle-lite-2.9")

    program = programs.find(PhoneSettings(tools={"paddle-lite": settings}), "paddle-lite")

    assert (program.engine, program.tool.name) == ("paddle-lite", "paddle-lite-2.9")


def test_engine_whose_converter_is_missing_is_not_usable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("runners.phone.mnn.sys.prefix", "/nowhere")
    settings = PhoneSettings(tools={"mnn": ProgramSettings(program=Path(__file__))})

    assert programs.usable(settings) == {}
    with pytest.raises(ProgramMissing, match="pip install MNN"):
        programs.find(settings, "mnn")
