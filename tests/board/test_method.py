"""`/about/method`: everything on it comes from what the site holds."""

from typing import Any

import pytest
from django.test import Client

from apps.board.text import FLAGS as MEANINGS
from apps.catalog.models import Protocol
from runners.statistics.flags import FLAGS
from tests.board.pages import read_page
from tests.factories import MODEL, make_leased, measure

pytestmark = pytest.mark.usefixtures("published")


def test_every_flag_has_a_meaning_in_words() -> None:
    assert set(FLAGS) <= set(MEANINGS)


def test_method_page_names_every_protocol_and_flag(visitor: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(5):
        page = read_page(visitor.get("/about/method"))

    text = page.find("main")[0].text
    assert all(slug in text for slug in Protocol.objects.values_list("slug", flat=True))
    assert [term.text for term in page.find("dt")] == list(FLAGS)
    assert "No model has been counted here yet" in text


def test_method_page_computes_both_conventions_from_what_was_counted(visitor: Client) -> None:
    measure(make_leased(model=MODEL, protocol="complexity-224"))

    page = read_page(visitor.get("/about/method"))

    [region] = page.find("div", aria_label="FLOPs")
    [row] = region.find("tbody")[0].find("tr")
    assert row.find("a")[0].text == MODEL
    assert "41.03" in row.text
    [difference] = [cell.text for cell in row.find("td") if cell.text.endswith("%")]
    whole_per_cent = f"{float(difference.removesuffix(' %')):+.0f} %"
    assert f"by {whole_per_cent} to {whole_per_cent}" in page.find("main")[0].text


def test_every_page_links_to_the_method(visitor: Client) -> None:
    [link] = [a for a in read_page(visitor.get("/")).find("nav")[0].find("a") if a.text == "Method"]

    assert visitor.get(link.attributes["href"]).status_code == 200


def test_unknown_parameter_is_a_400(visitor: Client) -> None:
    assert visitor.get("/about/method?x=1").status_code == 400
