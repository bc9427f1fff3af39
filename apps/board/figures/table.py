"""Every figure, in the order of the overview."""

from apps.board.figures.accuracy import ACCURACY_FIGURES
from apps.board.figures.base import Figure
from apps.board.figures.distilled import DISTILLED
from apps.board.figures.t4 import LATENCY, SPEEDUP, THROUGHPUT
from apps.board.figures.work import WORK
from apps.core.errors import NotFound

FIGURES: dict[str, Figure] = {
    figure.slug: figure for figure in (*ACCURACY_FIGURES, WORK, LATENCY, THROUGHPUT, SPEEDUP, DISTILLED)
}


def figure_named(slug: str) -> Figure:
    """Raises NotFound that names those that there are."""
    if slug not in FIGURES:
        raise NotFound(f"There is no chart {slug!r}. Valid: {', '.join(FIGURES)}.")
    return FIGURES[slug]
