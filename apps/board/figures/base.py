"""What a figure is, and the parts that figures share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from apps.board.figures.content import Content
from apps.results.leaderboard import Board

WIDE_PX, NARROW_PX = 860, 300

Specs = dict[str, Any]
"""`spec` and `narrow_spec`, for a wide page and for a phone."""


@dataclass(frozen=True)
class Figure:
    """A figure. `about` says in a sentence what is drawn, and what to mind when reading it.

    `content` are its numbers; `sentence` what to see in them (also when there are none); `specs` draws what is not
    empty, given the board, the numbers of all models and those to show.
    """

    slug: str
    title: str
    about: str
    content: Callable[[Board], Content]
    sentence: Callable[[Content], str]
    specs: Callable[[Board, Content, Content], Specs]
    is_drawable: Callable[[Content], bool]


def family_titles(board: Board) -> list[str]:
    """All of the board in its order, by which each family keeps its colour."""
    return list(dict.fromkeys(row.family_title for row in board.rows))
