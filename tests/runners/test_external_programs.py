from __future__ import annotations

from pathlib import Path

from runners.external_programs import programs_for
from runners.hardware.base import Finding
from runners.phone.programs import ENGINES


def found(category: str, state_dir: Path) -> dict[str, Finding]:
    return {finding.subject: finding for finding in programs_for(category, state_dir)}


def test_every_program_of_a_phone_is_told_of_with_its_source_and_its_place(tmp_path: Path) -> None:
    (tmp_path / "phones.toml").write_text('[adb]\nprogram = "no-such-adb"\n')

    told = found("phone", tmp_path)

    assert set(told) == {"phone adb", *(f"phone {engine}" for engine in ENGINES)}
    assert "'no-such-adb' is not on this host. Install it: apt-get install adb" in told["phone adb"].text
    for engine, source in ENGINES.items():
        assert source in told[f"phone {engine}"].text
        assert f"[tools.{engine}]" in told[f"phone {engine}"].text
    assert not any(finding.is_ok or finding.is_needed for finding in told.values())


def test_configured_programs_are_named_with_their_release(tmp_path: Path) -> None:
    program = tmp_path / "benchmark_model"
    program.write_bytes(b"a program")
    (tmp_path / "phones.toml").write_text(f'[tools.tflite]\nprogram = "{program}"\nrelease = "2.19"\n')
    (tmp_path / "gpu.toml").write_text(f'[trtexec]\nprogram = "{program}"\n')

    told = found("phone", tmp_path) | found("gpu", tmp_path)

    assert (told["phone tflite"].is_ok, told["phone tflite"].text) == (True, f"{program}, release 2.19")
    assert (told["gpu trtexec"].is_ok, told["gpu trtexec"].text) == (True, str(program))


def test_trtexec_that_is_configured_and_not_there_says_where_it_comes_from(tmp_path: Path) -> None:
    (tmp_path / "gpu.toml").write_text('[trtexec]\nprogram = "/nowhere/trtexec"\n')

    told = found("gpu", tmp_path)["gpu trtexec"]

    assert not told.is_ok
    assert "comes with TensorRT" in told.text


def test_settings_that_cannot_be_read_are_not_told_of_twice(tmp_path: Path) -> None:
    (tmp_path / "phones.toml").write_text("[adb")

    assert found("phone", tmp_path) == {}


def test_host_cpu_needs_no_program(tmp_path: Path) -> None:
    assert found("cpu", tmp_path) == {}
