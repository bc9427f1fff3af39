"""`/badges/<model>.svg`: values of a model in one line, each with its origin."""

from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from tests.board.pages import read_page
from tests.factories import MODEL, make_leased, measure

SVG = "{http://www.w3.org/2000/svg}"

pytestmark = pytest.mark.usefixtures("published")


def texts(response: Any) -> list[str | None]:
    root = ElementTree.fromstring(response.content)  # noqa: S314 - our own drawing
    return [text.text for text in root.iter(f"{SVG}text")]


def test_badge_says_accuracy_and_latency_as_published(visitor: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(4):
        response = visitor.get("/badges/MobileNetV1.svg")

    assert texts(response) == ["MobileNetV1", "top-1 71.0 %, SD855 32.5 ms, published"]
    assert response["Content-Type"] == "image/svg+xml"


def test_badge_describes_where_each_value_comes_from(visitor: Client) -> None:
    root = ElementTree.fromstring(visitor.get("/badges/MobileNetV1.svg").content)  # noqa: S314 - our own drawing

    title = root.findtext(f"{SVG}title") or ""
    assert "0.710, published in Mobile and Embedded Vision Applications Network series, 2.4.2" in title
    assert "32.523 ms, published in" in title


def test_badge_takes_metrics_and_names_what_tells_them_apart(visitor: Client) -> None:
    response = visitor.get("/badges/MobileNetV1.svg?metrics=latency.paddleclas-t4-fp16-bs4,storage,flops_paddle")

    assert texts(response)[1] == "T4 FP16 batch 4 1.45 ms, storage 16.0 MiB, FLOPs (document) 1.11 G, published"


def test_missing_value_is_said_to_be_missing(visitor: Client) -> None:
    one = visitor.get("/badges/MobileNetV3_large_x1_0_ssld_int8.svg?metrics=top1,top5")
    none = visitor.get("/badges/MobileNetV3_large_x1_0_ssld_int8.svg?metrics=top5")

    assert texts(one)[1] == "top-1 76.1 %, top-5 no value, published"
    assert texts(none)[1] == "no value"


def test_measured_value_is_never_called_published(visitor: Client) -> None:
    measure(make_leased(model=MODEL, protocol="complexity-224"))

    response = visitor.get(f"/badges/{MODEL}.svg?metrics=top1,macs")

    assert texts(response)[1] == "top-1 51.4 % (published), MACs 41.0 M (measured, unvetted)"


def test_badge_is_kept_by_its_hash(visitor: Client) -> None:
    first = visitor.get("/badges/MobileNetV1.svg")
    again = visitor.get("/badges/MobileNetV1.svg", headers={"if-none-match": first["ETag"]})

    assert first["Cache-Control"] == "public, max-age=300"
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/badges/none.svg", 404, "There is no model 'none'"),
        ("/badges/MobileNetV1.svg?metrics=speed", 400, "There is no metric 'speed'. Valid: "),
        ("/badges/MobileNetV1.svg?metrics=", 400, "name one to 4"),
        ("/badges/MobileNetV1.svg?metrics=top1,top1,top1,top1,top1", 400, "names 5 columns"),
        ("/badges/MobileNetV1.svg?metric=top1", 400, "Did you mean metrics?"),
    ],
)
def test_wrong_badge_says_what_is_valid(visitor: Client, address: str, status: int, said: str) -> None:
    response = visitor.get(address)

    assert response.status_code == status
    assert said in read_page(response).find("main")[0].text
