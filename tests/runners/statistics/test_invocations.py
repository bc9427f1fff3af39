import json
from datetime import UTC, datetime
from typing import Any

import pytest

from runners.statistics.invocations import invocation_problems, summarise_invocations
from runners.wire import SummaryRecord, ToolSummary

MEANS_MS = (20.0, 20.2, 20.1, 20.4, 20.3)
MOBILENET_V1_MACS = 568_740_000
PHONE_FLOPS = 218.7264e9


def record(*, means_ms: tuple[float, ...] = MEANS_MS, stated_mean_ns: float = 20.2e6, **changes: Any) -> SummaryRecord:
    said = [
        ToolSummary.model_validate(
            {
                "runs": 100,
                "warmup": 10,
                "mean_ns": mean_ms * 1e6,
                "started_at": datetime(2026, 1, 1, tzinfo=UTC),
                "output": f"avg = {mean_ms}",
                **changes,
            }
        )
        for mean_ms in means_ms
    ]
    return SummaryRecord(tool="benchncnn", tool_release="1", invocations=said, stated_mean_ns=stated_mean_ns)


def problems(said: SummaryRecord, **changes: Any) -> list[str]:
    terms: dict[str, Any] = {"macs": None, "batch_size": 1, "peak_flops": PHONE_FLOPS, "elapsed_s": 60.0}
    return invocation_problems(said, **terms | changes)


def test_value_is_the_median_of_the_means_and_says_so() -> None:
    summary = summarise_invocations(record(min_ns=19e6, max_ns=25e6, first_ns=40e6))

    assert summary.value_ms == pytest.approx(20.2)
    assert summary.statistic == "mean of 100 after 10, median of 5 invocations"
    assert (summary.runs, summary.invocations) == (500, 5)
    assert summary.invocation_means_ms == pytest.approx(list(MEANS_MS))
    assert (summary.min_ms, summary.max_ms, summary.first_ms) == (19.0, 25.0, 40.0)
    assert summary.flags == []


def test_what_the_program_does_not_say_stays_missing() -> None:
    summary = summarise_invocations(record())

    assert (summary.min_ms, summary.max_ms, summary.load_ms, summary.first_ms) == (None, None, None, None)


def test_statistic_of_unequal_invocations_gives_the_fewest() -> None:
    said = record()
    longer = said.invocations[0].model_copy(update={"runs": 120})

    summary = summarise_invocations(said.model_copy(update={"invocations": [longer, *said.invocations[1:]]}))

    assert summary.statistic == "mean of at least 100 after 10, median of 5 invocations"


def test_statistic_of_one_invocation_is_its_mean() -> None:
    assert summarise_invocations(record(means_ms=(20.0,))).statistic == "mean of 100 after 10"


def test_longest_statistic_fits_its_column() -> None:
    longest = record(means_ms=MEANS_MS * 10, runs=100_000, warmup=10_000)

    assert len(summarise_invocations(longest).statistic) <= 60


def test_rising_and_differing_invocations_are_flagged() -> None:
    summary = summarise_invocations(record(means_ms=(20.0, 20.5, 21.0, 22.0, 23.0)))

    assert [flag.key for flag in summary.flags] == ["throttling", "process-spread"]


def test_state_of_the_phone_is_flagged() -> None:
    facts = {"is_throttled": True, "temperature_before_c": 45.0, "baseline_c": 28.0, "battery_percent": 12}

    summary = summarise_invocations(record(facts=facts))

    assert [flag.key for flag in summary.flags] == ["throttled", "hot-start", "low-battery"]


def test_summary_as_json_survives_json() -> None:
    stored = summarise_invocations(record(facts={"battery_percent": 12})).as_json()

    assert json.loads(json.dumps(stored)) == stored


def test_honest_record_has_no_problem() -> None:
    said = record(min_ns=20e6, max_ns=20.4e6, median_ns=20.2e6)

    assert problems(said, macs=MOBILENET_V1_MACS) == []


@pytest.mark.parametrize(
    ("said", "terms", "says"),
    [
        (
            record(stated_mean_ns=20.0e6),
            {},
            "The stated mean is 20000000 ns, the median of the invocations' means 20200000",
        ),
        (record(min_ns=20.35e6), {}, "Invocation 1 says minimum 20350000 ns, mean 20000000 ns"),
        (record(max_ns=20.0e6), {}, "Invocation 2 says minimum 20200000 ns, mean 20200000 ns, maximum 20000000 ns"),
        (record(max_ns=21e6, median_ns=22e6), {}, "median 22000000 ns, maximum 21000000 ns"),
        (record(), {"elapsed_s": 10.0}, "add up to 10.100 s"),
        (record(), {"macs": MOBILENET_V1_MACS, "batch_size": 8}, "below 41.6 ms"),
        (record(facts={"is_throttled": True}), {}, "The phone ran below its clock all the time"),
    ],
)
def test_record_that_cannot_be_true_has_a_problem(said: SummaryRecord, terms: dict[str, Any], says: str) -> None:
    found = problems(said, **terms)

    assert says in found[0]
