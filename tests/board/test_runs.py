"""`/runs` and `/runs/<id>` in every state, whole and as the part that htmx asks for."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.board.history import TAIL_CHARACTERS
from apps.results.actions.accept import accept_attempt
from apps.runs.actions.campaigns import cancel_run
from apps.runs.actions.leases import heartbeat
from apps.runs.actions.logs import append_log
from apps.runs.actions.outcomes import fail_attempt
from apps.runs.actions.queue import refresh_queue
from apps.runs.models import Run
from runners import wire
from tests.accuracies import RANKS, SUBSET, accuracy_record, leased_accuracy
from tests.board.pages import Element, read_page
from tests.factories import (
    NOW,
    latency_record,
    make_leased,
    make_runs,
    make_user,
    measure_latency,
    result_message,
    submit,
    token_of,
)

MAX_LIST_QUERIES = 4
MAX_DETAIL_QUERIES = 8
HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.usefixtures("published")


def states(page: Element) -> list[str]:
    return [step.text.split()[0] for step in page.find("li", class_="is-current")]


def test_queued_run_says_what_it_waits_for(visitor: Client) -> None:
    [run] = make_runs(requested_by=make_user())
    refresh_queue(at=NOW)

    page = read_page(visitor.get(f"/runs/{run.pk}"))
    listed = read_page(visitor.get("/runs"))

    assert "Waits: no agent is registered" in page.find("main")[0].text
    assert "Waits: no agent is registered" in listed.find("table")[0].text
    assert states(page) == ["Queued"]


def test_leased_and_running_attempts_show_their_agent_and_progress(visitor: Client) -> None:
    attempt = make_leased()
    before = read_page(visitor.get(f"/runs/{attempt.run_id}"))
    progress = wire.Progress(phase="process", done=2, total=5)
    heartbeat(agent=attempt.agent, token=token_of(attempt), progress=progress, at=NOW)

    page = read_page(visitor.get(f"/runs/{attempt.run_id}"))

    assert states(before) == ["Leased"]
    assert states(page) == ["Measuring"]
    assert "process, 2 of 5" in page.find("main")[0].text
    assert attempt.agent.name in page.find("main")[0].text


def test_submitted_run_waits_for_acceptance(visitor: Client) -> None:
    attempt = make_leased()
    submit(attempt)

    page = read_page(visitor.get(f"/runs/{attempt.run_id}"))

    assert states(page) == ["Submitted"]


def test_done_run_shows_values_samples_log_and_environment(visitor: Client, django_assert_max_num_queries: Any) -> None:
    attempt = make_leased()
    append_log(attempt=attempt, offset=0, chunk=b"<b>five</b> processes\n")
    result = measure_latency(attempt)

    with django_assert_max_num_queries(MAX_DETAIL_QUERIES):
        response = visitor.get(f"/runs/{attempt.run_id}")

    text = read_page(response).find("main")[0].text
    assert f"{result.value:.3f} ms" in text
    assert "<b>five</b> processes" in text
    assert "logical cores" in text
    assert "random (seed 0)" in text
    assert len(read_page(response).find("figure", class_="chart")) == 1
    assert "hx-get" not in response.content.decode()


def test_done_run_shows_the_documents_statistics_beside_its_own(visitor: Client) -> None:
    attempt = make_leased()
    measure_latency(attempt, result_message(attempt, latency_record(median_ms=10.0)))

    [details] = read_page(visitor.get(f"/runs/{attempt.run_id}")).find("details", id="run-statistics")
    texts = {row.find("th")[0].text: row.find("td")[0].text for row in details.find("tr")}

    # One warm-up of 12 ms and 29 samples of about 10 ms.
    assert texts["mean of 30 after 10, as the document has it for phones"].startswith("10.0")
    assert texts["mean of 500 after 10, as the document has it for the GPU"] == "too few samples"
    assert texts["first inference (median of the processes)"] == "20.000 ms"


def test_sibling_says_whose_artifact_it_was_measured_with(visitor: Client) -> None:
    attempt = make_leased(model="MobileNetV3_large_x1_0_ssld")
    latency = measure_latency(attempt)

    page = read_page(visitor.get(f"/runs/{attempt.run_id}"))
    run = visitor.get(f"/api/v1/runs/{attempt.run_id}/").json()
    result = visitor.get(f"/api/v1/results/{latency.pk}/").json()

    sentence = "Measured with the artifact of MobileNetV3_large_x1_0, whose architecture it shares; weights: random"
    assert sentence in page.find("main")[0].text
    assert run["artifact_of"] == result["artifact_of"] == "MobileNetV3_large_x1_0"
    assert result["weights"].startswith("random")


def test_accuracy_says_that_images_could_not_be_read(visitor: Client) -> None:
    attempt = leased_accuracy(SUBSET, name="sample10")
    record = accuracy_record(ranks=[-1, *RANKS[1:]])
    submit(attempt, result_message(attempt, record))
    accept_attempt(attempt_id=attempt.pk, at=NOW)

    page = read_page(visitor.get(f"/runs/{attempt.run_id}")).find("main")[0].text

    assert "share of 9 readable images" in page
    assert "unreadable-images" in page
    assert "weights: trained by a test" in page


def test_flagged_run_says_what_the_flag_saw(visitor: Client) -> None:
    attempt = make_leased()
    record = latency_record()
    waiting = [
        process.model_copy(update={"cpu_ns": [ns // 2 for ns in process.wall_ns]}) for process in record.processes
    ]
    measure_latency(attempt, result_message(attempt, record.model_copy(update={"processes": waiting})))

    text = read_page(visitor.get(f"/runs/{attempt.run_id}")).find("main")[0].text

    assert "busy-host: 100% of a process' samples waited: wall time over 1.1 x CPU time." in text


def test_failed_run_shows_every_reason(visitor: Client) -> None:
    attempt = make_leased()
    fail_attempt(
        agent=attempt.agent, token=token_of(attempt), kind=wire.FailureKind.ENGINE, reason="NaN <in> output", at=NOW
    )

    text = read_page(visitor.get(f"/runs/{attempt.run_id}")).find("main")[0].text

    assert "engine: NaN <in> output" in text
    assert "Failed" in text


def test_cancelled_run_says_so(visitor: Client) -> None:
    user = make_user(is_staff=True)
    [run] = make_runs(requested_by=user)
    cancel_run(run_id=run.pk, by=user, at=NOW)

    assert "Cancelled" in read_page(visitor.get(f"/runs/{run.pk}")).find("ol", class_="timeline")[0].text


@pytest.mark.parametrize("count", [1, 12])
def test_list_runs_the_same_number_of_queries_for_few_and_many(
    visitor: Client, django_assert_max_num_queries: Any, count: int
) -> None:
    user = make_user()
    for _ in range(count):
        make_runs(requested_by=user)

    with django_assert_max_num_queries(MAX_LIST_QUERIES):
        visitor.get("/runs")


def test_list_is_paged_and_filtered_by_state(visitor: Client) -> None:
    user = make_user()
    for number in range(60):
        make_runs(requested_by=user, at=NOW + timedelta(seconds=number))
    newest = Run.objects.latest("id")
    cancel_run(run_id=newest.pk, by=user, at=NOW + timedelta(hours=1))

    first, second = (read_page(visitor.get(f"/runs?page={number}")) for number in (1, 2))
    cancelled = read_page(visitor.get("/runs?state=cancelled"))

    assert [len(page.find("tbody")[0].find("tr")) for page in (first, second, cancelled)] == [50, 10, 1]
    assert first.find("a", rel="next")[0].attributes["href"] == "?page=2"
    assert second.find("a", rel="prev")[0].attributes["href"] == "?page=1"


@pytest.mark.parametrize("query", ["state=asleep", "page=0", "page=many", "colour=red"])
def test_mistake_in_the_address_is_a_400_page(visitor: Client, query: str) -> None:
    assert visitor.get(f"/runs?{query}").status_code == 400


def parts(response: Any) -> dict[str, Element]:
    """Elements at the top of what htmx gets, by id."""
    return {child.attributes["id"]: child for child in read_page(response).children if isinstance(child, Element)}


def seen(part: Element) -> dict[str, str]:
    """Headers with which htmx asks for this part again."""
    return {**HTMX, **json.loads(part.attributes["hx-headers"])}


def test_htmx_gets_the_part_that_changes(visitor: Client) -> None:
    attempt = make_leased()

    table = parts(visitor.get("/runs?state=active", headers=HTMX))["runs-live"]
    live = parts(visitor.get(f"/runs/{attempt.run_id}", headers=HTMX))["run-live"]

    assert table.attributes["hx-get"] == "/runs?state=active"
    assert live.attributes["hx-get"] == f"/runs/{attempt.run_id}"


def test_htmx_is_told_when_nothing_has_changed(visitor: Client) -> None:
    attempt = make_leased()
    address = f"/runs/{attempt.run_id}"
    first = parts(visitor.get(address, headers=HTMX))["run-live"]

    again = visitor.get(address, headers=seen(first))
    append_log(attempt=attempt, offset=0, chunk=b"a line\n")
    changed = visitor.get(address, headers=seen(first))

    assert (again.status_code, again.content) == (204, b"")
    assert "a line" in parts(changed)["run-live"].text


def test_screen_reader_is_told_of_a_new_state_and_of_nothing_else(visitor: Client) -> None:
    attempt = make_leased()
    address = f"/runs/{attempt.run_id}"
    [status] = read_page(visitor.get(address)).find("p", role="status")
    first = parts(visitor.get(address, headers=HTMX))["run-live"]

    append_log(attempt=attempt, offset=0, chunk=b"a line\n")
    logged = parts(visitor.get(address, headers=seen(first)))
    heartbeat(agent=attempt.agent, token=token_of(attempt), progress=None, at=NOW)
    started = parts(visitor.get(address, headers=seen(logged["run-live"])))

    assert status.attributes["aria-live"] == "polite"
    assert set(logged) == {"run-live"}
    assert started["run-live-says"].attributes["hx-swap-oob"] == "innerHTML"
    assert started["run-live-says"].text == f"Run {attempt.run_id} is running by agent {attempt.agent.name}."


def test_plot_comes_with_the_last_part_and_nobody_asks_again(visitor: Client) -> None:
    attempt = make_leased()
    address = f"/runs/{attempt.run_id}"
    before = parts(visitor.get(address, headers=HTMX))["run-live"]
    measure_latency(attempt)

    after = parts(visitor.get(address, headers=seen(before)))["run-live"]

    assert not before.find("figure", class_="chart")
    assert len(after.find("figure", class_="chart")) == 1
    assert "hx-get" not in after.attributes


def test_running_attempt_shows_its_progress_and_its_limit(visitor: Client) -> None:
    attempt = make_leased()
    progress = wire.Progress(phase="process", done=2, total=5)
    heartbeat(agent=attempt.agent, token=token_of(attempt), progress=progress, at=NOW)

    page = read_page(visitor.get(f"/runs/{attempt.run_id}"))

    [bar] = page.find("progress")
    assert (bar.attributes["value"], bar.attributes["max"]) == ("2", "5")
    assert "may take 1 h 52 min" in page.find("main")[0].text


def test_queued_run_that_nothing_blocks_says_whose_turn_it_is(visitor: Client) -> None:
    attempt = make_leased(at=timezone.now())
    first, second = make_runs(requested_by=attempt.agent.owner, models=["MobileNetV1", "MobileNetV2"])

    texts = [read_page(visitor.get(f"/runs/{run.pk}")).find("main")[0].text for run in (first, second)]

    busy = f"the Example CPU 9000 of {attempt.agent.name} is busy with run {attempt.run_id}"
    assert f"Waits for its turn: it is the next one; {busy}." in texts[0]
    assert f"Waits for its turn: 1 run goes before it; {busy}." in texts[1]


def test_page_shows_the_end_of_a_long_log_and_links_the_whole(visitor: Client) -> None:
    attempt = make_leased()
    text = "first line\n" + "x" * TAIL_CHARACTERS
    append_log(attempt=attempt, offset=0, chunk=text.encode())

    page = read_page(visitor.get(f"/runs/{attempt.run_id}"))
    whole = visitor.get(f"/runs/{attempt.run_id}/log?attempt=1")

    assert "first line" not in page.find("pre", id="run-log")[0].text
    assert "has 11 characters more" in page.find("main")[0].text
    assert (whole["Content-Type"], whole.content.decode()) == ("text/plain; charset=utf-8", text)
    assert visitor.get(f"/runs/{attempt.run_id}/log?attempt=2").status_code == 404


def test_runs_of_one_campaign_are_listed_and_counted_alone(visitor: Client) -> None:
    user = make_user()
    [run], _ = make_runs(requested_by=user), make_runs(requested_by=user)

    page = read_page(visitor.get(f"/runs?campaign={run.campaign_id}"))

    assert [row.find("a")[0].text for row in page.find("tbody")[0].find("tr")] == [f"Run {run.pk}"]
    assert page.find("ul", class_="chips")[0].find("a")[0].text == "All 1"


def test_owner_tries_a_failed_run_again_on_the_page(member: Client, user: User) -> None:
    attempt = make_leased(owner=user)
    fail_attempt(agent=attempt.agent, token=token_of(attempt), kind=wire.FailureKind.ENGINE, reason="NaN", at=NOW)
    address = f"/runs/{attempt.run_id}/retry"
    page = member.get(f"/runs/{attempt.run_id}").content.decode()

    response = member.post(address)

    assert address in page
    assert (response.status_code, Run.objects.get().state) == (302, "queued")
    assert "NaN" in read_page(member.get(f"/runs/{attempt.run_id}")).find("div", id="run-attempts")[0].text


def test_owner_cancels_on_the_page(member: Client, user: User) -> None:
    [run] = make_runs(requested_by=user)
    [form] = [f for f in read_page(member.get(f"/runs/{run.pk}")).find("form") if "cancel" in f.attributes["action"]]

    response = member.post(form.attributes["action"])

    run.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, f"/runs/{run.pk}")
    assert run.state == "cancelled"


def test_others_see_no_button_and_may_not_cancel(member: Client, visitor: Client) -> None:
    [run] = make_runs(requested_by=make_user())
    address = f"/runs/{run.pk}/cancel"

    answers = [member.post(address), visitor.post(address), member.get(address)]

    run.refresh_from_db()
    assert [answer.status_code for answer in answers] == [403, 302, 405]
    assert answers[1]["Location"] == f"/login?next={address}"
    assert run.state == "queued"
    assert address not in member.get(f"/runs/{run.pk}").content.decode()
