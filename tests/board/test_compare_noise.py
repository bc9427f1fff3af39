"""What may be said of a difference, by the evidence of its two values."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from apps.board.compare_noise import NoiseFacts
from apps.core.metrics import METRICS
from apps.results.leaderboard import Cell, Column
from runners.statistics.bootstrap import estimate, interval
from runners.statistics.floor import Floor
from runners.statistics.wilson import wilson_interval

PLAIN = Cell(
    result_id=1,
    value=Decimal(10),
    printed="",
    origin="run",
    evidence="samples",
    statistic="median",
    interval=None,
    n=250,
    flags=[],
    is_vetted=True,
    copied_from=None,
    source="run 1",
    run_id=1,
    shared_from="",
    weights="random",
    engine_release="1.0",
    measured_at=None,
    device_count=1,
    value_range=(Decimal(10), Decimal(10)),
)


def column(metric: str) -> Column:
    return Column(METRICS[metric], "cpu", "cpu-fp32-bs1", "", "onnxruntime", "CPU", is_measured=True, short_key=None)


def timed(result_id: int, median: float) -> Cell:
    """As acceptance stores five processes of 50 samples each."""
    generator = np.random.default_rng(result_id)
    found = estimate([generator.normal(median, median * 0.005, size=50) for _ in range(5)])
    assert found is not None
    low, high = interval(found)
    bounds = (Decimal(repr(low)), Decimal(repr(high)))
    return replace(PLAIN, result_id=result_id, value=Decimal(repr(found.median)), interval=bounds)


def share(successes: int, trials: int) -> Cell:
    low, high = wilson_interval(successes, trials)
    return replace(PLAIN, value=Decimal(successes) / trials, interval=(Decimal(repr(low)), Decimal(repr(high))))


def facts(floor: float = 0.02) -> NoiseFacts:
    return NoiseFacts({1: 5, 2: 5}, {"cpu": Floor(floor, 20, is_assumed=False)})


@pytest.mark.parametrize(
    ("median", "floor", "said"), [(10.5, 0.02, "beyond"), (10.5, 0.06, "within"), (10.1, 0.02, "within")]
)
def test_latencies_differ_when_the_interval_of_their_ratio_is_beyond_the_floor(
    median: float, floor: float, said: str
) -> None:
    assert facts(floor).noise(column("latency"), timed(2, median), timed(1, 10.0)) == said


def test_stored_interval_gives_back_the_standard_error() -> None:
    samples = [np.random.default_rng(seed).normal(10, 0.1, size=50) for seed in range(5)]
    found = estimate(samples)
    assert found is not None
    low, high = interval(found)
    cell = replace(PLAIN, value=Decimal(repr(found.median)), interval=(Decimal(repr(low)), Decimal(repr(high))))

    again = facts()._estimate(cell)

    assert again is not None
    assert again.log_standard_error == pytest.approx(found.log_standard_error)


@pytest.mark.parametrize(("successes", "said"), [(7100, "beyond"), (6950, "within")])
def test_accuracies_differ_when_the_interval_of_their_difference_leaves_nought_out(successes: int, said: str) -> None:
    assert facts().noise(column("top1"), share(successes, 10_000), share(6900, 10_000)) == said


def test_published_value_has_no_interval_and_nothing_is_said() -> None:
    published = replace(PLAIN, origin="published", evidence="published", printed="10.0")

    assert facts().noise(column("latency"), published, timed(1, 20.0)) == "unknown"


def test_what_is_counted_is_exact() -> None:
    counted = replace(PLAIN, evidence="count")

    assert facts().noise(column("macs"), counted, replace(counted, value=Decimal(11))) == "exact"


def test_cpu_time_has_no_interval() -> None:
    assert facts().noise(column("cpu_time"), PLAIN, replace(PLAIN, value=Decimal(20))) == "unknown"


def test_too_few_processes_say_nothing() -> None:
    few = NoiseFacts({1: 2, 2: 2}, {"cpu": Floor(0.02, 20, is_assumed=False)})

    assert few.noise(column("latency"), timed(2, 20.0), timed(1, 10.0)) == "unknown"
