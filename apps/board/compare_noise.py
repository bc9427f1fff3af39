"""What may be said of a difference: whether it lies beyond the noise of its two measurements."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.catalog.models import Configuration
from apps.compare.differences import Noise, excludes_nought, share_difference_interval
from apps.results.floors import floors_of
from apps.results.leaderboard import Cell, Column, Row
from apps.results.models import Evidence, Result
from runners.statistics.bootstrap import CONFIDENCE, MIN_PROCESSES, Estimate, is_beyond_noise, ratio_interval
from runners.statistics.floor import Floor
from runners.statistics.student import two_sided_t

TIMED = ("latency", "device_time")
SHARES = ("top1", "top5")


@dataclass(frozen=True)
class NoiseFacts:
    """`processes` by result; `floors` by slug of the configuration."""

    processes: dict[int, int]
    floors: dict[str, Floor]

    def noise(self, column: Column, cell: Cell, first: Cell) -> Noise:
        """Of the difference between two cells of a column.

        `unknown` without an interval on either side, as of a published value, and in CPU time, which never has one.
        """
        if cell.evidence == first.evidence == Evidence.COUNT:
            return "exact"
        if cell.interval is None or first.interval is None:
            return "unknown"
        if column.metric.key in SHARES:
            return _said(excludes_nought(share_difference_interval(*_share(cell), *_share(first))))
        estimates = [self._estimate(each) for each in (cell, first)]
        floor = self.floors.get(column.configuration)
        if estimates[0] is None or estimates[1] is None or floor is None:
            return "unknown"
        return _said(is_beyond_noise(ratio_interval(estimates[0], estimates[1]), floor=floor.value))

    def _estimate(self, cell: Cell) -> Estimate | None:
        """From the stored interval, which is value x exp(+-t x standard error)."""
        processes = self.processes.get(cell.result_id, 0)
        if cell.interval is None or processes < MIN_PROCESSES or not all(cell.interval):
            return None
        width = math.log(cell.interval[1] / cell.interval[0]) / 2
        return Estimate(float(cell.value), width / two_sided_t(CONFIDENCE, processes - 1), processes)


def load_noise_facts(rows: Sequence[Row], columns: Iterable[Column]) -> NoiseFacts:
    """In three queries at most, and in none where nothing was timed here."""
    timed = [column for column in columns if column.metric.key in TIMED and column.is_measured]
    cells = [cell for row in rows for column in timed if (cell := row.cells.get(column.key)) and cell.interval]
    if not cells:
        return NoiseFacts({}, {})
    processes = Result.objects.filter(pk__in=[cell.result_id for cell in cells]).values_list(
        "pk", "attempt__measurement__statistics__processes"
    )
    slugs = {column.configuration for column in timed}
    ids = dict(Configuration.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    floors = floors_of(ids.values())
    return NoiseFacts(
        {pk: count for pk, count in processes if count is not None}, {slug: floors[pk] for slug, pk in ids.items()}
    )


def _share(cell: Cell) -> tuple[float, tuple[float, float]]:
    assert cell.interval is not None
    return float(cell.value), (float(cell.interval[0]), float(cell.interval[1]))


def _said(is_beyond: bool) -> Noise:
    return "beyond" if is_beyond else "within"
