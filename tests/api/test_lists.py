"""Every list: its documented shape, its number of queries, its refusal of what it does not know."""

from typing import Any

import pytest
from django.utils import timezone
from pydantic import BaseModel

from apps.catalog.api import schema as catalog
from apps.fleet.api import schema as fleet
from apps.results.api import schema as results
from apps.results.leaderboard import load_board
from apps.runs.actions.schedules import create_schedule
from apps.runs.api import schema as runs
from tests.api.calls import Caller, assert_problem
from tests.factories import NOW, accept_record, make_leased, make_user, measure

LISTS: list[tuple[str, type[BaseModel], int]] = [
    ("families/", catalog.FamilyPage, 1),
    ("models/", catalog.ModelPage, 1),
    ("metrics/", catalog.MetricPage, 0),
    ("protocols/", catalog.ProtocolPage, 1),
    ("configurations/", results.ConfigurationPage, 2),
    ("devices/", catalog.DeviceKindPage, 1),
    ("artifacts/", catalog.ArtifactPage, 1),
    ("sources/", results.SourcePage, 1),
    ("results/", results.ResultPage, 2),
    ("leaderboard/", results.Leaderboard, 2),
    ("pareto/?pareto=top1,storage", results.Pareto, 2),
    ("campaigns/", runs.CampaignPage, 1),
    ("schedules/", runs.SchedulePage, 1),
    ("runs/", runs.RunPage, 1),
    ("agents/", fleet.AgentPage, 2),
    ("submissions/", results.SubmissionPage, 2),
]


@pytest.fixture(autouse=True)
def _measured(published: None) -> None:
    """Something in every list, measured values among them."""
    for protocol in ("cpu-fp32-bs1", "complexity-224"):
        attempt = make_leased(protocol=protocol)
        measure(attempt)
    accept_record(attempt.agent)
    create_schedule(
        requested_by=make_user(), model_names="all", protocol_slugs=["cpu-fp32-bs1"], every_hours=24, at=NOW
    )


@pytest.mark.parametrize(("path", "shape", "_queries"), LISTS)
def test_list_has_the_shape_that_the_schema_says(
    anonymous: Caller, path: str, shape: type[BaseModel], _queries: int
) -> None:
    response = anonymous.get(path)

    assert response.status_code == 200
    shape.model_validate_json(response.content)
    assert any(response.json().get(rows) for rows in ("results", "rows", "front"))


@pytest.mark.parametrize(("path", "_shape", "queries"), LISTS)
def test_list_runs_a_fixed_number_of_queries(
    anonymous: Caller, django_assert_num_queries: Any, path: str, _shape: type[BaseModel], queries: int
) -> None:
    # The board is read by the first who needs it after a write.
    load_board()

    with django_assert_num_queries(queries):
        anonymous.get(path)


@pytest.mark.parametrize(("path", "_shape", "_queries"), LISTS)
def test_list_refuses_an_unknown_parameter_before_it_reads_rows(
    anonymous: Caller, path: str, _shape: type[BaseModel], _queries: int
) -> None:
    problem = assert_problem(anonymous.get(path.split("?")[0], nonsense="1"), 400, "unknown-parameter")

    assert [error.field for error in problem.errors] == ["nonsense"]


def test_one_model_and_one_result_have_the_shapes_that_the_schema_says(anonymous: Caller) -> None:
    [measured] = anonymous.all_rows("results/", origin="run", metric="latency")

    catalog.ModelRow.model_validate_json(anonymous.get("models/MobileNetV1_x0_25/").content)
    one = results.OneResult.model_validate_json(anonymous.get(f"results/{measured['id']}/").content)
    assert one.statistics is not None
    assert one.statistics["document_mean_30_ms"] is not None
    samples = results.RawSamples.model_validate_json(anonymous.get(f"results/{measured['id']}/samples/").content)
    assert samples.count == measured["n"] == sum(len(process.wall_ns) for process in samples.processes)


def test_one_run_has_the_shape_that_the_schema_says(anonymous: Caller) -> None:
    run_id = anonymous.get("runs/").json()["results"][0]["id"]

    run = runs.OneRun.model_validate_json(anonymous.get(f"runs/{run_id}/").content)

    assert [attempt.state for attempt in run.attempts] == ["accepted"]


def test_agents_list_shows_no_secret(anonymous: Caller) -> None:
    response = anonymous.get("agents/")

    assert b"digest" not in response.content
    assert response.json()["results"][0]["last_seen_at"] < timezone.now().isoformat()


@pytest.mark.parametrize(
    "path",
    [
        "models/MobileNetV9/",
        "results/999999999999999999999999/",
        "results/0/",
        "results/0/samples/",
        "campaigns/0/",
        "runs/0/",
    ],
)
def test_what_is_not_there_is_a_404_that_says_where_to_look(anonymous: Caller, path: str) -> None:
    assert_problem(anonymous.get(path), 404, "not-found")


def test_published_result_has_no_samples(anonymous: Caller) -> None:
    published = anonymous.get("results/", origin="published", limit=1).json()["results"][0]["id"]

    problem = assert_problem(anonymous.get(f"results/{published}/samples/"), 404, "not-found")

    assert "published" in problem.detail


def test_campaign_filter_keeps_the_runs_of_a_campaign(anonymous: Caller) -> None:
    campaign = anonymous.get("campaigns/").json()["results"][0]["id"]

    rows = anonymous.all_rows("runs/", campaign=campaign, state="done")

    assert [row["campaign"] for row in rows] == [campaign]
    assert_problem(anonymous.get("runs/", state="asleep"), 400, "bad-request")
    assert_problem(anonymous.get("runs/", campaign="first"), 400, "bad-request")
