import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from apps.results.actions.board import current_board, recompute_board
from apps.results.actions.publish import publish_tables
from apps.results.models import BoardCell, Result, Source
from apps.results.published import read_tables
from tests.factories import MODEL, NOW

pytestmark = pytest.mark.usefixtures("catalogue")

FOLDER = settings.FIXTURES_DIR / "published"
LATER = NOW + timedelta(days=1)
COLUMN = {"network__name": MODEL, "metric": "latency", "configuration__slug": "paddleclas-sd855-bs1"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the published tables that a test may change."""
    return Path(shutil.copytree(FOLDER, tmp_path / "published"))


def _print_latency(folder: Path, printed: str) -> None:
    """Change the published latency of one model on the phone."""
    path = folder / "sd855.csv"
    before = Result.objects.standing().get(**COLUMN).printed
    line = next(line for line in path.read_text().splitlines() if line.startswith(f"{MODEL},"))
    path.write_text(path.read_text().replace(line, line.replace(before, printed)))


def test_tables_become_399_values_with_their_printed_digits() -> None:
    editions = publish_tables(tables=read_tables(FOLDER), at=NOW)

    assert [(source.slug, source.edition) for source in editions] == [("accuracy", 1), ("sd855", 1), ("t4", 1)]
    assert Result.objects.filter(origin="published", evidence="published").count() == 399
    assert BoardCell.objects.count() == 399
    assert all(Decimal(result.printed) == result.value for result in Result.objects.all())
    assert current_board() == recompute_board()


def test_value_keeps_its_zeros_and_says_where_it_is_from() -> None:
    publish_tables(tables=read_tables(FOLDER), at=NOW)

    result = Result.objects.select_related("source", "copied_from").get(
        network__name="MobileNetV2_ssld", metric="flops_paddle"
    )

    assert result.source is not None
    assert (result.printed, result.source.section) == ("0.600", "2.4.2")
    assert result.copied_from is not None
    assert result.copied_from.name == "MobileNetV2"


def test_same_tables_again_change_nothing(folder: Path) -> None:
    publish_tables(tables=read_tables(folder), at=NOW)

    assert publish_tables(tables=read_tables(folder), at=LATER) == []

    assert (Source.objects.count(), Result.objects.count()) == (3, 399)


def test_changed_table_is_a_new_edition_and_the_old_one_is_kept_with_a_reason(folder: Path) -> None:
    publish_tables(tables=read_tables(folder), at=NOW)
    old = Result.objects.get(**COLUMN)
    _print_latency(folder, "9.875")

    [edition] = publish_tables(tables=read_tables(folder), at=LATER)

    old.refresh_from_db()
    new = Result.objects.standing().get(**COLUMN)
    assert (edition.slug, edition.edition) == ("sd855", 2)
    assert (old.withdrawn_at, old.withdrawn_because) == (LATER, "replaced by edition 2 of the table")
    assert (new.printed, new.source) == ("9.875", edition)
    assert Result.objects.standing().count() == 399
    assert Result.objects.filter(source__edition=1, source__slug="sd855").count() == 64
    assert BoardCell.objects.get(**COLUMN).result == new
    assert current_board() == recompute_board()
