"""What the agent's inspection said of a file, kept for later tests: every look costs two real processes."""

import hashlib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from apps.catalog.inspection import inspect_file

ASKED_BY = ("apps.catalog.inspection", "apps.catalog.management.commands.import_model")

_answers: dict[str, dict[str, Any]] = {}


@pytest.fixture
def kept_inspections(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first test that has a file inspects it; what is refused is inspected every time."""
    for module in ASKED_BY:
        monkeypatch.setattr(f"{module}.inspect_file", _kept)


def _kept(path: Path) -> dict[str, Any]:
    files = sorted(each for each in path.parent.iterdir() if each.is_file())
    key = path.name + "".join(each.name + hashlib.sha256(each.read_bytes()).hexdigest() for each in files)
    if key not in _answers:
        _answers[key] = inspect_file(path)
    return deepcopy(_answers[key])
