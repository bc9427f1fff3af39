"""Draw charts into the cache, as their first visitors would: that of the board, or the figures of `/charts`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.board.charts import FRONT_COLUMNS, scatter_chart
from apps.board.figures.drawing import Shown
from apps.board.figures.table import FIGURES
from apps.results.leaderboard import load_board


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--figures", action="store_true", help="the figures, and not the board's chart")

    def handle(self, *args: Any, figures: bool, **options: Any) -> None:
        board = load_board()
        if not figures:
            y_key, x_key = FRONT_COLUMNS
            scatter_chart(board, board.rows, y_key=y_key, x_key=x_key)
            return
        for figure in FIGURES.values():
            shown = Shown(figure, board, ())
            # What `/charts` shows of it.
            _ = shown.sentence, shown.thumbnail
