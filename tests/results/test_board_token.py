"""The board is read again exactly when something that it shows was written."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apps.catalog.models import Architecture, Comparability, Configuration, DeviceKind, Family, Network, Protocol
from apps.results import board_token as tokens
from apps.results.board_token import board_token, fold_changes, results_token
from apps.results.leaderboard import load_board
from apps.results.models import BoardCell, Result, Source
from tests.factories import make_user
from tests.seeded import published_tables

WRITES: dict[str, Callable[[], object]] = {
    "a cell": lambda: BoardCell.objects.update(device_count=7),
    "a cell that goes": lambda: BoardCell.objects.filter(metric="latency").delete(),
    "the flags of a value": lambda: Result.objects.filter(board_cells__isnull=False).update(flags=["outliers"]),
    "a model": lambda: Network.objects.filter(name="MobileNetV1").update(short="V1"),
    "an architecture": lambda: Architecture.objects.filter(name="MobileNetV1").update(stages=[]),
    "a family": lambda: Family.objects.filter(slug="MobileNetV1").update(title="Another"),
    "a protocol": lambda: Protocol.objects.update(title="Another"),
    "a kind of device": lambda: DeviceKind.objects.update(title="Another"),
    "a configuration": lambda: Configuration.objects.update(engine="another"),
    "a source": lambda: Source.objects.update(section="Another"),
    "what is comparable": lambda: Comparability.objects.update(sentence="Another."),
}


@pytest.fixture(scope="module")
def tables(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), published_tables():
        yield


@pytest.fixture
def published(tables: None, db: None) -> None:
    pass


@pytest.mark.parametrize("what", WRITES)
def test_every_write_that_the_board_shows_makes_another_token(published: None, what: str) -> None:
    before = board_token()

    WRITES[what]()

    assert board_token() != before


def test_two_writes_of_one_transaction_make_two_tokens(published: None) -> None:
    made = []
    for title in ("One", "Two"):
        Family.objects.filter(slug="MobileNetV1").update(title=title)
        made.append(board_token())

    assert made[0] != made[1]


def test_result_that_fills_no_cell_makes_another_token_of_the_results_alone(published: None) -> None:
    board, results = board_token(), results_token()

    Result.objects.filter(board_cells=None).update(flags=["outliers"])

    assert board_token() == board
    assert results_token() != results


def test_board_is_shared_until_something_is_written(published: None) -> None:
    before = load_board()
    make_user()
    again = load_board()
    Network.objects.filter(name="MobileNetV1").update(short="V1")
    after = load_board()

    assert again is before
    assert {row.model: row.short for row in after.rows}["MobileNetV1"] == "V1"


@pytest.mark.parametrize(
    "write",
    [
        lambda: BoardCell.objects.filter(metric="no such metric").delete(),
        lambda: Result.objects.filter(board_cells=None).update(flags=["outliers"]),
        make_user,
    ],
    ids=["no cell", "results that fill none", "an account"],
)
def test_write_that_the_board_does_not_show_leaves_the_token(published: None, write: Callable[[], object]) -> None:
    before = board_token()

    write()

    assert board_token() == before


def test_change_of_a_cell_has_that_models_row_read_again_and_no_other(published: None) -> None:
    before = load_board()
    BoardCell.objects.filter(network__name="MobileNetV1", metric="top1").update(device_count=7)
    after = load_board()

    changed = [new.model for old, new in zip(before.rows, after.rows, strict=True) if new is not old]
    assert changed == ["MobileNetV1"]
    cell = next(row for row in after.rows if row.model == "MobileNetV1").cells["top1.paddleclas-accuracy"]
    assert cell.device_count == 7


def test_column_goes_with_its_last_cell_and_comes_back_in_its_place(published: None) -> None:
    before = [column.key for column in load_board().columns]
    last = BoardCell.objects.filter(metric="reference_top1")
    kept = list(last)
    last.delete()
    without = [column.key for column in load_board().columns]
    BoardCell.objects.bulk_create(kept)
    after = [column.key for column in load_board().columns]

    assert without == [key for key in before if not key.startswith("reference_top1.")] != before
    assert after == before


def test_row_by_row_reading_gives_what_reading_everything_does(published: None) -> None:
    load_board()
    for metric in ("latency", "storage"):
        BoardCell.objects.filter(network__name__startswith="MobileNetV2", metric=metric).delete()
        kept = load_board()
        Family.objects.update(year=2001)

        assert load_board() == kept


def test_many_changes_become_one_that_has_everything_read_again(
    published: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST_CHANGES", 5)
    before = load_board()
    for count in range(6):
        BoardCell.objects.filter(network__name="MobileNetV1", metric="top1").update(device_count=count)

    fold_changes()

    assert len(tokens.board_changes()) == 1
    after = load_board()
    assert all(new is not old for old, new in zip(before.rows, after.rows, strict=True))
    cell = next(row for row in after.rows if row.model == "MobileNetV1").cells["top1.paddleclas-accuracy"]
    assert cell.device_count == 5
