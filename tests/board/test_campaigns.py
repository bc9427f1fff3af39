"""Asking for campaigns, and their pages."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.runs.actions.outcomes import fail_attempt
from apps.runs.actions.schedules import start_due
from apps.runs.models import Campaign, Run, Schedule
from runners import wire
from tests.board.pages import Element, read_page
from tests.factories import (
    COMPLEXITY,
    MODEL,
    NOW,
    OTHER_MODEL,
    make_campaign,
    make_leased,
    make_runs,
    make_user,
    measure,
    token_of,
)

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
    assert (response.status_code, response["Location"]) == (302, f"/campaigns/{campaign.pk}")
    assert (campaign.requested_by, campaign.model_names) == (user, GOOD["models"])
    assert "Asked for" in messages(member)[0]


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


MAX_LIST_QUERIES = 3
MAX_DETAIL_QUERIES = 5
COMPOSED = {"preset": "sd855", "engine": "ncnn", "device_kind": "", "priority": "150"}


def main(client: Client, address: str) -> Element:
    return read_page(client.get(address)).find("main")[0]


def test_preset_asks_for_all_models_under_its_protocols(member: Client) -> None:
    response = member.post("/campaigns/new", COMPOSED)

    campaign = Campaign.objects.get()
    assert response["Location"] == f"/campaigns/{campaign.pk}"
    assert (campaign.protocol_slugs, campaign.engine, campaign.priority) == (["sd855-bs1-t1"], "ncnn", 150)
    assert len(campaign.model_names) == 32


def test_own_choice_asks_for_several_protocols_and_some_models(member: Client) -> None:
    protocols = ["cpu-fp32-bs1", COMPLEXITY]

    member.post("/campaigns/new", {"protocols": protocols, "models": [MODEL], "priority": "100"})

    campaign = Campaign.objects.get()
    assert (campaign.model_names, campaign.protocol_slugs) == ([MODEL], protocols)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"preset": ""}, "Choose a preset or tick protocols"),
        ({"protocols": [COMPLEXITY]}, "one of the two"),
        ({"preset": "everything"}, "everything"),
        ({"priority": "50"}, "50"),
        ({"device_kind": "tesla-t4"}, "tesla-t4"),
    ],
)
def test_mistake_in_a_composed_campaign_is_said(member: Client, change: dict[str, object], says: str) -> None:
    response = member.post("/campaigns/new", {**COMPOSED, **change})

    said = response.content.decode() if response.status_code == 422 else " ".join(messages(member))
    assert says in said
    assert not Campaign.objects.exists()


def test_every_preset_that_the_catalogue_knows_is_offered(member: Client) -> None:
    radios = [radio.attributes["value"] for radio in main(member, "/campaigns").find("input", name="preset")]

    assert radios == ["t4", "sd855", "sd855-threads", "gpu", "phone", "cpu", "complexity", ""]


@pytest.mark.parametrize("count", [1, 6])
def test_list_and_page_run_a_fixed_number_of_queries(
    visitor: Client, django_assert_max_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        runs = make_runs(requested_by=make_user(), models=[MODEL, OTHER_MODEL])

    with django_assert_max_num_queries(MAX_LIST_QUERIES):
        visitor.get("/campaigns")
    with django_assert_max_num_queries(MAX_DETAIL_QUERIES + 1):
        visitor.get(f"/campaigns/{runs[0].campaign_id}")


def test_page_groups_what_is_blocked_by_the_reason(visitor: Client) -> None:
    [run, _] = make_runs(requested_by=make_user(), protocols=["sd855-bs1-t1"], models=[MODEL, OTHER_MODEL])

    page = main(visitor, f"/campaigns/{run.campaign_id}")

    [row] = page.find("div", id="blockages")[0].find("tbody")[0].find("tr")
    assert row.find("th")[0].text == "2 runs"
    assert [cell.text for cell in row.find("td")] == ["no paddle-lite artifact", f"{MODEL}, {OTHER_MODEL}"]
    assert page.find("a", id="count-queued")[0].text == "2 waiting"


def test_page_estimates_the_end_from_runs_of_its_own(visitor: Client) -> None:
    attempt = make_leased(protocol=COMPLEXITY)
    address = f"/campaigns/{attempt.run.campaign_id}"
    before = main(visitor, address).text
    measure(attempt, at=NOW + timedelta(seconds=40))
    Run.objects.create(
        campaign=attempt.run.campaign,
        requested_by=attempt.agent.owner,
        network_id=attempt.run.network_id + 1,
        protocol=attempt.run.protocol,
        engine="onnx",
        queued_at=NOW,
    )

    after = main(visitor, address).text

    assert "can be estimated once a run of it has finished" in before
    assert "Estimated from 1 finished run on 1 device, 40 s each on average" in after


def test_live_part_is_silent_until_something_changes_and_ends_with_the_campaign(visitor: Client) -> None:
    attempt = make_leased(protocol=COMPLEXITY)
    address = f"/campaigns/{attempt.run.campaign_id}"
    [part] = read_page(visitor.get(address)).find("div", id="campaign-live")
    headers = {"HX-Request": "true", **json.loads(part.attributes["hx-headers"])}

    same = visitor.get(address, headers=headers)
    measure(attempt)
    [over] = read_page(visitor.get(address, headers=headers)).find("div", id="campaign-live")

    assert same.status_code == 204
    assert over.find("a", id="count-done")[0].text == "1 done"
    assert "hx-get" not in over.attributes


def test_owner_cancels_and_tries_again_on_the_page(member: Client, user: User) -> None:
    attempt = make_leased(owner=user)
    address = f"/campaigns/{attempt.run.campaign_id}"
    fail_attempt(agent=attempt.agent, token=token_of(attempt), kind=wire.FailureKind.ENGINE, reason="NaN", at=NOW)

    member.post(f"{address}/retry")
    retried = Run.objects.get().state
    member.post(f"{address}/cancel")

    assert (retried, Run.objects.get().state) == ("queued", "cancelled")
    assert messages(member)[-1] == "Cancelled 1 run."


def test_urgency_is_changed_on_the_page(member: Client, user: User) -> None:
    [run] = make_runs(requested_by=user)

    member.post(f"/campaigns/{run.campaign_id}/priority", {"priority": "200"})
    member.post(f"/campaigns/{run.campaign_id}/priority", {"priority": "50"})

    run.refresh_from_db()
    assert run.priority == 200


def test_campaign_is_asked_for_again_and_again_until_it_is_ended(member: Client, user: User) -> None:
    campaign = make_campaign(requested_by=user)
    member.post(f"/campaigns/{campaign.pk}/repeat", {"every": "3", "unit": "24"})
    schedule = Schedule.objects.get()
    page = main(member, "/campaigns").find("section", id="schedules")[0]

    member.post(f"/schedules/{schedule.pk}/end")

    assert (schedule.every_hours, schedule.model_names) == (72, campaign.model_names)
    assert "3 days" in page.text
    assert not main(member, "/campaigns").find("section", id="schedules")


def test_schedule_is_paused_and_resumed_on_the_page(member: Client, user: User) -> None:
    campaign = make_campaign(requested_by=user)
    member.post(f"/campaigns/{campaign.pk}/repeat", {"every": "3", "unit": "24"})
    schedule = Schedule.objects.get()

    pause = member.post(f"/schedules/{schedule.pk}/pause")
    paused = main(member, "/campaigns").find("section", id="schedules")[0]
    resume = member.post(f"/schedules/{schedule.pk}/resume")
    resumed = main(member, "/campaigns").find("section", id="schedules")[0]

    assert [answer["Location"] for answer in (pause, resume)] == ["/campaigns#schedules"] * 2
    assert "paused since" in paused.text
    assert [form.attributes["action"].rpartition("/")[2] for form in paused.find("form")] == ["resume", "end"]
    assert [form.attributes["action"].rpartition("/")[2] for form in resumed.find("form")] == ["pause", "end"]


@pytest.mark.parametrize("what", ["pause", "resume"])
def test_stranger_does_not_change_a_schedule(member: Client, visitor: Client, user: User, what: str) -> None:
    campaign = make_campaign(requested_by=user)
    member.post(f"/campaigns/{campaign.pk}/repeat", {"every": "1", "unit": "1"})
    schedule = Schedule.objects.get()
    address, stranger = f"/schedules/{schedule.pk}/{what}", Client()
    stranger.force_login(make_user())

    answers = [stranger.post(address), visitor.post(address), member.get(address)]

    assert [answer.status_code for answer in answers] == [403, 302, 405]
    schedule.refresh_from_db()
    assert schedule.paused_at is None


def test_address_of_the_form_leads_to_the_form(visitor: Client) -> None:
    response = visitor.get("/campaigns/new")

    assert (response.status_code, response["Location"]) == (302, "/campaigns#new")
    assert visitor.get("/campaigns/new?preset=t4").status_code == 400


def test_list_tells_campaigns_of_the_same_apart(visitor: Client) -> None:
    first, second = (make_runs(requested_by=make_user(), models=[MODEL, OTHER_MODEL])[0] for _ in range(2))

    rows = {row.find("a")[0].text: row.text for row in main(visitor, "/campaigns").find("tbody")[0].find("tr")}

    for run in (first, second):
        row = rows[f"Campaign {run.campaign_id}"]
        assert f"cpu-fp32-bs1: {MODEL}, {OTHER_MODEL}" in row
        assert run.requested_by.username in row
        assert "0 of 2 over" in row
        assert "2 waiting" in row
    listed = main(visitor, "/runs").find("tbody")[0].text
    assert f"{second.campaign_id}: cpu-fp32-bs1: {MODEL}" in listed


def test_schedule_says_on_the_page_why_it_skipped(visitor: Client, member: Client, user: User) -> None:
    campaign = make_campaign(requested_by=user)
    member.post(f"/campaigns/{campaign.pk}/repeat", {"every": "1", "unit": "1", "models": "all"})
    for days in (1, 2):
        start_due(at=timezone.now() + timedelta(days=days))

    schedules = main(visitor, "/campaigns").find("section", id="schedules")[0]

    assert "is not over: its runs are still to be made" in schedules.text
    assert not schedules.find("form")


@pytest.mark.parametrize("what", ["cancel", "retry", "priority", "repeat"])
def test_stranger_changes_nothing(member: Client, visitor: Client, what: str) -> None:
    campaign = make_campaign(requested_by=make_user())
    address = f"/campaigns/{campaign.pk}/{what}"
    form = {"priority": "200", "every": "1", "unit": "24"}

    answers = [member.post(address, form), visitor.post(address, form), member.get(address)]

    allowed = 302 if what == "repeat" else 403
    assert [answer.status_code for answer in answers] == [allowed, 302, 405]
    assert answers[1]["Location"] == f"/login?next={address}"
    campaign.refresh_from_db()
    assert (campaign.priority, campaign.cancelled_at) == (100, None)


def test_what_is_not_there_is_a_404(member: Client) -> None:
    assert member.get("/campaigns/0").status_code == 404
    assert member.post("/campaigns/0/cancel").status_code == 404
    for what in ("pause", "resume", "end"):
        assert member.post(f"/schedules/0/{what}").status_code == 404
