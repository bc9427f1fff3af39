from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.results.models import BoardCell
from tests.factories import COMPLEXITY, make_leased, measure

pytestmark = pytest.mark.usefixtures("catalogue")


def _check(*arguments: str) -> str:
    output = StringIO()
    call_command("check_board", *arguments, stdout=output)
    return output.getvalue()


@pytest.fixture(autouse=True)
def _six_cells(catalogue: None) -> None:
    measure(make_leased(protocol=COMPLEXITY))


def test_untouched_board_is_as_recomputed() -> None:
    assert _check() == "6 cells, and 0 of what was sent in, all as recomputed\n"


def test_tampered_cell_is_found() -> None:
    BoardCell.objects.filter(metric="macs").update(value_max=1_000_000)

    with pytest.raises(CommandError, match="1 of 6 cells differ"):
        _check()


def test_missing_cell_is_found() -> None:
    BoardCell.objects.filter(metric="macs").delete()

    with pytest.raises(CommandError, match="1 of 6 cells differ"):
        _check()


def test_rebuild_mends_the_board() -> None:
    BoardCell.objects.filter(metric="macs").update(value_max=1_000_000)

    assert _check("--rebuild") == "rebuilt 6 cells, and 0 of what was sent in\n"

    assert _check() == "6 cells, and 0 of what was sent in, all as recomputed\n"
