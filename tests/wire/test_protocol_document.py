from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from apps.catalog.artifacts import ENGINE_FORMATS
from apps.catalog.fixtures import read_fixture
from runners import wire
from runners.answers import ANSWERS
from tests.wire import golden
from zooboard.urls import agent_api

DOCUMENT = (Path(__file__).parents[2] / "docs" / "agent-protocol.md").read_text()


@pytest.mark.parametrize("status", ANSWERS)
def test_every_answer_of_the_agent_is_documented(status: int) -> None:
    assert re.search(rf"^\| {status} \|", DOCUMENT, re.MULTILINE)


@pytest.mark.parametrize("kind", wire.FailureKind)
def test_every_kind_of_failure_is_documented(kind: wire.FailureKind) -> None:
    assert re.search(rf"^\| `{kind}` \|", DOCUMENT, re.MULTILINE)


def test_the_examples_are_the_golden_messages() -> None:
    quoted = dict(re.findall(r"`(\w+)\.json`:\n\n```json\n(.*?)```", DOCUMENT, re.DOTALL))

    assert quoted == {name: golden.text_of(name) for name in golden.names()}


@pytest.mark.parametrize("engine", ENGINE_FORMATS)
def test_every_engine_is_documented_with_its_format(engine: str) -> None:
    assert re.search(rf"^\| [^|]*`{engine}`[^|]* \| [^|]* \| `{ENGINE_FORMATS[engine]}`", DOCUMENT, re.MULTILINE)


def _protocols() -> list[dict[str, Any]]:
    return [row for row in read_fixture("protocols.json")["protocols"] if not row["is_origin"]]


@pytest.mark.parametrize("row", _protocols(), ids=lambda row: row["slug"])
def test_every_protocol_is_documented_with_its_counts(row: dict[str, Any]) -> None:
    [documented] = [line for line in DOCUMENT.splitlines() if row["slug"] in _slugs(line)]

    _, engines, *counts = [cell.strip() for cell in documented.strip("|").split("|")]
    batches, threads, processes, warmup, repeats, least = [cell.replace(",", " ").split() for cell in counts]
    assert set(row["engines"]) <= set(re.findall(r"`([\w-]+)`", engines))
    assert (str(row["batch_size"]) in batches, str(row["threads"] or 1) in threads) == (True, True)
    assert (processes, warmup) == ([str(row["processes"])], [str(row["warmup"] or 0)])
    assert "".join(repeats) == str(row["repeats"])
    assert float(least[0]) == (row["min_duration_s"] or 0)


def _slugs(line: str) -> set[str]:
    """Of a row: "`cpu-fp32-bs1`, `-bs4`" names two protocols."""
    if not line.startswith("| `"):
        return set()
    found: set[str] = set()
    base = ""
    for name in re.findall(r"`([\w-]+)`", line.split("|")[1]):
        base = base if name.startswith("-") else name
        found.add(base.rpartition("-")[0] + name if name.startswith("-") else name)
    return found


def test_the_manifest_of_the_page_has_the_sha256_of_the_golden_lease() -> None:
    [canonical] = re.findall(r'^\{"files":.*$', DOCUMENT, re.MULTILINE)

    assert hashlib.sha256(canonical.encode()).hexdigest() == golden.read("lease_answer")["order"]["artifact"]["sha256"]


@pytest.mark.parametrize("route", [str(each.pattern) for each in agent_api])
def test_every_endpoint_has_a_section_and_its_answers(route: str) -> None:
    shown = {"lease": "{lease_url}", "artifacts/<slug:sha256>/<name:name>": "artifacts/"}.get(route, route)

    assert re.search(rf"^### `(POST|PUT|GET) {re.escape(shown)}", DOCUMENT, re.MULTILINE)
    assert re.search(rf"^\| `(POST|PUT|GET) {re.escape(shown)}", DOCUMENT, re.MULTILINE)
