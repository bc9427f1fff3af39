"""Every adapter on what its program prints, and on what it should not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runners.tools import TOOLS, find
from runners.tools.base import Samples, Summary
from runners.tools.reading import Reading, ToolOutputError
from tests.runners.tools.printed import EXCERPTS, WHOLE, printed

MS = 1e6
ALL = EXCERPTS | WHOLE


def parsed(name: str, *, text: str | None = None, warmup: int | None = 10, repeats: int | None = 30) -> Summary:
    found = find(ALL[name]).parse(printed(name) if text is None else text, warmup=warmup, repeats=repeats)
    assert isinstance(found, Summary)
    return found


def ms(reading: Reading | None) -> float | None:
    return None if reading is None else reading.ns / MS


def outcome(tool: str, text: str, *, asked: int | None) -> Summary | Samples | str:
    """What was read, or the sentence that says why nothing was."""
    try:
        return find(tool).parse(text, warmup=asked, repeats=asked)
    except ToolOutputError as error:
        return str(error)


@pytest.mark.parametrize(
    ("name", "mean", "low", "high"),
    [
        ("paddle_lite_new", 32.723, 32.577, 32.895),
        ("paddle_lite_old", 30.7975, 30.736, 30.891),
        ("benchncnn", 20.86, 20.77, 20.99),
        ("tflite", 266.473, 265.837, 268.116),
        ("mnn", 5.192, 4.821, 6.496),
        ("ort", 58.8, None, None),
        ("paddle_lite_new_whole", 16.723, 16.577, 16.895),
        ("paddle_lite_old_log", 30.7975, None, None),
        ("tflite_whole", 1240.27, 1238.588, 1252.566),
        ("mnn_whole", 5.192, 4.821, 6.496),
        ("ort_whole", 1.85739, 1.83404, 1.90312),
        ("trtexec", 1.0963, 1.08121, 1.10904),
    ],
)
def test_mean_and_extremes_are_read_in_their_own_units(
    name: str, mean: float, low: float | None, high: float | None
) -> None:
    found = parsed(name)

    assert (ms(found.mean), ms(found.min), ms(found.max)) == pytest.approx((mean, low, high))


@pytest.mark.parametrize(
    ("name", "init", "first", "median"),
    [
        ("paddle_lite_new", 15.305, 43.670, None),
        ("benchncnn", None, None, None),
        ("tflite", 20.283, 339.304, None),
        ("tflite_whole", 5.579, 1357.602, 1239.807),
        ("ort", None, None, 58.7108),
        ("ort_whole", 10.2016, 2.0, 1.85674),
        ("trtexec", 21.0, None, 1.09598),
        ("trtexec_old", 15.0, None, 1.09565),
    ],
)
def test_what_is_not_printed_is_missing(
    name: str, init: float | None, first: float | None, median: float | None
) -> None:
    found = parsed(name)

    assert (ms(found.init), ms(found.first), ms(found.median)) == pytest.approx((init, first, median))


@pytest.mark.parametrize(
    ("name", "runs", "warmup"),
    [
        ("paddle_lite_new_whole", 100, 10),
        ("paddle_lite_old_log", 30, 10),
        ("benchncnn_whole", 100, 8),
        ("tflite_whole", 100, 10),
        ("mnn_whole", 100, 10),
        ("ort_whole", 100, 1),
        ("trtexec", 20, 187),
        ("trtexec_old", 20, 5),
    ],
)
def test_printed_counts_go_before_those_that_were_asked_for(name: str, runs: int, warmup: int) -> None:
    found = parsed(name, warmup=77, repeats=77)

    assert (found.runs, found.warmup) == (runs, warmup)


@pytest.mark.parametrize("name", ["paddle_lite_new", "benchncnn", "mnn", "ort"])
def test_output_without_counts_needs_to_be_told_them(name: str) -> None:
    with pytest.raises(ToolOutputError, match="add --repeats NUMBER"):
        parsed(name, warmup=None, repeats=None)


def test_tflite_without_its_warm_up_line_needs_to_be_told_their_number() -> None:
    with pytest.raises(ToolOutputError, match="add --warmup NUMBER"):
        parsed("tflite", warmup=None)


def test_old_paddle_lite_that_swaps_its_extremes_is_put_right_and_says_so() -> None:
    found = parsed("paddle_lite_old")

    assert "put right" in found.facts["min_and_max"]


def test_memory_of_paddle_lite_is_not_read_as_a_time() -> None:
    found = parsed("paddle_lite_new_whole")

    assert (ms(found.init), found.facts) == (15.305, {"threads": 2})


def test_benchncnn_says_what_it_does_by_itself() -> None:
    found = parsed("benchncnn_whole")

    assert found.facts == {
        "threads": 1,
        "powersave": 2,
        "weights": "zeros, by the program",
        "arithmetic": "FP16 where the processor has it, by the program",
    }


def test_first_inference_below_a_printed_millisecond_is_missing() -> None:
    text = printed("ort_whole").replace("First inference time cost: 2 ms", "First inference time cost: 0 ms")

    assert parsed("ort_whole", text=text).first is None


def test_mean_of_six_digits_may_lie_below_a_minimum_of_seven() -> None:
    text = printed("tflite_whole")
    timed = text[text.index("min=1238588") : text.index("\n\nINFO: Inference timings")]

    found = parsed("tflite_whole", text=text.replace(timed, "min=1240274 max=1240274 avg=1.24027e+06 std=0"))

    assert (ms(found.min), ms(found.mean)) == (1240.274, 1240.27)


@pytest.mark.parametrize(
    ("name", "release"),
    [("paddle_lite_new_whole", "v2.12"), ("trtexec", "10.14.1"), ("trtexec_old", "8.4.1"), ("mnn_whole", "")],
)
def test_release_is_said_where_it_is_printed(name: str, release: str) -> None:
    assert find(ALL[name]).release(printed(name)) == release


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(
    "text", ["", " \n\t\n", "Segmentation fault\n", "\x00\x1b[31m\uffff", "[]", "[{}]", "min = max"]
)
def test_rubbish_is_refused(tool: str, text: str) -> None:
    with pytest.raises(ToolOutputError):
        find(tool).parse(text, warmup=1, repeats=1)


@pytest.mark.parametrize("name", ALL)
def test_output_that_is_cut_off_anywhere_never_gives_another_value(name: str) -> None:
    text = printed(name)
    ends = range(0, len(text), 1 + len(text) // 300)

    cut = [outcome(ALL[name], text[:end], asked=30) for end in ends]

    assert {part.mean.ns for part in cut if isinstance(part, Summary)} <= {parsed(name).mean.ns}


@pytest.mark.parametrize(
    ("name", "before", "after", "says"),
    [
        ("paddle_lite_new", "min   = 32.577", "min   = 33.577", r'contradict each other.*"avg   = 32.723"'),
        ("paddle_lite_new", "avg   = 32.723", "avg   = 42.723", "contradict each other"),
        ("paddle_lite_new", "avg   = 32.723", "avg   = nan", r"nan ms is no time.*avg   = nan"),
        ("paddle_lite_new", "avg   = 32.723", "avg   = -32.723", "-32.723 ms is no time"),
        ("paddle_lite_new", "unit: ms", "unit: fortnights", "'fortnights' is no unit of time"),
        ("paddle_lite_new", "avg   = 32.723", "avg   = 1e9", "1e9 ms is no time"),
        ("paddle_lite_old", "average = 30.79750", "average = 20.79750", "contradict each other"),
        ("benchncnn", "avg =   20.86", "avg =    0.00", "0.00 ms is no time"),
        ("benchncnn", "avg =   20.86", "avg =     inf", "inf ms is no time"),
        ("tflite", "avg=266473", "avg=366473", "contradict each other"),
        ("tflite", "count=50", "count=0", "0 is no number of timed runs"),
        ("mnn", "avg = 5.192 ms", "avg = 5.192 parsecs", "'parsecs' is no unit of time"),
        ("mnn", "max = 6.496", "max = 4.196", "contradict each other"),
        ("ort", "58.8 ms", "58.8 h", "'h' is no unit of time"),
        ("ort_whole", "P50 Latency: 0.00185674", "P50 Latency: 0.185674", "contradict each other"),
        ("trtexec", "mean = 1.0963 ms", "mean = 10.963 ms", "contradict each other"),
        ("trtexec", ", mean = 1.0963 ms", "", "no mean in it"),
        ("trtexec", "has 20 queries", "has 0 queries", "0 is no number of timed runs"),
    ],
)
def test_numbers_that_cannot_be_are_refused_with_their_line(name: str, before: str, after: str, says: str) -> None:
    text = printed(name)
    assert before in text

    with pytest.raises(ToolOutputError, match=says):
        parsed(name, text=text.replace(before, after, 1))


@pytest.mark.parametrize("name", ALL)
def test_two_models_in_one_output_are_refused(name: str) -> None:
    with pytest.raises(ToolOutputError, match=r'more than one line .* one model and one invocation: ".+"'):
        parsed(name, text=printed(name) * 2)


def test_old_and_new_paddle_lite_in_one_output_are_refused() -> None:
    with pytest.raises(ToolOutputError, match="an old and a new one"):
        parsed("paddle_lite_new", text=printed("paddle_lite_new") + printed("paddle_lite_old"))


LINES = sorted({line for name in ALL for line in printed(name).splitlines()})
MUTATED = st.lists(st.sampled_from(LINES) | st.text(max_size=30), max_size=8).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(tool=st.sampled_from(sorted(TOOLS)), text=MUTATED, is_whole=st.booleans(), asked=st.none() | st.integers(0, 100))
def test_any_text_gives_numbers_or_a_sentence(tool: str, text: str, is_whole: bool, asked: int | None) -> None:
    found = outcome(tool, text + "\n" * is_whole, asked=asked)

    assert not isinstance(found, str) or (found.endswith(".") and len(found.splitlines()) == 1)


def test_asked_for_no_runs_at_all_is_refused() -> None:
    with pytest.raises(ToolOutputError, match="add --repeats"):
        parsed("mnn", repeats=0)
