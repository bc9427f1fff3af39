"""The real program, `python -m runners`, with a simulated phone on its host and a site over real HTTP."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runners import wire
from runners.cli import app
from runners.config import Config, ConfigError, StateFolder
from tests.runners.phone.attempts import make_artifact
from tests.runners.site_double import TOKEN, SiteDouble
from tests.simulated_phone import AdbServer, Moment, SimulatedPhone, write_program

ROOT = Path(__file__).parents[3]
NETWORK = b"network" * 1000


@pytest.fixture
def site() -> Iterator[SiteDouble]:
    with SiteDouble() as site:
        site.files["model.tflite"] = NETWORK
        yield site


@pytest.fixture
def folder(tmp_path: Path, phone: SimulatedPhone, adb_server: AdbServer) -> StateFolder:
    """The state folder of a lab with one program, not enrolled yet, its phone attached."""
    adb_server.connect(phone)
    folder = StateFolder(tmp_path / "state")
    folder.create()
    program = write_program(tmp_path, "benchmark_model")
    (folder.root / "phones.toml").write_text(
        f'[adb]\nserver_port = {adb_server.port}\n[tools.tflite]\nprogram = "{program}"\n'
    )
    return folder


@pytest.fixture
def enrolled(folder: StateFolder, site: SiteDouble, phone: SimulatedPhone) -> StateFolder:
    chosen = (f"phone:{phone.serial}",)
    folder.save(Config(site=site.url, agent_id="1", name="lab", token=TOKEN, chosen=chosen))
    return folder


def command(*arguments: str, folder: StateFolder) -> list[str]:
    return [sys.executable, "-m", "runners", *arguments, "--state", str(folder.root)]


def run(*arguments: str, folder: StateFolder) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments, folder=folder), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def here(*arguments: str, folder: StateFolder) -> None:
    """The same command in this process, where it needs no process of its own."""
    app([*arguments, "--state", str(folder.root)], standalone_mode=False)


def phone_order(tmp_path: Path, *, attempt_id: int = 70) -> wire.RunOrder:
    return wire.RunOrder(
        run_id=7,
        attempt_id=attempt_id,
        model="MobileNetV1",
        engine="tflite",
        device_fingerprint="0" * 64,
        protocol=wire.Protocol(slug="sd855-bs1-t1", version=1, kind=wire.ProtocolKind.LATENCY, warmup=10, repeats=100),
        artifact=make_artifact(tmp_path, content=NETWORK),
    )


def test_run_on_a_phone_is_measured_and_uploaded(
    site: SiteDouble, enrolled: StateFolder, phone: SimulatedPhone, tmp_path: Path
) -> None:
    site.offer(phone_order(tmp_path))

    done = run("once", folder=enrolled)

    result = wire.ResultRequest.model_validate(site.calls("result")[0].json())
    assert isinstance(result.record, wire.SummaryRecord), done.stdout
    assert "offers Snapdragon 855 (simulated) with tflite" in done.stdout
    [device] = site.calls("lease")[0].json()["devices"]
    assert (device["category"], device["is_simulated"]) == ("phone", True)
    assert phone.is_clean(), phone.leftovers()


def test_agent_killed_in_mid_run_gives_the_run_back_and_cleans_the_phone_at_its_next_start(
    site: SiteDouble, enrolled: StateFolder, phone: SimulatedPhone, tmp_path: Path
) -> None:
    site.offer(phone_order(tmp_path))
    phone.hang_tool()
    with subprocess.Popen(command("once", folder=enrolled), cwd=ROOT, stdout=subprocess.DEVNULL) as agent:
        phone.at(Moment.TOOL_RUNS, lambda: agent.send_signal(signal.SIGKILL))
        agent.wait(60)
    left = phone.leftovers()

    run("once", folder=enrolled)

    assert agent.returncode == -signal.SIGKILL
    assert any("zooboard-" in each for each in left)
    [fail] = site.calls("fail")
    assert fail.json()["reason"] == "The agent was killed in mid-run."
    check = site.calls("lease")[-1].json()["devices"][0]["self_check"]
    assert (check["is_ok"], check["after_attempt_id"]) == (True, 70)
    assert phone.is_clean(), phone.leftovers()


def test_enrolling_finds_the_phone_and_offers_everything_that_works(
    site: SiteDouble, folder: StateFolder, phone: SimulatedPhone, capsys: pytest.CaptureFixture[str]
) -> None:
    here("enroll", site.url, "K7QF-2M9T", "--no-gpus", folder=folder)

    shown = capsys.readouterr().out
    for expected in ("Snapdragon 855", "(simulated)", "tflite program", "sd855-bs1-t1", "cpu-fp32-bs1"):
        assert expected in shown
    assert folder.load().chosen == ("cpu", f"phone:{phone.serial}")


def test_enrolling_asks_somebody_at_a_terminal_for_each_device(
    site: SiteDouble, folder: StateFolder, phone: SimulatedPhone
) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"n\ny\n")

    done = subprocess.run(
        command("enroll", site.url, "K7QF-2M9T", "--no-gpus", folder=folder),
        cwd=ROOT,
        stdin=theirs,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(theirs)
    os.close(ours)

    assert done.returncode == 0, done.stderr
    assert f"Offer Snapdragon 855, Simulated 855 (serial {phone.serial}) (simulated)? [Y/n]" in done.stdout
    assert folder.load().chosen == (f"phone:{phone.serial}",)


def test_choosing_again_leaves_out_what_is_not_to_be_looked_for(
    enrolled: StateFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    here("choose", "--no-phones", "--no-gpus", folder=enrolled)

    assert capsys.readouterr().out.endswith("lab offers 1 device from the next start on.\n")
    assert enrolled.load().chosen == ("cpu",)


def test_agent_all_of_whose_hardware_has_gone_says_how_to_choose_again(enrolled: StateFolder) -> None:
    enrolled.save(enrolled.load().model_copy(update={"chosen": ("gpu:gone",)}))

    with pytest.raises(ConfigError, match="Choose again with: zooboard-runner choose"):
        here("once", folder=enrolled)


def test_doctor_says_of_the_phone_and_its_engines_what_works(
    enrolled: StateFolder, phone: SimulatedPhone, capsys: pytest.CaptureFixture[str]
) -> None:
    here("doctor", folder=enrolled)

    shown = capsys.readouterr().out
    assert re.search(rf"^ok  Snapdragon 855, .*{phone.serial}\) +Android 11", shown, re.MULTILINE), shown
    assert re.search(rf"^ok  {phone.serial} tflite", shown, re.MULTILINE), shown
    assert re.search(rf"^--  {phone.serial} mnn +needs benchmark.out", shown, re.MULTILINE), shown
