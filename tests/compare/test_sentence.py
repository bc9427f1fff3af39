"""Sentences are computed: every number in them follows from the values, ties and gaps included."""

from __future__ import annotations

import math

import pytest

from apps.compare.sentence import (
    Change,
    EqualWork,
    Placed,
    equal_work,
    equal_work_sentence,
    front_sentence,
    gain_sentence,
    growth_sentence,
    speedup_sentence,
    throughput_sentence,
)


def test_front_sentence_counts_the_families_on_the_front_and_names_those_without() -> None:
    models = [Placed("a", "A", True), Placed("b", "A", True), Placed("c", "B", True), Placed("d", "C", False)]

    sentence = front_sentence(models, "storage")

    assert sentence == (
        "3 of 4 models are beaten by no other in accuracy and storage: 2 A and 1 B; no C is among them."
    )


def test_front_sentence_names_no_family_as_missing_when_all_are_there() -> None:
    assert front_sentence([Placed("a", "A", True)], "FLOPs").endswith("and FLOPs: 1 A.")


def test_growth_sentence_takes_the_median_and_names_both_ends() -> None:
    changes = [Change("a", 1.0, 2.0), Change("b", 1.0, 4.0), Change("c", 2.0, 12.0)]

    sentence = growth_sentence(changes, first=1, last=8)

    assert sentence == (
        "8 times the images take 4.0 times as long in the median of 3 models: from batch 1 to batch 8 the latency "
        "grows least for a (2.0 times) and most for c (6.0 times)."
    )


def test_ties_name_the_first_and_how_many_others() -> None:
    changes = [Change("a", 1.0, 2.0), Change("b", 2.0, 4.0), Change("c", 3.0, 6.0)]

    assert "least for a and 2 others (2.0 times)" in growth_sentence(changes, first=1, last=8)
    assert "least for a and 1 other (2.0 times)" in growth_sentence(changes[:2], first=1, last=8)


def test_throughput_sentence_names_the_most_images_per_second() -> None:
    changes = [Change("a", 1000.0, 4210.4), Change("b", 500.0, 1000.0)]

    sentence = throughput_sentence(changes, first=1, last=8)

    assert "3.1 times as many images per second" in sentence
    assert sentence.endswith("the most are 4,210 per second by a.")


def test_speedup_sentence_counts_by_batch_and_takes_equal_times_for_no_gain() -> None:
    one = [Change("a", 1.0, 1.0), Change("b", 1.0, 0.5)]
    eight = [Change("a", 1.0, 2.0), Change("b", 1.0, 1.5)]

    sentence = speedup_sentence({8: eight, 1: one})

    assert sentence == (
        "FP16 is faster than FP32 for 0 of 2 at batch 1 (in the median 0.75 times as fast) and 2 of 2 at batch 8 "
        "(in the median 1.75 times as fast); most for a at batch 8 (2.0 times)."
    )


def test_values_without_a_ratio_are_left_out() -> None:
    changes = [Change("nought", 0.0, 1.0), Change("a", 1.0, 3.0)]

    assert "of 1 model:" in growth_sentence(changes, first=1, last=4)


def test_equal_work_reads_the_times_where_most_families_meet() -> None:
    curves = {"A": [(1.0, 1.0), (100.0, 100.0)], "B": [(4.0, 3.0), (25.0, 3.0)], "C": [(50.0, 1.0), (90.0, 1.0)]}

    found = equal_work(curves)

    assert found is not None
    assert found.work == pytest.approx(10)
    assert {family: pytest.approx(time) for family, time in found.times.items()} == {"A": 10.0, "B": 3.0}


@pytest.mark.parametrize(
    "curves",
    [
        {},
        {"A": [(1.0, 1.0)]},
        {"A": [(1.0, 1.0), (2.0, 2.0)]},
        {"A": [(1.0, 1.0), (2.0, 2.0)], "B": [(3.0, 1.0), (4.0, 1.0)]},
    ],
    ids=["none", "one point", "one family", "no common work"],
)
def test_equal_work_needs_two_families_that_meet(curves: dict[str, list[tuple[float, float]]]) -> None:
    assert equal_work(curves) is None


def test_equal_work_stands_several_models_with_the_same_work() -> None:
    curves = {"A": [(1.0, 1.0), (1.0, 2.0), (4.0, 2.0)], "B": [(1.0, 4.0), (4.0, 4.0)]}

    found = equal_work(curves)

    assert found is not None
    assert all(math.isfinite(time) for time in found.times.values())


def test_equal_work_sentence_orders_the_families_by_time() -> None:
    found = EqualWork(0.12, {"slow": 3.0, "fast": 1.0, "middle": 2.0})

    assert equal_work_sentence(found, work="GFLOPs", unit="ms") == (
        "At the same 0.12 GFLOPs slow takes 3.0 times as long as fast (3.00 against 1.00 ms); between them middle "
        "2.00: operations alone do not tell the time."
    )


def test_gain_sentence_counts_those_that_gain_and_names_the_most() -> None:
    changes = [Change("a", 0.710, 0.779), Change("b", 0.70, 0.69)]

    assert gain_sentence(changes) == (
        "1 of 2 distilled models is more accurate than the same network trained plainly: -1.0 to +6.9 points of top-1, "
        "most for a."
    )


def test_sentences_say_when_there_is_nothing() -> None:
    assert front_sentence([], "storage") == "No model has both a top-1 accuracy and storage yet."
    assert growth_sentence([], first=1, last=8) == "No model has a latency at both batch 1 and batch 8 yet."
    assert throughput_sentence([], first=1, last=8) == "No model has a latency at both batch 1 and batch 8 yet."
    assert speedup_sentence({1: [], 8: []}) == "No model has a latency in both FP16 and FP32 yet."
    assert equal_work_sentence(None, work="GFLOPs", unit="ms") == "No two families cover the same work yet."
    assert gain_sentence([]) == "No distilled model has an accuracy beside its plain one yet."
