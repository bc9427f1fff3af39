"""Every published value comes back digit by digit."""

import csv
from decimal import Decimal

import pytest
from django.conf import settings

from tests.api.calls import Caller

PUBLISHED_COUNT = 399

Key = tuple[str, str, str]
"""(model, metric, configuration)"""

pytestmark = pytest.mark.usefixtures("published")


def printed_cells() -> dict[Key, str]:
    """What the CSV files print, "" where a value is missing."""
    cells: dict[Key, str] = {}
    for path in (settings.FIXTURES_DIR / "published").glob("*.csv"):
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                model = row.pop("model")
                for column, text in row.items():
                    metric, _, configuration = column.partition(".")
                    cells[model, metric, configuration] = text
    return cells


def test_results_of_all_pages_are_the_published_values_as_printed(anonymous: Caller) -> None:
    rows = anonymous.all_rows("results/", origin="published", limit=100)

    served = {(row["model"], row["metric"], row["configuration"]): row["printed"] for row in rows}
    assert len(rows) == len(served) == PUBLISHED_COUNT
    assert served == {key: text for key, text in printed_cells().items() if text}


def test_value_is_the_number_that_is_printed(anonymous: Caller) -> None:
    rows = anonymous.all_rows("results/", origin="published", limit=1000)

    assert [row for row in rows if Decimal(str(row["value"])) != Decimal(row["printed"])] == []


def test_leaderboard_has_every_published_value_and_null_where_one_is_missing(anonymous: Caller) -> None:
    cells = printed_cells()

    rows = anonymous.get("leaderboard/").json()["rows"]

    served = {
        (row["model"], *key.split(".", 1)): (cell["printed"] if cell else "")
        for row in rows
        for key, cell in row["cells"].items()
    }
    missing = {(model, *key) for model in {c[0] for c in cells} for key in {c[1:] for c in cells}} - set(cells)
    assert served == cells | dict.fromkeys(missing, "")


def test_every_published_value_names_its_table(anonymous: Caller) -> None:
    sources = {source["slug"] for source in anonymous.all_rows("sources/")}

    rows = anonymous.all_rows("results/", origin="published", limit=1000)

    assert {(row["source"], row["source_edition"]) for row in rows} == {(slug, 1) for slug in sources}
    assert len(sources) == 3


def test_copied_values_name_the_model_they_were_copied_from(anonymous: Caller) -> None:
    rows = anonymous.all_rows("results/", model="MobileNetV1_ssld", limit=1000)

    copied = {row["metric"] for row in rows if row["copied_from"] == "MobileNetV1"}
    assert {"flops_paddle", "params_paddle", "storage"} <= copied
    assert not {"top1", "top5"} & copied
