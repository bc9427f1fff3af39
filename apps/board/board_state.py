"""Everything the board shows for an address, before it becomes a page, a file or a picture."""

from dataclasses import dataclass

from django.http import QueryDict

from apps.board.board_picture import PARAMETERS as PICTURE_PARAMETERS
from apps.board.board_picture import Picture, read_picture
from apps.board.columns import default_columns
from apps.results.facets import FACET_KEYS
from apps.results.leaderboard import Board, Row
from apps.results.query import Query, read_query

FORMATS = ("html", "json", "csv", "svg", "png", "vega")
PAGE_PARAMETERS = (*PICTURE_PARAMETERS, "page", "format")
LISTS = ("columns", "pareto", "select", *FACET_KEYS)
"""Parameters that hold several values, with commas between."""


@dataclass(frozen=True)
class Seen:
    """`query` has the objectives of the front: those of the address, else the axes of the chart."""

    board: Board
    query: Query
    picture: Picture | None
    rows: list[Row]
    front: set[str]


def see_board(parameters: QueryDict, board: Board) -> Seen:
    """Raises UserError that names what is valid."""
    query = read_query(parameters, board, also=PAGE_PARAMETERS)
    picture = read_picture(parameters, board)
    query = query.with_columns(query.columns if parameters.get("columns") else default_columns(board))
    if picture and not query.pareto:
        query = query.with_front(board, (picture.y.key, picture.x.key))
    rows = query.rows(board)
    return Seen(board, query, picture, rows, query.front(rows))


def tidied(parameters: QueryDict) -> QueryDict | None:
    """The address without empty parameters, ticked boxes as one list; None where it is so already.

    A form repeats the name of every ticked box and sends fields that nobody filled in; the address that people share
    does neither.
    """
    tidy = QueryDict(mutable=True)
    for name, values in parameters.lists():
        filled = [value for value in values if value]
        if name in LISTS and filled:
            tidy[name] = ",".join(filled)
        elif filled:
            tidy.setlist(name, filled)
    return None if dict(tidy.lists()) == dict(parameters.lists()) else tidy
