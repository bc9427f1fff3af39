"""`/submissions`: what somebody sent in, for them and for moderators."""

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import User
from apps.fleet.models import Agent
from apps.results.actions.submit import accept_submission
from apps.results.actions.withdraw import withdraw_results
from apps.results.models import Result, Submission
from runners import wire
from tests.board.pages import read_page
from tests.factories import MODEL, NOW, make_agent, make_user, submission_message, submit_record

pytestmark = pytest.mark.usefixtures("published")

MOST_QUERIES = 10
UNKNOWN = "ResNet18_of_mine"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def agent() -> Agent:
    return make_agent(owner=make_user("ada"))[0]


def send(agent: Agent, message: wire.SubmissionRequest | None = None) -> Submission:
    """Sent in, and looked at by acceptance."""
    submission = submit_record(agent, message or submission_message())
    accept_submission(submission_pk=submission.pk, at=NOW)
    return submission


def refused(agent: Agent) -> Submission:
    return send(agent, submission_message().model_copy(update={"model": UNKNOWN}))


def text(client: Client, address: str) -> str:
    return read_page(client.get(address)).find("main")[0].text


def test_accepted_and_refused_records_are_listed_with_their_values_and_reasons(
    agent: Agent, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(2):
        send(agent, submission_message())
        refused(agent)
    client = client_of(agent.owner)

    with django_assert_max_num_queries(MOST_QUERIES):
        listed = text(client, "/submissions")

    assert MODEL in listed
    assert "Latency" in listed
    assert f"This site has no model '{UNKNOWN}'" in listed


def test_list_is_narrowed_to_a_state(agent: Agent) -> None:
    send(agent)
    refused(agent)
    client = client_of(agent.owner)

    accepted, failed = (text(client, f"/submissions?state={state}") for state in ("accepted", "refused"))

    assert (MODEL in accepted, UNKNOWN in accepted) == (True, False)
    assert (MODEL in failed, UNKNOWN in failed) == (False, True)


def test_empty_list_says_how_to_send_something_in() -> None:
    assert "zooboard-runner submit" in text(client_of(make_user()), "/submissions")


def test_page_of_one_shows_values_samples_and_where_they_come_from(
    agent: Agent, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    submission = send(agent)
    client = client_of(agent.owner)

    with django_assert_max_num_queries(MOST_QUERIES):
        page = read_page(client.get(f"/submissions/{submission.pk}"))

    shown = page.find("main")[0].text
    assert f"Submission of {MODEL}" in page.find("h1")[0].text
    assert "95 % interval" in shown
    assert submission.sha256 in shown
    assert submission.artifact_sha256 in shown
    assert page.find("div", data_spec="samples-chart")
    assert "fill no cell of the board" in shown


def test_page_of_a_refused_one_says_what_to_mend(agent: Agent) -> None:
    shown = text(client_of(agent.owner), f"/submissions/{refused(agent).pk}")

    assert f"This site has no model '{UNKNOWN}'" in shown
    assert "submit the same file again" in shown


def test_page_of_one_that_was_not_looked_at_yet_says_so(agent: Agent) -> None:
    submission = submit_record(agent, submission_message())

    assert "is being checked" in text(client_of(agent.owner), f"/submissions/{submission.pk}")


def test_withdrawn_values_say_why(agent: Agent) -> None:
    submission, moderator = send(agent), make_user(is_staff=True)
    ids = list(Result.objects.filter(submission=submission).values_list("pk", flat=True))
    withdraw_results(result_ids=ids, reason="Measured on battery.", by=moderator, at=timezone.now())

    listed, shown = (text(client_of(agent.owner), a) for a in ("/submissions", f"/submissions/{submission.pk}"))

    assert "withdrawn" in listed
    assert shown.count("Measured on battery.") == 1


@pytest.mark.parametrize(("is_staff", "status"), [(False, 404), (True, 200)])
def test_moderators_see_what_others_sent_in_and_nobody_else_does(agent: Agent, is_staff: bool, status: int) -> None:
    submission = send(agent)
    client = client_of(make_user(is_staff=is_staff))

    assert client.get(f"/submissions/{submission.pk}").status_code == status
    assert (agent.owner.username in text(client, "/submissions")) == is_staff


@pytest.mark.parametrize("address", ["/submissions", "/submissions/1"])
def test_visitor_is_asked_to_log_in_first(visitor: Client, address: str) -> None:
    response = visitor.get(address)

    assert (response.status_code, response["Location"]) == (302, f"/login?next={address}")
