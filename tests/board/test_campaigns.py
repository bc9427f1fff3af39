"""Asking for runs on the board."""

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.runs.models import Campaign
from tests.board.pages import read_page

GOOD = {"models": ["MobileNetV1", "MobileNetV2"], "protocol": "cpu-fp32-bs1", "engine": ""}

pytestmark = pytest.mark.usefixtures("published")


def messages(client: Client) -> list[str]:
    return [message.text for message in read_page(client.get("/")).find("p", class_="message")]


def test_member_has_a_form_with_a_box_for_each_model(member: Client) -> None:
    page = read_page(member.get("/"))

    boxes = page.find("input", name="models")
    assert len(boxes) == 32
    assert {box.attributes["form"] for box in boxes} == {"campaign-form"}


def test_form_asks_for_a_campaign(member: Client, user: User) -> None:
    response = member.post("/campaigns", GOOD)

    campaign = Campaign.objects.get()
    assert (response.status_code, response["Location"]) == (302, "/runs")
    assert (campaign.requested_by, campaign.model_names) == (user, GOOD["models"])
    assert "Asked for 2 runs" in messages(member)[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"models": []}, "Tick at least one model"),
        ({"models": ["MobileNetV9"]}, "MobileNetV9"),
        ({"protocol": "paddleclas-sd855-bs1"}, "paddleclas-sd855-bs1"),
        ({"engine": "abacus"}, "abacus"),
    ],
)
def test_mistake_is_said_and_asks_for_nothing(member: Client, change: dict[str, object], says: str) -> None:
    response = member.post("/campaigns", {**GOOD, **change})

    assert (response.status_code, response["Location"]) == (302, "/#measure")
    assert says in messages(member)[0]
    assert not Campaign.objects.exists()


def test_visitor_is_sent_to_log_in(visitor: Client) -> None:
    response = visitor.post("/campaigns", GOOD)

    assert (response.status_code, response["Location"]) == (302, "/login?next=/campaigns")
    assert not Campaign.objects.exists()


def test_form_needs_the_csrf_token(user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)

    assert client.post("/campaigns", GOOD).status_code == 403
    assert not Campaign.objects.exists()
