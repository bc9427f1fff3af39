"""Tokens that tell one state of the board, or of all results, from another without reading them."""

from django.db import transaction
from django.db.models import TextField
from django.db.models.expressions import RawSQL

from apps.core.prepared import prepared_row
from apps.results.models import Change

MOST_CHANGES = 500
"""As many are told apart, since every request counts them; then all of them become one."""

Changes = dict[int, int | None]
"""By its number, the model whose row of the board it changed; None for a change of any row."""

_STATE = "SELECT concat_ws(',', count(*), max(id), sum(hashint8(id))) FROM results_change"
"""Not the last number alone: of two writes the one that began first may end last."""
_BOARD_STATE = f"{_STATE} WHERE is_on_board"
BOARD_TOKEN = RawSQL(f"({_BOARD_STATE})", (), output_field=TextField())  # noqa: S611 - no part of it comes from outside
"""What `board_token` would say when the row beside it is read."""


def board_token() -> str:
    """Another one after anything that the board shows was written, by whomever; the same while nothing was.

    A query over a few hundred numbers, however large the board is. Like any query it sees what was committed, and what
    its own transaction wrote.
    """
    return _state(_BOARD_STATE)


def results_token() -> str:
    """Another one also after any result was written, whether or not it fills a cell."""
    return _state(_STATE)


def both_tokens() -> tuple[str, str]:
    """The board's and that of all results, in one query."""
    board, results = prepared_row(f"SELECT ({_BOARD_STATE}), ({_STATE})")
    return board, results


def _state(query: str) -> str:
    token: str = prepared_row(query)[0]
    return token


def board_changes() -> Changes:
    return dict(Change.objects.filter(is_on_board=True).values_list("id", "network_id"))


def models_changed(before: Changes, after: Changes) -> set[int] | None:
    """The models whose rows changed between two states; None where any may have, as where a change is gone."""
    if before.keys() - after.keys():
        return None
    models = {network_id for number, network_id in after.items() if number not in before}
    if None in models:
        return None
    return {network_id for network_id in models if network_id is not None}


@transaction.atomic
def fold_changes() -> None:
    """Keep the changes few. Whoever did not see one of them yet learns that any row may have changed."""
    numbers = list(Change.objects.values_list("id", flat=True))
    if len(numbers) > MOST_CHANGES:
        Change.objects.filter(id__in=numbers).delete()
        Change.objects.create(network_id=None, is_on_board=True)
