from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from apps.compare.scatter import scatter_spec
from apps.compare.svg import render_svg
from tests.compare.published import LATENCY, TOP1, published_frame

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def svg() -> str:
    spec = scatter_spec(published_frame(), x=LATENCY, y=TOP1, title="Speed & accuracy", subtitle="As published.")
    return render_svg(spec, element_id="c1")


def test_svg_is_one_image_with_a_title_and_a_description(svg: str) -> None:
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own drawing

    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "c1-title c1-desc"
    assert root.findtext(f"{SVG}title[@id='c1-title']") == "Speed & accuracy"
    assert "★ distilled" in (root.findtext(f"{SVG}desc[@id='c1-desc']") or "")
    assert svg.count("aria-") == 1


def test_svg_needs_no_inline_style_and_no_script(svg: str) -> None:
    assert " style=" not in svg
    assert "<style" not in svg
    assert "<script" not in svg


def test_every_colour_follows_the_theme_and_falls_back_to_its_light_value(svg: str) -> None:
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own drawing

    paints = {element.get(name) for element in root.iter() for name in ("fill", "stroke")} - {None, "none"}

    assert "var(--chart-family-2, #1f7fd0)" in paints
    assert {paint for paint in paints if paint and not paint.startswith("var(")} <= {"transparent"}


def test_every_model_label_is_drawn(svg: str) -> None:
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own drawing

    texts = {"".join(element.itertext()) for element in root.iter(f"{SVG}text")}

    assert set(published_frame()["short"]) <= texts


def test_broken_spec_is_refused() -> None:
    spec: dict[str, Any] = {"mark": "no such mark", "encoding": {}}

    with pytest.raises(ValueError, match="Vega-Lite"):
        render_svg(spec)
