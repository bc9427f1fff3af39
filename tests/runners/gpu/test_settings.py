from __future__ import annotations

from pathlib import Path

import pytest

from runners.gpu.settings import FILE_NAME, load
from runners.hardware.base import HardwareAbsentError


def test_absent_file_sets_nothing_and_the_path_is_searched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "trtexec").write_text("#!/bin/sh\n")
    (tmp_path / "trtexec").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert load(tmp_path).trtexec.found() == tmp_path / "trtexec"


def test_configured_program_that_is_not_there_is_not_replaced_by_another(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(f'[trtexec]\nprogram = "{tmp_path}/gone"\n')

    assert load(tmp_path).trtexec.found() is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [("[trtexec\n", "cannot be read"), ('[trtexec]\nprogramm = "x"\n', r"setting trtexec\.programm is wrong")],
)
def test_mistake_in_the_file_is_named(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / FILE_NAME).write_text(content)

    with pytest.raises(HardwareAbsentError, match=reason):
        load(tmp_path)
