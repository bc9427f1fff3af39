from __future__ import annotations

import re
from pathlib import Path

import pytest

from runners import wire
from runners.answers import ANSWERS

GOLDEN = Path(__file__).parent / "golden"
DOCUMENT = (Path(__file__).parents[2] / "docs" / "agent-protocol.md").read_text()


@pytest.mark.parametrize("status", ANSWERS)
def test_every_answer_of_the_agent_is_documented(status: int) -> None:
    assert re.search(rf"^\| {status} \|", DOCUMENT, re.MULTILINE)


@pytest.mark.parametrize("kind", wire.FailureKind)
def test_every_kind_of_failure_is_documented(kind: wire.FailureKind) -> None:
    assert re.search(rf"^\| `{kind}` \|", DOCUMENT, re.MULTILINE)


def test_the_examples_are_the_golden_messages() -> None:
    quoted = dict(re.findall(r"`(\w+)\.json`:\n\n```json\n(.*?)```", DOCUMENT, re.DOTALL))

    assert quoted == {path.stem: path.read_text() for path in GOLDEN.glob("*.json")}
