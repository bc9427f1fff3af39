from __future__ import annotations

import json
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runners.tools import find
from runners.tools.base import Samples
from runners.tools.reading import ToolOutputError
from tests.runners.tools.printed import printed

TRTEXEC = find("trtexec")
LOG, TIMES = printed("trtexec"), printed("trtexec_times.json")
OLD_LOG, OLD_TIMES = printed("trtexec_old"), printed("trtexec_old_times.json")


def samples(output: str, times: str | None = None) -> Samples:
    found = TRTEXEC.parse(output, times=times)
    assert isinstance(found, Samples)
    return found


def outcome(times: str) -> Samples | str:
    try:
        return samples(LOG, times)
    except ToolOutputError as error:
        return str(error)


def test_times_are_samples_from_host_to_host_and_of_the_gpu_alone() -> None:
    found = samples(TIMES)

    assert (len(found.wall_ns), found.wall_ns[:2]) == (20, (1_105_800, 1_094_490))
    assert found.device_ns[:2] == (1_075_420, 1_063_480)
    assert (found.warmup, found.init) == (None, None)


def test_times_beside_the_printed_output_have_its_facts_too() -> None:
    found = samples(LOG, TIMES)

    assert found.wall_ns == samples(TIMES).wall_ns
    assert found.warmup == 187
    assert found.init is not None
    assert found.init.ns == 21_000_000
    assert found.facts["gpu_compute_ns"]["mean"] == pytest.approx(mean(found.device_ns), rel=1e-4)


def test_warm_ups_that_an_old_release_wrote_into_the_file_are_left_out() -> None:
    found = samples(OLD_LOG, OLD_TIMES)

    assert len(json.loads(OLD_TIMES)) == 25
    assert len(found.wall_ns) == 20


def test_times_of_an_old_release_alone_cannot_be_told_from_warm_ups() -> None:
    with pytest.raises(ToolOutputError, match=r'"endToEndMs".*give the printed output'):
        samples(OLD_TIMES)


def test_times_of_another_invocation_are_noticed_by_their_number() -> None:
    with pytest.raises(ToolOutputError, match="not of one invocation"):
        samples(LOG, json.dumps(json.loads(TIMES)[:-1]))


def test_times_of_another_invocation_are_noticed_by_their_mean() -> None:
    slower = [
        {**query, "latencyMs": query["latencyMs"] + 0.1, "computeMs": query["computeMs"] + 0.1}
        for query in json.loads(TIMES)
    ]

    with pytest.raises(ToolOutputError, match=r"not of one invocation, the times have a mean of 1\.196"):
        samples(LOG, json.dumps(slower))


def test_latency_without_copies_is_no_latency() -> None:
    without = [{**query, "h2dMs": 0.0, "d2hMs": 0.0, "latencyMs": query["computeMs"]} for query in json.loads(TIMES)]

    with pytest.raises(ToolOutputError, match="leave out --noDataTransfers"):
        samples(json.dumps(without))


def test_printed_latency_without_copies_is_none_either() -> None:
    line = next(line for line in LOG.splitlines() if "H2D Latency" in line)
    without = "[I] H2D Latency: min = 0 ms, max = 0 ms, mean = 0 ms, median = 0 ms, percentile(99%) = 0 ms"

    with pytest.raises(ToolOutputError, match=r'leave out --noDataTransfers: ".*H2D Latency'):
        TRTEXEC.parse(LOG.replace(line, without))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"latencyMs": 9.0}, "parts of a query do not give its latencyMs"),
        ({"computeMs": -1.0}, r"at 0\.computeMs"),
        ({"latencyMs": "1.1"}, "valid number"),
        ({"h2dMs": None}, "valid number"),
        ({"latencyMs": 1e12}, "less than or equal"),
    ],
)
def test_query_that_cannot_be_is_refused(change: dict[str, object], says: str) -> None:
    first, *others = json.loads(TIMES)

    with pytest.raises(ToolOutputError, match=says):
        samples(json.dumps([{**first, **change}, *others]))


def test_times_that_are_cut_off_are_refused_with_their_end() -> None:
    with pytest.raises(ToolOutputError, match=r'no JSON or cut off, they end with ".*computeMs'):
        samples(TIMES[: TIMES.rindex("computeMs") + 12])


def test_program_that_writes_no_samples_is_given_none() -> None:
    with pytest.raises(ToolOutputError, match="mnn writes no file of samples"):
        find("mnn").parse(printed("mnn"), times=TIMES)


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=10),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["latencyMs", "computeMs", "h2dMs", "d2hMs"]), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_any_json_gives_samples_or_a_sentence(content: object) -> None:
    found = outcome(json.dumps(content))

    assert not isinstance(found, str) or len(found.splitlines()) == 1
