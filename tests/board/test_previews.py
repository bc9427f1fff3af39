"""What other programs show of a link that somebody shares."""

from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.board.pages import read_page

pytestmark = pytest.mark.usefixtures("published")

ANSWER = "MobileNetV3_small_x1_0_ssld"
QUESTION = "/?sort=-top1&max.latency.paddleclas-sd855-bs1=10&max.storage=12"
PAIR = "MobileNetV1,MobileNetV2"


def preview(visitor: Client, address: str) -> dict[str, str]:
    metas = read_page(visitor.get(address)).find("meta")
    return {meta.attributes["property"]: meta.attributes["content"] for meta in metas if "property" in meta.attributes}


def test_shared_question_shows_its_answer_and_its_picture(visitor: Client) -> None:
    shown = preview(visitor, QUESTION)

    assert shown["og:title"].startswith("Top-1 against latency on Snapdragon 855")
    assert shown["og:description"].startswith("14 of 32 models. ")
    assert f"Best Top-1: 0.713, {ANSWER}." in shown["og:description"]
    assert shown["og:url"] == f"http://testserver{QUESTION}"


@pytest.mark.parametrize(
    ("address", "title", "says"),
    [
        ("/", "Top-1 against latency", "32 of 32 models"),
        ("/models/MobileNetV2", "MobileNetV2", "Top-1 0.722 (published"),
        (f"/compare?models={PAIR}", "MobileNetV1, MobileNetV2, compared", "MobileNetV2 is"),
        ("/families/MobileNetV2", "MobileNetV2", "shortcuts join the thin ends"),
        ("/charts/ssld-gain", "What SSLD adds", "distilled models"),
    ],
)
def test_shared_page_has_a_title_a_sentence_and_a_picture_that_is_there(
    visitor: Client, address: str, title: str, says: str
) -> None:
    shown = preview(visitor, address)
    image = urlsplit(shown["og:image"])

    assert shown["og:title"].startswith(title)
    assert says in shown["og:description"]
    picture = visitor.get(f"{image.path}?{image.query}")
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/png")
