"""The board is read again exactly when something that it shows was written."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apps.catalog.models import Comparability, Configuration, DeviceKind, Family, Network, Protocol
from apps.results.board_token import board_token
from apps.results.leaderboard import load_board
from apps.results.models import BoardCell, Result, Source
from tests.factories import make_user
from tests.seeded import published_tables

WRITES: dict[str, Callable[[], object]] = {
    "a cell": lambda: BoardCell.objects.update(device_count=7),
    "a cell that goes": lambda: BoardCell.objects.filter(metric="latency").delete(),
    "the flags of a value": lambda: Result.objects.filter(board_cells__isnull=False).update(flags=["outliers"]),
    "a model": lambda: Network.objects.filter(name="MobileNetV1").update(short="V1"),
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
    tokens = []
    for title in ("One", "Two"):
        Family.objects.filter(slug="MobileNetV1").update(title=title)
        tokens.append(board_token())

    assert tokens[0] != tokens[1]


def test_board_is_shared_until_something_is_written(published: None) -> None:
    before = load_board()
    make_user()
    again = load_board()
    Network.objects.filter(name="MobileNetV1").update(short="V1")
    after = load_board()

    assert again is before
    assert {row.model: row.short for row in after.rows}["MobileNetV1"] == "V1"
