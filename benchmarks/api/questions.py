"""What is asked of the site, and the same of the database by the shortest way that Django has.

`rows` is what a minimal view would write, and its SQL is what pgbench executes: the site's own list of results, its
board's cells, its model. Needs Django.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from django.db import connection
from django.db.models import Count, F, FilteredRelation, Q, QuerySet

from apps.catalog.api.views import MODEL_FIELDS
from apps.catalog.models import Configuration, Network
from apps.results.api.views import RESULT_FIELDS, _with_artifact, _with_precision
from apps.results.models import BoardCell, Result

TOP1, LATENCY = ("top1", "paddleclas-accuracy"), ("latency", "paddleclas-sd855-bs1")
LONGEST_MS = 10
PAGE_ROWS = 50
Rows: TypeAlias = QuerySet[Any, dict[str, Any]]

_CHOSEN = f"max.{'.'.join(LATENCY)}={LONGEST_MS}&sort=-top1"


@dataclass(frozen=True)
class Question:
    """`path` is the site's."""

    name: str
    path: str
    rows: Callable[[], Rows]
    is_page: bool = False
    """HTML, of which the minimal view writes the values alone. The site makes it for the first visitor."""
    is_export: bool = False

    def sql(self) -> str:
        with connection.cursor() as cursor:
            text: str = cursor.mogrify(*self.rows().query.sql_with_params())
        return text


def questions() -> list[Question]:
    column = _most_measured()
    model = _most_measured_model()
    results = f"/api/v1/results/?configuration={column}&metric=latency&limit={PAGE_ROWS}"
    return [
        Question("board page", "/", _board_rows, is_page=True),
        Question("board page, chosen", f"/?{_CHOSEN}", _board_rows, is_page=True),
        Question("leaderboard", f"/api/v1/leaderboard/?columns=top1,{'.'.join(LATENCY)}&{_CHOSEN}", _board_rows),
        Question("results, 50 rows", results, lambda: _results(column)),
        Question("one model", f"/api/v1/models/{model}/", lambda: _model(model)),
        Question("model page", f"/models/{model}", lambda: _cells_of(model), is_page=True),
        Question("CSV export", "/data/results.csv", _all_results, is_export=True),
    ]


def _results(column: str) -> Rows:
    chosen = _all().filter(configuration__slug=column, metric="latency").order_by("id")
    rows: Rows = chosen.values(*RESULT_FIELDS.values())[: PAGE_ROWS + 1]
    return rows


def _all_results() -> Rows:
    rows: Rows = _all().order_by("id").values(*RESULT_FIELDS.values())
    return rows


def _all() -> QuerySet[Result]:
    return _with_precision(_with_artifact(Result.objects.standing()))


def _model(name: str) -> Rows:
    rows: Rows = Network.objects.filter(name=name).values(*MODEL_FIELDS.values())
    return rows


_VALUE = (
    "value", "printed", "origin", "evidence", "interval_low", "interval_high", "n", "flags", "copied_from__name",
    "source__document", "source__table", "attempt__run_id", "id",
)  # fmt: skip
_OF_MODEL = ("name", "family__slug", "recipe", "precision", "width_multiplier")


def _board_rows() -> Rows:
    """Both values of each model within the budget, the most accurate first."""
    cells = {"top1": TOP1, "latency": LATENCY}
    relations = {
        name: FilteredRelation("board_cells", condition=Q(board_cells__metric=m, board_cells__configuration=_column(c)))
        for name, (m, c) in cells.items()
    }
    # The relations have their names from here alone, so that nothing else knows them.
    chosen: Any = Network.objects.annotate(**relations)
    values = [f"{name}__result__{field}" for name in cells for field in _VALUE]
    chosen = chosen.filter(latency__result__value__lte=LONGEST_MS)
    rows: Rows = chosen.order_by(F("top1__result__value").desc(nulls_last=True)).values(*_OF_MODEL, *values)
    return rows


def _cells_of(name: str) -> Rows:
    cells = BoardCell.objects.filter(network__name=name)
    rows: Rows = cells.values("metric", "configuration__slug", *(f"result__{field}" for field in _VALUE))
    return rows


@cache
def _column(slug: str) -> int:
    return Configuration.objects.get(slug=slug).pk


def _most_measured() -> str:
    """The configuration with the most latencies; a published one where nobody measured."""
    return _most(Result.objects.filter(metric="latency"), "configuration__slug")


def _most_measured_model() -> str:
    return _most(Result.objects.all(), "network__name")


def _most(results: QuerySet[Result], name: str) -> str:
    counted = results.values_list(name).annotate(count=Count("id")).order_by("-count", name)
    return str(counted[0][0])
