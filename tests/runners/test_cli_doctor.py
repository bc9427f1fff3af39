from __future__ import annotations

import pytest
from rich.console import Console

from runners.cli import doctor
from runners.engines import ENGINES
from runners.hardware.base import Finding

PHONE = Finding("Snapdragon 855, Pixel 4 (serial 9A2B-1234)", True, "well " * 40)
MISSING = Finding("phone mnn", False, "needs a program [tools.mnn]", is_needed=False)


def shown(capsys: pytest.CaptureFixture[str], *findings: Finding) -> list[str]:
    doctor.show(findings)
    return capsys.readouterr().out.splitlines()


def test_every_engine_fits_into_the_column_of_subjects() -> None:
    assert max(len(f"engine {name}") for name in ENGINES) <= doctor.SUBJECT_COLUMNS


def test_texts_stand_below_each_other_however_long_a_subject_is(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, PHONE, MISSING)

    assert [line.index(each.text) for line, each in zip(lines, (PHONE, MISSING), strict=True)] == [
        len("ok  ") + len(PHONE.subject) + 2
    ] * 2


def test_terminal_folds_a_text_below_its_own_column(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Console(highlight=False, soft_wrap=True, force_terminal=True, no_color=True, width=100)
    monkeypatch.setattr(doctor, "out", terminal)

    lines = shown(capsys, PHONE, MISSING)

    assert len(lines) > 3
    assert all(len(line) <= 100 for line in lines)
    assert all(line.startswith(" " * (len(PHONE.subject) + 6)) for line in lines[1:-1])


@pytest.mark.parametrize(("is_needed", "is_fit", "mark"), [(True, False, "NO"), (False, True, "--")])
def test_only_what_is_needed_and_missing_makes_a_machine_unfit(
    capsys: pytest.CaptureFixture[str], is_needed: bool, is_fit: bool, mark: str
) -> None:
    told = doctor.show([PHONE, Finding("gpu", False, "none", is_needed=is_needed)])

    assert told is is_fit
    assert capsys.readouterr().out.splitlines()[1].startswith(f"{mark}  gpu ")
