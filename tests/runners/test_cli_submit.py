"""`submit`: as a process, and in this one where its patience is to be short."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from runners import cli, record, wire
from runners.cli import submit
from tests.runners.site_double import Reply, SiteDouble, problem
from tests.runners.test_cli_measure import GOLDEN, ROOT, run


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    path = tmp_path / "golden.json.gz"
    record.write(path, wire.SubmissionRequest.model_validate_json(GOLDEN.read_bytes()))
    return path


def answered(state: str, detail: str) -> Reply:
    return Reply(200, wire.SubmissionAnswer(state=state, detail=detail).model_dump_json().encode())


def test_record_is_sent_as_its_very_bytes_until_the_site_has_judged_it(
    site: SiteDouble, state: Path, golden: Path
) -> None:
    done = run("submit", str(golden), "--state", str(state), cwd=ROOT)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{golden}: submitted. Stored.\n{golden}: accepted. Stored and accepted.\n"
    assert [call.body for call in site.calls("submission")] == [golden.read_bytes()] * 2


def test_record_is_only_sent_where_nobody_waits(site: SiteDouble, state: Path, golden: Path) -> None:
    done = run("submit", str(golden), "--no-wait", "--state", str(state), cwd=ROOT)

    assert (done.returncode, done.stdout) == (0, f"{golden}: submitted. Stored.\n")
    assert len(site.calls("submission")) == 1


def test_refusal_that_comes_while_one_waits_has_its_reasons_and_exit_code(
    site: SiteDouble, state: Path, golden: Path
) -> None:
    stored, reasons = answered("submitted", "Stored."), "This site has no model 'NobodysNet'."
    site.script("submission", stored, stored, answered("refused", reasons))

    done = run("submit", str(golden), "--state", str(state), cwd=ROOT)

    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == f"{golden}: refused. {reasons}"


def test_record_that_is_not_judged_in_time_is_told_of_with_an_exit_code_of_its_own(
    site: SiteDouble, state: Path, golden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submit, "LONGEST_JUDGING_S", 0.3)
    monkeypatch.setattr(submit, "FIRST_LOOK_S", 0.1)
    site.script("submission", *[answered("submitted", "Stored.")] * 20)

    done = CliRunner().invoke(cli.app, ["submit", str(golden), "--state", str(state)])

    assert done.exit_code == 5
    assert f"{golden}: not judged within 0 s. Submit it again" in done.stderr
    assert 1 < len(site.calls("submission")) < 20


def test_site_that_is_busy_is_asked_again(site: SiteDouble, state: Path, golden: Path) -> None:
    site.script("submission", problem(503, "Busy."))

    done = run("submit", str(golden), "--no-wait", "--state", str(state), cwd=ROOT)

    assert done.returncode == 0
    assert len(site.calls("submission")) == 2


def test_refused_record_does_not_hold_up_the_others(site: SiteDouble, state: Path, golden: Path) -> None:
    second, third = (golden.with_name(f"{name}.json.gz") for name in ("second", "third"))
    for copy in (second, third):
        shutil.copyfile(golden, copy)
    site.script("submission", problem(409, "Another record is there."), answered("refused", "Import it first."))

    done = run("submit", str(golden), str(second), str(third), "--state", str(state), cwd=ROOT)

    assert done.returncode == 1
    assert f"{golden}: not taken" in done.stderr
    assert f"{second}: refused. Import it first." in done.stdout
    assert f"{third}: accepted." in done.stdout


def test_submitting_needs_an_enrolled_agent(tmp_path: Path, golden: Path) -> None:
    done = run("submit", str(golden), "--state", str(tmp_path / "new"), cwd=ROOT)

    assert done.returncode == 1
    assert "zooboard-runner enroll" in done.stderr
