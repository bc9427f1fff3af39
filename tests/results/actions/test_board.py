from dataclasses import asdict
from datetime import timedelta
from random import Random

import pytest
from django.db import IntegrityError, connection

from apps.fleet.models import TrustTier
from apps.results.actions.board import current_board, rebuild_board, recompute_board, refresh_cells
from apps.results.counting import site_counts
from apps.results.models import BoardCell, Result
from apps.runs.models import Attempt
from runners import wire
from tests.factories import (
    COMPLEXITY,
    LATENCY,
    MODEL,
    NOW,
    OTHER_MODEL,
    complexity_record,
    latency_record,
    make_leased,
    measure,
    measure_latency,
    result_message,
)

pytestmark = pytest.mark.usefixtures("catalogue")

STEPS = 12


def _withdraw(result: Result) -> None:
    Result.objects.filter(pk=result.pk).update(withdrawn_at=NOW, withdrawn_because="wrong clock")
    refresh_cells([(result.network_id, result.metric, result.configuration_id)])


def _measure_something(random: Random) -> None:
    at = NOW + timedelta(minutes=random.randrange(100))
    is_simulated = random.random() < 0.3
    attempt = make_leased(
        protocol=random.choice([COMPLEXITY, LATENCY]) if not is_simulated else LATENCY,
        model=random.choice([MODEL, OTHER_MODEL]),
        trust_tier=random.choice(list(TrustTier)),
        is_simulated=is_simulated,
        at=at,
    )
    assert measure(attempt, result_message(attempt, _record(attempt, random), at=at), at=at)


def _record(attempt: Attempt, random: Random) -> wire.Record:
    size = random.randrange(1, 10)
    if attempt.run.protocol.slug == COMPLEXITY:
        counts = site_counts(attempt.run.network.architecture)
        assert counts is not None
        assert attempt.run.artifact is not None
        # A count may differ a little from one attempt to the next.
        counted = asdict(counts) | {"macs": counts.macs + size}
        return complexity_record(**counted, storage_bytes=attempt.run.artifact.size_bytes)
    return latency_record(median_ms=size + 1, seed=size)


@pytest.mark.parametrize("seed", range(3))
def test_board_kept_cell_by_cell_is_the_recomputed_one(seed: int) -> None:
    random = Random(seed)
    for _ in range(STEPS):
        standing = list(Result.objects.standing())
        if standing and random.random() < 0.4:
            _withdraw(random.choice(standing))
        else:
            _measure_something(random)

        assert current_board() == recompute_board()

    before = current_board()
    assert rebuild_board() == len(before)
    assert current_board() == before


def test_cell_falls_back_to_the_result_before_when_its_own_is_withdrawn() -> None:
    first = measure_latency(make_leased())
    later = NOW + timedelta(hours=1)
    second = measure_latency(make_leased(at=later), at=later)

    _withdraw(second)

    cell = BoardCell.objects.get(metric="latency")
    assert (cell.result, cell.device_count) == (first, 1)


def test_cell_goes_when_its_last_result_is_withdrawn() -> None:
    result = measure_latency(make_leased())

    _withdraw(result)

    assert not BoardCell.objects.filter(metric="latency").exists()
    assert Result.objects.filter(pk=result.pk).exists()


def test_refreshing_nothing_asks_nothing(django_assert_num_queries: pytest.FixtureRequest) -> None:
    with django_assert_num_queries(2):  # type: ignore[operator] # the savepoint around it
        refresh_cells([])


def _forge_cell(result: Result, *, is_simulated: bool) -> None:
    BoardCell.objects.create(
        network=result.network,
        metric=result.metric,
        configuration=result.configuration,
        result=result,
        is_simulated=is_simulated,
        value_min=result.value,
        value_max=result.value,
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    ("is_simulated", "constraint"),
    [(False, "results_boardcell_result_is_real"), (True, "results_boardcell_never_simulated")],
)
def test_database_refuses_a_simulated_result_on_the_board(is_simulated: bool, constraint: str) -> None:
    result = measure_latency(make_leased(is_simulated=True))

    with pytest.raises(IntegrityError, match=constraint):
        _forge_cell(result, is_simulated=is_simulated)


def test_database_refuses_to_make_a_result_on_the_board_simulated() -> None:
    # A count: a latency cannot even become simulated under its configuration.
    result = next(result for result in measure(make_leased(protocol=COMPLEXITY)) if result.metric == "macs")

    Result.objects.filter(pk=result.pk).update(is_simulated=True)

    with pytest.raises(IntegrityError, match="results_boardcell_result_is_real"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
