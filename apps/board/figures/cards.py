"""Every figure in a line: what it is called, where it is, what to see in it."""

from django.urls import reverse

from apps.board.figures.drawing import Shown
from apps.board.figures.table import FIGURES
from apps.results.leaderboard import Board


def shown_figures(board: Board) -> list[Shown]:
    return [Shown(figure, board, ()) for figure in FIGURES.values()]


def figure_card(shown: Shown) -> dict[str, str]:
    figure = shown.figure
    return {
        "slug": figure.slug,
        "title": figure.title,
        "url": reverse("chart", args=[figure.slug]),
        "sentence": shown.sentence,
    }


def figure_cards(board: Board) -> list[dict[str, str]]:
    return [figure_card(shown) for shown in shown_figures(board)]
