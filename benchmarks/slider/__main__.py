"""Does the board follow a slider at once? `python -m benchmarks.slider` moves sliders in Chromium.

On a `make up` in a folder of its own: first on the published board, then with the zoo of `manage.py synth` beside it.
From the input event until the frame with the new table and the new plot has gone to the screen.

Exits 1 unless 95 of 100 moves are painted within 100 ms on the published board and within 300 ms on the large one, each
time with as many points in the plot as the table counts models, and the published board with its chart drawn loads less
than 450 KB.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.site import site
from benchmarks.slider.board_page import Paint, drawn_board, move_sliders

LIMIT_MS = 100
LARGE_MODELS, LARGE_RESULTS, LARGE_COLUMNS, LARGE_LIMIT_MS = 2_000, 100_000, 12, 300
HEAVIEST_KB = 450


def large_board(url: str) -> str:
    """The address of a board with many made-up models, in the columns that most of them have a value in."""
    from django.core.management import call_command

    from apps.results.leaderboard import load_board

    call_command("synth", results=LARGE_RESULTS, models=LARGE_MODELS)
    board = load_board()
    counts = Counter(key for row in board.rows for key in row.cells)
    fullest = {key for key, _ in counts.most_common(LARGE_COLUMNS)}
    print(
        f"{len(board.rows):,} models, {counts.total():,} cells in {len(board.columns)} columns, "
        f"of which {LARGE_COLUMNS} are shown",
        flush=True,
    )
    columns = ",".join(column.key for column in board.columns if column.key in fullest)
    return f"{url}/?{urlencode({'columns': columns}, safe=',')}"


def is_followed(name: str, paints: Sequence[Paint], limit_ms: float) -> bool:
    times = sorted(paint.ms for paint in paints)
    median, *_, p95 = statistics.quantiles(times, n=20)[9:]
    wrong = sum(paint.models != paint.points for paint in paints)
    is_good = p95 < limit_ms and not wrong
    print(
        f"{name}: {len(times)} moves, median {median:.0f} ms, 95 % within {p95:.0f} ms, slowest {times[-1]:.0f} ms, "
        f"{wrong} with another plot than table: {'accepted' if is_good else 'NOT accepted'}",
        flush=True,
    )
    return is_good


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="zooboard-slider-") as root, site(Path(root)) as (url, _):
        with drawn_board(url) as (page, loaded):
            is_light = loaded < 1000 * HEAVIEST_KB
            print(f"/ with its chart drawn: {loaded / 1000:.0f} KB: {'accepted' if is_light else 'NOT accepted'}")
            published = is_followed("published board", move_sliders(page), LIMIT_MS)
        with drawn_board(large_board(url)) as (page, loaded):
            print(f"large board with its chart drawn: {loaded / 1000:,.0f} KB")
            large = is_followed("large board", move_sliders(page), LARGE_LIMIT_MS)
    return 0 if is_light and published and large else 1


if __name__ == "__main__":
    sys.exit(main())
