"""What `benchmarks.api` accepts."""

from dataclasses import replace

import pytest

from benchmarks.api.judging import RESULTS, Figures, problems

GOOD = Figures(
    name=RESULTS,
    is_page=False,
    is_export=False,
    per_second=500,
    p50_ms=15,
    p99_ms=30,
    answer_bytes=40_000,
    anew_ms=2.0,
    kept_per_second=1_400,
    unchanged_per_second=1_500,
    minimal_per_second=520,
    pgbench_per_second=1_500,
)


def test_good_figures_are_accepted() -> None:
    assert problems({400: [GOOD], 10_000: [GOOD], 1_000_000: [GOOD]}) == []


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (replace(GOOD, minimal_per_second=600), "0.83 of the minimal view"),
        (replace(GOOD, pgbench_per_second=2_000), "0.25 of pgbench"),
        (replace(GOOD, p99_ms=51), "p99 of results, 50 rows is 51 ms"),
        (replace(GOOD, unchanged_per_second=800), "1.6 times as fast"),
    ],
)
def test_each_bad_figure_is_named(bad: Figures, said: str) -> None:
    [problem] = problems({400: [bad]})

    assert problem.startswith("at 400 results: ")
    assert said in problem


def test_page_is_not_compared_with_values_alone() -> None:
    page = replace(GOOD, name="board page", is_page=True, minimal_per_second=5_000)

    assert problems({400: [page]}) == []


def test_export_may_take_its_time() -> None:
    export = replace(GOOD, name="CSV export", is_export=True, p99_ms=60_000, unchanged_per_second=None)

    assert problems({400: [export], 10_000: [export], 1_000_000: [replace(export, per_second=490)]}) == []


def test_answer_that_grows_with_the_results_is_named() -> None:
    slower = replace(GOOD, per_second=350, minimal_per_second=360, pgbench_per_second=1_000, unchanged_per_second=900)

    [problem] = problems({400: [GOOD], 10_000: [GOOD], 1_000_000: [slower]})

    assert "1.43 times as long at 1,000,000 results" in problem
