"""Which models an address asks to be compared."""

from collections.abc import Sequence
from difflib import get_close_matches

from django.http import QueryDict

from apps.core.errors import UserError
from apps.results.leaderboard import Board, Row

FEWEST, MOST = 2, 8
MOST_LISTED = 60
"""So many names are read in an error; of more, the list has an address of its own."""


def asked_rows(query: QueryDict, board: Board) -> list[Row]:
    """The rows of `models=a,b`, in the order asked for. Raises UserError that says what is valid."""
    names = [name for name in query.get("models", "").split(",") if name]
    rows = {row.model: row for row in board.rows}
    for name in names:
        if name not in rows:
            raise _error(f"There is no model {name!r}.{_hint(name, list(rows))}")
        if names.count(name) > 1:
            raise _error(f"{name} is named more than once: name each model once.")
    if not FEWEST <= len(names) <= MOST:
        many = f"{len(names)} {'is' if len(names) == 1 else 'are'} named"
        raise _error(f"Name {FEWEST} to {MOST} models, as models={','.join(list(rows)[:2])}; {many}.")
    return [rows[name] for name in names]


def _hint(name: str, valid: Sequence[str]) -> str:
    close = get_close_matches(name, valid, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    if len(valid) > MOST_LISTED:
        return f"{hint} /api/v1/models/ lists them."
    return f"{hint} Valid: {', '.join(valid)}."


def _error(message: str) -> UserError:
    return UserError(message, [{"field": "models", "message": message}])
