"""The leaderboard: bounds, facets, order and Pareto front as the address says."""

from decimal import Decimal
from typing import Any

import pytest

from tests.api.calls import Caller, assert_problem
from tests.factories import make_leased, measure

SD855 = "latency.paddleclas-sd855-bs1"
T4 = "latency.paddleclas-t4-fp16-bs1"
REFERENCE = "reference_top5"

pytestmark = pytest.mark.usefixtures("published")


def values(answer: dict[str, Any], key: str) -> list[Decimal | None]:
    """A column's values from top to bottom."""
    cells = [row["cells"][key] for row in answer["rows"]]
    return [Decimal(cell["printed"]) if cell else None for cell in cells]


def beats(one: list[float], other: list[float]) -> bool:
    """Whether one is at least as good in everything, and better in something. Less is better."""
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))


def test_columns_are_those_asked_for_in_their_order(anonymous: Caller) -> None:
    answer = anonymous.get("leaderboard/", columns=f"{SD855},top1").json()

    assert [column["key"] for column in answer["columns"]] == [SD855, "top1.paddleclas-accuracy"]
    assert len(answer["rows"]) == 32


def test_metric_alone_means_its_published_column_whatever_is_measured_later(anonymous: Caller) -> None:
    before = anonymous.get("leaderboard/", columns="storage,params_paddle").json()

    measure(make_leased(protocol="complexity-224"))

    after = anonymous.get("leaderboard/", columns="storage,params_paddle").json()
    assert [column["key"] for column in after["columns"]] == [column["key"] for column in before["columns"]]
    assert anonymous.get("leaderboard/", columns="macs").json()["columns"][0]["key"] == "macs.complexity-224"


def test_bounds_are_inclusive(anonymous: Caller) -> None:
    answer = anonymous.get("leaderboard/", **{"min.top1": "0.710", f"max.{SD855}": "32.985"}).json()

    top1, latency = values(answer, "top1.paddleclas-accuracy"), values(answer, SD855)
    assert "MobileNetV1" in {row["model"] for row in answer["rows"]}
    assert all(value is not None and value >= Decimal("0.710") for value in top1)
    assert all(value is not None and value <= Decimal("32.985") for value in latency)


def test_row_without_the_value_is_outside_every_bound(anonymous: Caller) -> None:
    answer = anonymous.get("leaderboard/", **{f"min.{T4}": "0"}).json()

    assert len(answer["rows"]) == 31
    assert None not in values(answer, T4)


@pytest.mark.parametrize(("sign", "is_descending"), [("", False), ("-", True)])
def test_rows_without_the_sorted_value_come_last_in_either_direction(
    anonymous: Caller, sign: str, is_descending: bool
) -> None:
    answer = anonymous.get("leaderboard/", sort=f"{sign}{REFERENCE}").json()

    found = values(answer, f"{REFERENCE}.paddleclas-accuracy")
    present = [value for value in found if value is not None]
    assert len(present) < 32
    assert found == sorted(present, reverse=is_descending) + [None] * (32 - len(present))


def test_sort_by_name_goes_both_ways(anonymous: Caller) -> None:
    up = [row["model"] for row in anonymous.get("leaderboard/", sort="model").json()["rows"]]
    down = [row["model"] for row in anonymous.get("leaderboard/", sort="-model").json()["rows"]]

    assert up == sorted(up)
    assert down == up[::-1]


def test_front_is_what_no_other_row_beats(anonymous: Caller) -> None:
    answer = anonymous.get("leaderboard/", pareto=f"top1,{SD855}", columns=f"top1,{SD855}").json()

    points = {
        row["model"]: [-row["cells"]["top1.paddleclas-accuracy"]["value"], row["cells"][SD855]["value"]]
        for row in answer["rows"]
        if all(row["cells"].values())
    }
    expected = {name for name, point in points.items() if not any(beats(other, point) for other in points.values())}
    assert {row["model"] for row in answer["rows"] if row["on_front"]} == expected
    assert 3 < len(expected) < 32


def test_equal_rows_are_on_the_front_together(anonymous: Caller) -> None:
    answer = anonymous.get("leaderboard/", family="MobileNetV1", pareto="flops_paddle").json()

    assert [row["model"] for row in answer["rows"] if row["on_front"]] == ["MobileNetV1_x0_25"]

    answer = anonymous.get("leaderboard/", **{"family": "MobileNetV1", "min.flops_paddle": "1", "pareto": "storage"})
    front = {row["model"] for row in answer.json()["rows"] if row["on_front"]}
    assert front == {"MobileNetV1", "MobileNetV1_ssld"}


def test_row_without_an_objective_is_not_on_the_front(anonymous: Caller) -> None:
    answer = anonymous.get("leaderboard/", pareto=f"top1,{T4}").json()

    assert all(row["cells"][T4] for row in answer["rows"] if row["on_front"])


def test_front_is_that_of_the_rows_shown(anonymous: Caller) -> None:
    answer = anonymous.get("leaderboard/", family="ShuffleNetV2", pareto=f"top1,{SD855}").json()

    assert {row["family"] for row in answer["rows"]} == {"ShuffleNetV2"}
    assert any(row["on_front"] for row in answer["rows"])


def test_front_is_null_when_none_was_asked_for(anonymous: Caller) -> None:
    answer = anonymous.get("leaderboard/").json()

    assert {row["on_front"] for row in answer["rows"]} == {None}


def test_facets_keep_their_rows(anonymous: Caller) -> None:
    ssld = anonymous.get("leaderboard/", recipe="ssld").json()["rows"]
    int8 = anonymous.get("leaderboard/", precision="int8").json()["rows"]

    assert ssld
    assert {row["recipe"] for row in ssld} == {"ssld"}
    assert {row["precision"] for row in int8} == {"int8"}


@pytest.mark.parametrize(
    ("parameters", "field", "says"),
    [
        ({"columns": "top1,top9"}, "columns", "top1.paddleclas-accuracy"),
        ({"columns": "latency"}, "columns", SD855),
        ({"sort": "-speed"}, "sort", SD855),
        ({"pareto": "beauty"}, "pareto", SD855),
        ({"min.top9": "0.7"}, "min.top9", "top1"),
        ({"min.top1": "much"}, "min.top1", "number"),
        ({"max.top1": "NaN"}, "max.top1", "number"),
        ({"max.top1": "Infinity"}, "max.top1", "number"),
        ({"max.top1": ""}, "max.top1", "number"),
        ({"family": "ResNet"}, "family", "ShuffleNetV2"),
        ({"recipe": "luck"}, "recipe", "ssld"),
        ({"precision": "fp64"}, "precision", "int8"),
    ],
)
def test_mistake_is_a_400_that_names_what_is_valid(
    anonymous: Caller, parameters: dict[str, str], field: str, says: str
) -> None:
    problem = assert_problem(anonymous.get("leaderboard/", **parameters), 400, "bad-request")

    assert [error.field for error in problem.errors] == [field]
    assert says in problem.detail


def test_bound_that_no_model_meets_gives_no_rows(anonymous: Caller) -> None:
    answer = anonymous.get("leaderboard/", **{"min.top1": "0.99", "pareto": "top1"}).json()

    assert answer["rows"] == []
