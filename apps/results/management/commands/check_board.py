"""Compare the board's table with a recomputation from all results; `--rebuild` makes it anew."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.results.actions.board import current_board, rebuild_board, recompute_board


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rebuild", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rebuild"]:
            self.stdout.write(f"rebuilt {rebuild_board()} cells")
            return
        current, expected = current_board(), recompute_board()
        wrong = [key for key in current.keys() | expected.keys() if current.get(key) != expected.get(key)]
        if wrong:
            raise CommandError(
                f"{len(wrong)} of {len(expected)} cells differ from a recomputation: run with --rebuild."
            )
        self.stdout.write(f"{len(expected)} cells, all as recomputed")
