"""Compare the tables of cells with a recomputation from all results; `--rebuild` makes them anew."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.results.actions.board import CellKey, current_board, rebuild_board, recompute_board
from apps.results.actions.submitted_cells import current_submitted, rebuild_submitted, recompute_submitted


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rebuild", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rebuild"]:
            self.stdout.write(f"rebuilt {rebuild_board()} cells, and {rebuild_submitted()} of what was sent in")
            return
        board = _compared("cells", current_board(), recompute_board())
        submitted = _compared("cells of what was sent in", current_submitted(), recompute_submitted())
        self.stdout.write(f"{board} cells, and {submitted} of what was sent in, all as recomputed")


def _compared(noun: str, current: Mapping[CellKey, object], expected: Mapping[CellKey, object]) -> int:
    wrong = [key for key in current.keys() | expected.keys() if current.get(key) != expected.get(key)]
    if wrong:
        raise CommandError(f"{len(wrong)} of {len(expected)} {noun} differ from a recomputation: run with --rebuild.")
    return len(expected)
