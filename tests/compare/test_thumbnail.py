from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import pytest

from apps.compare.scatter import scatter_spec
from apps.compare.svg import render_svg
from apps.compare.thumbnail import thumbnail_spec
from tests.compare.published import LATENCY, TOP1, published_frame


@pytest.fixture(scope="module")
def scatter() -> dict[str, Any]:
    return scatter_spec(published_frame(), x=LATENCY, y=TOP1, title="Top-1", subtitle="Published.")


def test_thumbnail_has_the_marks_and_no_words(scatter: dict[str, Any]) -> None:
    svg = render_svg(thumbnail_spec(scatter, width=300, height=150))

    words = re.findall(r"<text[^>]*>([^<]+)</text>", svg)
    assert words == []
    assert svg.count("<path") > 32


def test_thumbnail_leaves_the_chart_as_it_is(scatter: dict[str, Any]) -> None:
    before = deepcopy(scatter)

    thumbnail_spec(scatter, width=300, height=150)

    assert scatter == before


def test_panels_share_the_width_side_by_side() -> None:
    panel = {"mark": "bar", "encoding": {"x": {"field": "a", "type": "quantitative"}}, "width": 900, "title": "One"}

    small = thumbnail_spec({"concat": [panel, panel], "columns": 1, "title": "Both"}, width=316, height=100)

    assert small["columns"] == 2
    assert [(part["width"], part["height"], "title" in part) for part in small["concat"]] == [(150, 100, False)] * 2
