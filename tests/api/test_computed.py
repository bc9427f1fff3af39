"""Fronts, comparisons and charts over REST say what the pages say."""

from typing import Any

import pytest

from apps.board.api import schema
from apps.board.figures import throttle
from apps.results.api import schema as results
from tests.api.calls import Caller, assert_problem
from tests.board.addresses import FIGURE
from tests.factories import MODEL, NOW, make_leased, make_user, measure

SD855 = "latency.paddleclas-sd855-bs1"
TWO = "MobileNetV1,MobileNetV2"

pytestmark = pytest.mark.usefixtures("published")


def test_front_is_the_one_that_the_leaderboard_marks(anonymous: Caller) -> None:
    asked = {"pareto": f"top1,{SD855}", "family": "MobileNetV1,ShuffleNetV2"}

    answer = results.Pareto.model_validate_json(anonymous.get("pareto/", **asked).content)

    rows = anonymous.get("leaderboard/", **asked).json()["rows"]
    assert [row.model for row in answer.front] == [row["model"] for row in rows if row["on_front"]]
    assert answer.objectives == ["top1.paddleclas-accuracy", SD855]
    assert [column.key for column in answer.columns] == answer.objectives
    left = [each.model for each in answer.dominated] + answer.incomplete
    assert sorted(left) == sorted(row["model"] for row in rows if not row["on_front"])


def test_who_dominates_is_better_in_something_and_worse_in_nothing(anonymous: Caller) -> None:
    answer = anonymous.get("pareto/", pareto=f"top1,{SD855}").json()

    rows = anonymous.get("leaderboard/", columns=f"top1,{SD855}").json()["rows"]
    points = {
        row["model"]: (-row["cells"]["top1.paddleclas-accuracy"]["value"], row["cells"][SD855]["value"])
        for row in rows
        if all(row["cells"].values())
    }
    assert answer["dominated"]
    for each in answer["dominated"]:
        better, worse = points[each["by"]], points[each["model"]]
        assert better != worse
        assert all(a <= b for a, b in zip(better, worse, strict=True))


def test_front_of_nothing_is_a_400_that_names_the_columns(anonymous: Caller) -> None:
    problem = assert_problem(anonymous.get("pareto/"), 400, "bad-request")

    assert SD855 in problem.detail


def test_comparison_is_that_of_the_page(anonymous: Caller) -> None:
    answer = anonymous.get("compare/", models=TWO)

    schema.Comparison.model_validate_json(answer.content)
    assert answer.content == anonymous.get(f"/compare?models={TWO}&format=json").content
    assert (
        anonymous.get(f"compare/?models={TWO}&format=csv").content
        == anonymous.get(f"/compare?models={TWO}&format=csv").content
    )


@pytest.mark.parametrize("models", ["", "MobileNetV1", "MobileNetV1,MobileNetV9", "MobileNetV1,MobileNetV1"])
def test_models_that_cannot_be_compared_are_a_400(anonymous: Caller, models: str) -> None:
    problem = assert_problem(anonymous.get("compare/", models=models), 400, "bad-request")

    assert [error.field for error in problem.errors] == ["models"]


def test_chart_has_the_numbers_of_the_page(anonymous: Caller) -> None:
    answer = anonymous.get(f"charts/{FIGURE}/", families="MobileNetV1")

    chart = schema.Chart.model_validate_json(answer.content)
    page = anonymous.get(f"/charts/{FIGURE}?families=MobileNetV1&format=json").json()
    assert answer.json() | {"at": None} == page | {"at": None}
    assert {row.family for row in chart.rows} == {"MobileNetV1"}


@pytest.mark.parametrize(
    ("kind", "content_type", "begins"),
    [("csv", "text/csv", b"model,family"), ("svg", "image/svg+xml", b"<svg"), ("png", "image/png", b"\x89PNG")],
)
def test_chart_as_a_file(anonymous: Caller, kind: str, content_type: str, begins: bytes) -> None:
    answer = anonymous.get(f"charts/{FIGURE}/", format=kind)

    assert answer["Content-Type"].partition(";")[0] == content_type
    assert answer.content.startswith(begins)
    again = anonymous.get_file(f"charts/{FIGURE}/?format={kind}", **{"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_charts_are_listed(anonymous: Caller) -> None:
    rows = schema.ChartPage.model_validate_json(anonymous.get("charts/").content).results

    assert FIGURE in {row.slug for row in rows}
    assert all(row.sentence for row in rows)


@pytest.mark.parametrize(
    ("path", "status", "kind", "says"),
    [
        ("charts/pie/", 404, "not-found", FIGURE),
        (f"charts/{FIGURE}/?format=gif", 400, "bad-request", "png"),
        (f"charts/{FIGURE}/?families=ResNet", 400, "bad-request", "ShuffleNetV2"),
        (f"charts/{FIGURE}/?width=3", 400, "unknown-parameter", "families"),
    ],
)
def test_mistake_about_a_chart_says_what_is_valid(
    anonymous: Caller, path: str, status: int, kind: str, says: str
) -> None:
    assert says in assert_problem(anonymous.get(path), status, kind).detail


def test_too_many_pictures_are_a_429_that_says_when_to_ask_again(
    anonymous: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle.PictureThrottle, "rate", "1/min")
    monkeypatch.setattr(throttle.PictureThrottle, "scope", "pictures-of-this-test")
    anonymous.get(f"charts/{FIGURE}/?format=svg&families=MobileNetV2")

    answer = anonymous.get(f"charts/{FIGURE}/?format=svg&families=MobileNetV2,MobileNetV1")

    assert_problem(answer, 429, "throttled")
    assert int(answer["Retry-After"]) > 0


def test_history_has_what_was_measured_here_as_it_was_measured(anonymous: Caller) -> None:
    owner = make_user()
    measured = [measure(make_leased(owner=owner), at=NOW) for _ in range(2)]

    rows = anonymous.all_rows("history/", model=MODEL, metric="latency")

    assert [row["id"] for row in rows] == [
        result.pk for results in measured for result in results if result.metric == "latency"
    ]
    assert {row["origin"] for row in rows} == {"run"}


def test_simulated_values_are_in_no_history(anonymous: Caller) -> None:
    measure(make_leased(is_simulated=True))

    assert anonymous.all_rows("history/") == []
    assert anonymous.all_rows("results/", is_simulated="true")


def test_answer_of_every_computed_address_is_not_sent_again(anonymous: Caller) -> None:
    paths: list[Any] = [f"pareto/?pareto=top1,{SD855}", f"compare/?models={TWO}", "charts/", "leaderboard/"]
    for path in paths:
        etag = anonymous.get(path)["ETag"]

        assert anonymous.get_file(path, **{"If-None-Match": etag}).status_code == 304, path
