"""Whatever bounds, facets, order and front an address has: the leaderboard is what a plain loop over it would keep."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.calls import Caller

Row = dict[str, Any]
FACETS = ("family", "recipe", "precision")
NUDGES = ("0", "0.001", "-0.001")

searched = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(scope="module")
def board(tables: None, django_db_blocker: Any) -> dict[str, Any]:
    with django_db_blocker.unblock():
        answer: dict[str, Any] = Caller().get("leaderboard/").json()
    return answer


@searched
@given(data=st.data())
def test_rows_order_and_front_are_those_of_a_loop(board: dict[str, Any], db: None, data: st.DataObject) -> None:
    directions = {column["key"]: column["direction"] for column in board["columns"]}
    keys = st.sampled_from(sorted(directions))
    query = data.draw(queries(board["rows"], keys))
    sort, objectives = data.draw(keys), data.draw(st.lists(keys, min_size=1, max_size=3, unique=True))
    sign = data.draw(st.sampled_from(["", "-"]))

    found = Caller().get("leaderboard/", **query, sort=f"{sign}{sort}", pareto=",".join(objectives)).json()["rows"]

    kept = [row for row in board["rows"] if keeps(query, row)]
    assert [row["model"] for row in found] == [row["model"] for row in in_order(kept, sort, is_descending=bool(sign))]
    points = {row["model"]: costs(row, objectives, directions) for row in kept}
    complete = {model: point for model, point in points.items() if None not in point}
    front = {model for model, point in complete.items() if not any(beats(p, point) for p in complete.values())}
    assert {row["model"] for row in found if row["on_front"]} == front


@st.composite
def queries(draw: st.DrawFn, rows: list[Row], keys: st.SearchStrategy[str]) -> dict[str, str]:
    query = {}
    for key in draw(st.lists(keys, max_size=2)):
        near = draw(st.sampled_from([each for row in rows if (each := value(row, key)) is not None]))
        bound = near + Decimal(draw(st.sampled_from(NUDGES)))
        query[f"{draw(st.sampled_from(['min', 'max']))}.{key}"] = f"{bound:f}"
    for facet in draw(st.lists(st.sampled_from(FACETS), max_size=2)):
        present = sorted({row[facet] for row in rows})
        query[facet] = ",".join(draw(st.lists(st.sampled_from(present), min_size=1, max_size=2)))
    return query


def keeps(query: dict[str, str], row: Row) -> bool:
    return all(_keeps(name, said, row) for name, said in query.items())


def _keeps(name: str, said: str, row: Row) -> bool:
    if name in FACETS:
        return row[name] in said.split(",")
    side, _, key = name.partition(".")
    own = value(row, key)
    return own is not None and (own >= Decimal(said) if side == "min" else own <= Decimal(said))


def in_order(rows: list[Row], key: str, *, is_descending: bool) -> list[Row]:
    """Equal values, and rows without one, stay as the board has them."""
    present = [row for row in rows if value(row, key) is not None]
    return sorted(present, key=lambda row: value(row, key) or 0, reverse=is_descending) + [
        row for row in rows if value(row, key) is None
    ]


def value(row: Row, key: str) -> Decimal | None:
    cell = row["cells"][key]
    return Decimal(str(cell["value"])) if cell else None


def costs(row: Row, keys: list[str], directions: dict[str, str]) -> list[Decimal | None]:
    """Less is better in each."""
    found = [value(row, key) for key in keys]
    return [None if v is None else -v if directions[k] == "max" else v for k, v in zip(keys, found, strict=True)]


def beats(one: list[Any], other: list[Any]) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))
