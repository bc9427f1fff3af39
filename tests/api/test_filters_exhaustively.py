"""Whatever filters, ranges, order and page size an address has: the rows are those that a plain loop would keep."""

from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.core.api.filters import SINCE, Filters
from tests.api.calls import Caller
from tests.api.listed import PUBLIC, VIEWS
from tests.factories import accept_record, make_leased, make_runs, make_user, measure

Row = dict[str, Any]


class Lists(dict[str, list[Row]]):
    """All rows of every list, in few words where a failure shows them."""

    def __repr__(self) -> str:
        return f"{len(self)} lists"


NUDGES = ("0", "0.00000001", "-0.00000001", "1", "-1", "1000000")

searched = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(scope="module")
def everything(tables: None, django_db_blocker: Any) -> Lists:
    """All rows of every list, some of them measured, with the families that results do not name."""
    with django_db_blocker.unblock():
        owner = make_user("searched")
        for protocol in ("cpu-fp32-bs1", "complexity-224"):
            attempt = make_leased(protocol=protocol, owner=owner)
            measure(attempt)
            accept_record(attempt.agent)
        make_runs(requested_by=owner)
        rows = Lists({path: Caller().all_rows(path, limit=1000, sort="id") for path in PUBLIC})
        for path in PUBLIC:
            # Ties are broken by a row's own id, which a list of agents does not show.
            rows[path] = [row | {"place": place} for place, row in enumerate(rows[path])]
    families = {row["name"]: row["family"] for row in rows["models/"]}
    for path in ("results/", "history/"):
        rows[path] = [row | {"family": families[row["model"]]} for row in rows[path]]
    # A submission has several values, and is filtered by what each of them says.
    rows["submissions/"] = [
        row | {name: [value[name] for value in row["results"]] for name in ("model", "metric", "configuration")}
        for row in rows["submissions/"]
    ]
    return rows


@pytest.mark.parametrize("path", PUBLIC)
@searched
@given(seed=st.integers(0, 2**32))
def test_rows_are_those_that_a_loop_would_keep(everything: Lists, db: None, path: str, seed: int) -> None:
    chance, rows, view = Random(seed), everything[path], VIEWS[path]
    query = some_query(chance, view.filters(), rows)
    sort = chance.choice([view.order.said, *view.sortable(), *(f"-{name}" for name in view.sortable())])

    # Few pages each time, since every one is a request.
    found = Caller().all_rows(path, **query, sort=sort, limit=chance.randint(1 + len(rows) // 4, 500))

    kept = [row for row in rows if keeps(query, row, since=view.since)]
    assert [row["id"] for row in in_order(found, kept, sort)] == [row["id"] for row in found]
    assert len(found) == len(kept)


def some_query(chance: Random, filters: Filters, rows: list[Row]) -> dict[str, str]:
    """Up to three filters with values that some row has, or a little beside them."""
    present = {
        name: sorted({each for row in rows for each in all_said(row[name])} - {"", "None"}) for name in filters.choices
    }
    # A comma parts the values of an address, so a value that has one cannot be asked for.
    present = {name: [value for value in values if "," not in value] for name, values in present.items()}
    sets = [name for name in filters.choices if present[name]]
    bounds = [f"{side}.{name}" for name in filters.ranges for side in ("min", "max")]
    names = [*sets, *bounds, *([SINCE] if filters.since else [])]
    query = {}
    for name in chance.sample(names, k=min(chance.randint(0, 3), len(names))):
        if name in sets:
            query[name] = ",".join(chance.sample(present[name], k=chance.randint(1, min(3, len(present[name])))))
        elif value := near(chance, rows, filters.since if name == SINCE else name.partition(".")[2]):
            query[name] = value
    return query


def near(chance: Random, rows: list[Row], field: str) -> str:
    """A value of the field, or one beside it; empty where no row has one."""
    values = [row[field] for row in rows if row[field] is not None]
    if not values:
        return ""
    value = chance.choice(values)
    return value if isinstance(value, str) else f"{Decimal(str(value)) + Decimal(chance.choice(NUDGES)):f}"


def keeps(query: dict[str, str], row: Row, *, since: str) -> bool:
    return all(_keeps(name, value, row, since) for name, value in query.items())


def _keeps(name: str, value: str, row: Row, since: str) -> bool:
    side, _, field = name.partition(".")
    if name == SINCE:
        side, field = "min", since
    if side not in ("min", "max"):
        return not set(all_said(row[name])).isdisjoint(value.split(","))
    if row[field] is None:
        return False
    own, bound = comparable(row[field]), comparable(value if isinstance(row[field], str) else Decimal(value))
    return bool(own >= bound if side == "min" else own <= bound)


def in_order(found: list[Row], kept: list[Row], sort: str) -> list[Row]:
    """The rows to be found, in the order that `sort` says; of texts, whose order is the database's, as they came."""
    name = "place" if sort.removeprefix("-") == "id" else sort.removeprefix("-")
    if any(isinstance(row[name], str) and not is_time(row[name]) for row in kept):
        places = {row["id"]: place for place, row in enumerate(found)}
        return sorted(kept, key=lambda row: places[row["id"]])
    present = [row for row in kept if row[name] is not None]
    present.sort(key=lambda row: (comparable(row[name]), row["place"]), reverse=sort.startswith("-"))
    missing = sorted(
        (row for row in kept if row[name] is None), key=lambda row: row["place"], reverse=sort.startswith("-")
    )
    return present + missing


def all_said(value: Any) -> list[str]:
    """As an address writes it, or each of several."""
    values = value if isinstance(value, list) else [value]
    return [str(each).lower() if isinstance(each, bool) else str(each) for each in values]


def comparable(value: Any) -> Any:
    return (
        datetime.fromisoformat(value)
        if isinstance(value, str)
        else Decimal(value if isinstance(value, bool) else str(value))
    )


def is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
