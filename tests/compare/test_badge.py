from __future__ import annotations

from xml.etree import ElementTree

from apps.compare.badge import badge_svg
from apps.compare.text_width import text_width_px

SVG = "{http://www.w3.org/2000/svg}"


def test_badge_is_as_wide_as_its_texts_and_their_padding() -> None:
    root = ElementTree.fromstring(badge_svg("MobileNetV1", "top-1 71.0 %", description="said"))  # noqa: S314 - our own drawing

    name, text = root.iter(f"{SVG}text")
    padding = 4 * 8
    assert int(root.attrib["width"]) == int(name.attrib["textLength"]) + int(text.attrib["textLength"]) + padding
    assert int(text.attrib["textLength"]) == round(text_width_px("top-1 71.0 %", 11))
    assert float(text.attrib["x"]) > float(name.attrib["x"]) + int(name.attrib["textLength"])


def test_badge_escapes_what_it_says() -> None:
    root = ElementTree.fromstring(badge_svg("<a>", 'b & "c"', description='"x" < y'))  # noqa: S314 - our own drawing

    assert root.attrib["aria-label"] == root.findtext(f"{SVG}title") == '"x" < y'
    assert [text.text for text in root.iter(f"{SVG}text")] == ["<a>", 'b & "c"']


def test_badge_has_no_style_and_no_script() -> None:
    svg = badge_svg("a", "b", description="c")

    assert "style" not in svg
    assert "script" not in svg
