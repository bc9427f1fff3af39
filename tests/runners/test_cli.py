"""The real process, `python -m runners`, against a site over real HTTP."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from runners import __version__
from runners.config import StateFolder
from tests.runners.site_double import TOKEN, SiteDouble, make_order, problem

ROOT = Path(__file__).parents[2]
LONG_S = 60.0


def command(*arguments: str, state: Path) -> list[str]:
    return [sys.executable, "-m", "runners", *arguments, "--state", str(state)]


def run(*arguments: str, state: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments, state=state), cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )


def test_enrolling_keeps_the_token_for_its_user_alone(site: SiteDouble, tmp_path: Path) -> None:
    done = run(
        "enroll", "--no-phones", site.url + "/", "K7QF-2M9T", "--name", "lab-1", "--simulated", state=tmp_path / "new"
    )

    config = StateFolder(tmp_path / "new").load()
    assert done.stdout.endswith("Enrolled as lab-1 (1). Next: zooboard-runner start\n")
    assert (config.site, config.token, config.is_simulated) == (site.url, TOKEN, True)
    assert config.chosen == ("cpu",)
    assert site.calls("enroll")[0].json()["code"] == "K7QF-2M9T"
    assert "authorization" not in site.calls("enroll")[0].headers


def test_enrolling_keeps_the_engines_that_were_chosen(site: SiteDouble, tmp_path: Path) -> None:
    chosen = ["--engine", "openvino", "--engine", "onnxruntime"]

    run("enroll", "--no-phones", site.url, "K7QF-2M9T", *chosen, state=tmp_path / "chosen")
    run("enroll", "--no-phones", site.url, "K7QF-2M9T", state=tmp_path / "all")

    assert StateFolder(tmp_path / "chosen").load().engines == ("openvino", "onnxruntime")
    assert StateFolder(tmp_path / "all").load().engines == ("ncnn", "onnxruntime", "openvino")


def test_enrolling_with_an_engine_that_does_not_work_here_uses_no_code(site: SiteDouble, tmp_path: Path) -> None:
    done = run("enroll", "--no-phones", site.url, "K7QF-2M9T", "--engine", "abacus", state=tmp_path / "new")

    assert done.returncode == 1
    assert "no engine 'abacus'; it has: ncnn, onnxruntime" in done.stderr
    assert site.calls("enroll") == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["K7QF-2M9T", "--name", "bad name!"], "is no name for an agent"), (["x" * 101], "copy it whole")],
)
def test_a_name_or_code_that_cannot_be_is_one_sentence(
    site: SiteDouble, tmp_path: Path, arguments: list[str], says: str
) -> None:
    done = run("enroll", "--no-phones", site.url, *arguments, state=tmp_path / "new")

    assert done.returncode == 2
    assert says in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr
    assert site.calls("enroll") == []


def test_a_short_code_is_for_the_site_to_judge(site: SiteDouble, tmp_path: Path) -> None:
    site.script("enroll", problem(403, "There is no such enrolment code."))

    done = run("enroll", "--no-phones", site.url, "CODE", state=tmp_path / "new")

    assert done.returncode == 1
    assert done.stderr.endswith("There is no such enrolment code. Whoever runs the site can help.\n")


def test_enrolling_at_a_site_that_is_down_says_what_to_do_as_nothing_tries_again(tmp_path: Path) -> None:
    with SiteDouble() as site:
        url = site.url

    done = run("enroll", "--no-phones", url, "K7QF-2M9T", state=tmp_path / "new")

    assert done.returncode == 1
    assert done.stderr.endswith("Check the address, or try again when the site is up.\n")


def test_a_code_that_is_refused_leaves_no_config(site: SiteDouble, tmp_path: Path) -> None:
    site.script("enroll", problem(403, "This code was used."))

    done = run("enroll", "--no-phones", site.url, "K7QF-2M9T", state=tmp_path / "new")

    assert done.returncode == 1
    assert "This code was used" in done.stderr
    assert not (tmp_path / "new" / "config.json").exists()


def test_results_for_one_site_are_not_sent_to_another(site: SiteDouble, state: Path) -> None:
    (state / "spool" / "7-70.json.gz").write_bytes(b"result")
    with SiteDouble() as other:
        done = run("enroll", "--no-phones", other.url, "K7QF-2M9T", state=state)

        assert done.returncode == 1
        assert f"for {site.url} wait for upload" in done.stderr
        assert other.received == []


def test_rotating_replaces_the_token(state: Path) -> None:
    run("rotate", state=state)

    assert StateFolder(state).load().token == "zba_1_new"


def test_plain_http_to_another_machine_is_refused(tmp_path: Path) -> None:
    done = run("enroll", "--no-phones", "http://zoo.example.org", "K7QF-2M9T", state=tmp_path)

    assert done.returncode == 1
    assert "Use https" in done.stderr
    assert "Traceback" not in done.stderr


def test_once_takes_one_run_and_exits_0(site: SiteDouble, state: Path) -> None:
    site.offer(make_order(), make_order(run_id=8, attempt_id=80))

    done = run("once", state=state)

    assert done.returncode == 0, done.stderr
    assert [call.json()["run_id"] for call in site.calls("result")] == [7]


def test_once_says_that_there_is_no_run_and_exits_0(state: Path) -> None:
    done = run("once", state=state)

    assert done.returncode == 0
    assert done.stdout.endswith("There is no run for this agent now.\n")


@pytest.mark.parametrize(
    ("status", "exit_code", "advice"), [(401, 3, "Enrol again"), (426, 4, "pip install --upgrade")]
)
def test_an_answer_after_which_nothing_can_succeed_has_its_own_exit_code(
    site: SiteDouble, state: Path, status: int, exit_code: int, advice: str
) -> None:
    site.script("heartbeat", problem(status, "No."))

    done = run("start", state=state)

    assert done.returncode == exit_code
    assert advice in done.stderr
    assert "Traceback" not in done.stderr


def test_a_pipe_gets_plain_lines_with_a_time(site: SiteDouble, state: Path) -> None:
    site.offer(make_order())

    done = run("once", state=state)

    assert "\x1b" not in done.stdout
    lines = done.stdout.splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ", line) for line in lines)
    assert any("MobileNetV1 · cpu-fp32-bs1 · process 1/1" in line for line in lines)


@pytest.mark.parametrize(("no_color", "is_live"), [("", True), ("1", False)])
def test_a_terminal_gets_a_live_line_unless_it_wants_no_colour(
    site: SiteDouble, state: Path, no_color: str, is_live: bool
) -> None:
    site.offer(make_order())
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "200"} | ({"NO_COLOR": no_color} if no_color else {})
    ours, theirs = pty.openpty()

    subprocess.run(command("once", state=state), cwd=ROOT, env=environment, stdout=theirs, timeout=30, check=True)
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)

    assert "MobileNetV1 · cpu-fp32-bs1 · process 1/1" in shown
    assert ("\x1b[2K" in shown) is is_live


def test_the_token_is_never_printed(site: SiteDouble, state: Path) -> None:
    site.offer(make_order())
    site.script("heartbeat", problem(500, "Fault."))

    done = run("once", state=state)

    assert TOKEN not in done.stdout + done.stderr


def test_doctor_is_content_with_an_enrolled_agent(state: Path) -> None:
    done = run("doctor", "--simulated", state=state)

    assert done.returncode == 0, done.stdout
    for subject in ("site", "token", "clock", "device", "engine stub", "engine onnxruntime", "disk", "results"):
        assert re.search(rf"^ok  {subject} ", done.stdout, re.MULTILINE), done.stdout


def test_doctor_tells_which_engines_work_and_which_of_them_are_offered(folder: StateFolder) -> None:
    folder.save(folder.load().model_copy(update={"is_simulated": False, "engines": ("ncnn",)}))

    done = run("doctor", state=folder.root)

    assert re.search(r"^ok  device .* offers ncnn \S+, onnx \S+$", done.stdout, re.MULTILINE), done.stdout
    assert re.search(r"^ok  engine ncnn .* converts with pnnx \d+$", done.stdout, re.MULTILINE), done.stdout
    assert re.search(r"^ok  engine openvino .* not chosen at enrolment$", done.stdout, re.MULTILINE), done.stdout


def test_doctor_says_how_to_get_what_is_missing(tmp_path: Path) -> None:
    done = run("doctor", state=tmp_path / "empty")

    assert done.returncode == 1
    assert re.search(r"^NO  site +No agent is enrolled .* zooboard-runner enroll URL CODE", done.stdout, re.MULTILINE)
    for subject, cure in (
        ("gpu trtexec", "gpu.toml"),
        ("phone", "phones.toml"),
        ("phone paddle-lite", r"benchmark_bin, .*\[tools.paddle-lite\]"),
        ("engine onnxruntime-tensorrt", r"zooboard-runner\[gpu\]"),
    ):
        assert re.search(rf"^--  {subject} +.*{cure}", done.stdout, re.MULTILINE), done.stdout


def test_doctor_names_a_revoked_token(site: SiteDouble, state: Path) -> None:
    site.script("heartbeat", problem(401, "Revoked."))

    done = run("doctor", state=state)

    assert done.returncode == 1
    assert "Enrol again" in done.stdout


def test_the_state_folder_can_come_from_the_environment(state: Path) -> None:
    environment = {**os.environ, "ZOOBOARD_RUNNER_STATE": str(state)}

    done = subprocess.run(
        [sys.executable, "-m", "runners", "once"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_the_version_is_said() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "runners", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout == f"zooboard-runner {__version__} (wire version 1)\n"


def test_the_agent_runs_where_django_cannot_be_imported() -> None:
    code = (
        "import sys\n"
        "for name in ('django', 'rest_framework', 'apps', 'zooboard'): sys.modules[name] = None\n"
        "import runners.cli, runners.child\n"
        "assert not [name for name in sys.modules if name.startswith(('django.', 'apps.'))]\n"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
