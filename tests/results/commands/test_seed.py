from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.catalog.models import Network, Protocol
from apps.results.models import Result
from tests.factories import LATENCY

pytestmark = pytest.mark.usefixtures("catalogue")


def _seed() -> list[str]:
    output = StringIO()
    call_command("seed", stdout=output)
    return output.getvalue().splitlines()


def test_seed_stores_every_table_once() -> None:
    first, second = _seed(), _seed()

    assert [line.rpartition(", ")[2] for line in first] == ["edition 1"] * 3
    assert second == ["nothing new"]
    assert (Network.objects.count(), Result.objects.count()) == (32, 399)


def test_seed_that_cannot_be_done_changes_nothing_and_says_what_to_do() -> None:
    Protocol.objects.filter(slug=LATENCY).update(warmup=0)

    with pytest.raises(CommandError, match="give the change a row of its own with version 2"):
        _seed()

    assert not Result.objects.exists()
