"""Draw the board's chart into the cache, as the first visitor would."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.board.charts import FRONT_COLUMNS, scatter_chart
from apps.results.leaderboard import load_board


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        board = load_board()
        y_key, x_key = FRONT_COLUMNS
        scatter_chart(board, board.rows, y_key=y_key, x_key=x_key)
