"""`/embed/charts/<slug>`: for frames on any page, and the only address that may be framed."""

import pytest
from django.test import Client

from tests.board.pages import read_page

GAIN = "/embed/charts/ssld-gain"

pytestmark = pytest.mark.usefixtures("published")


def test_embedded_chart_may_be_framed_anywhere_and_nothing_else_may(visitor: Client) -> None:
    framed, page = visitor.get(GAIN), visitor.get("/charts/ssld-gain")

    assert "frame-ancestors *" in framed["Content-Security-Policy"]
    assert "default-src 'none'" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"


def test_embedded_chart_is_the_chart_with_its_source_and_a_link_back(visitor: Client) -> None:
    page = read_page(visitor.get(f"{GAIN}?families=MobileNetV1"))

    assert len(page.find("figure", class_="chart")) == 1
    assert page.find("header") == page.find("nav") == page.find("style") == []
    [link] = page.find("a", rel="noopener")
    assert link.attributes["href"] == "http://testserver/charts/ssld-gain?families=MobileNetV1"
    assert "1 of 1 distilled models" in page.text
    assert "Source: " in page.text


def test_embedded_chart_is_kept_by_anybody(visitor: Client, member: Client) -> None:
    first = visitor.get(GAIN)
    again = visitor.get(GAIN, headers={"if-none-match": first["ETag"]})

    assert first["Cache-Control"] == "public, max-age=300"
    assert again.status_code == 304
    assert "frame-ancestors *" in again["Content-Security-Policy"]
    assert "Cookie" not in first.get("Vary", "")
    assert member.get(GAIN)["ETag"] == first["ETag"]


@pytest.mark.parametrize(("theme", "fixed"), [("auto", None), ("dark", "dark"), ("light", "light")])
def test_theme_may_be_fixed(visitor: Client, theme: str, fixed: str | None) -> None:
    [html] = read_page(visitor.get(f"{GAIN}?theme={theme}")).find("html")

    assert html.attributes.get("data-theme") == fixed


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        (f"{GAIN}?theme=pink", 400, "Valid: auto, dark, light."),
        (f"{GAIN}?families=none", 400, "Valid: MobileNetV1,"),
        (f"{GAIN}?x=1", 400, "Valid ones: families, theme."),
        ("/embed/charts/none", 404, "Valid: top1-latency-sd855,"),
    ],
)
def test_problem_is_shown_in_the_frame(visitor: Client, address: str, status: int, said: str) -> None:
    response = visitor.get(address)

    assert response.status_code == status
    assert said in read_page(response).text
    assert "frame-ancestors *" in response["Content-Security-Policy"]
