"""The contradictions that refuse an accuracy record, one by one, and the values of a good one."""

from typing import Any

import pytest
from scipy.stats import binomtest

from apps.results.accuracy import record_problems, share, statistics, subset_name
from runners import wire
from tests.accuracies import SUBSET, accuracy_record

GOOD = accuracy_record()


def test_nothing_speaks_against_a_consistent_record() -> None:
    assert record_problems(GOOD) == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"ranks": GOOD.ranks[:-1]}, "9 and 10 entries"),
        ({"labels": [*GOOD.labels, 3], "ranks": [*GOOD.ranks, 5], "predicted": [*GOOD.predicted, 4]}, "11 entries"),
        ({"labels": [*GOOD.labels[:-1], 1000]}, "Class 1000 is not one of the 1,000"),
        ({"predicted": [*GOOD.predicted[:-1], 2000]}, "Class 2000 is not one of the 1,000"),
        ({"predicted": [7, *GOOD.predicted[1:]]}, "Image 0 has rank 0, but class 7 was predicted"),
        ({"predicted": [-1, *GOOD.predicted[1:]]}, "both or none of them are -1"),
        ({"ranks": [*GOOD.ranks[:-1], -1]}, "both or none of them are -1"),
        ({"stated_top1": 7}, "stated_top1 is 7, but 6 ranks say so"),
        ({"stated_top5": 9}, "stated_top5 is 9, but 8 ranks say so"),
        ({"unreadable": [{"name": "1.JPEG", "reason": "broken"}]}, "names 1 unreadable images, but 0"),
    ],
)
def test_contradiction_is_named(changes: dict[str, Any], says: str) -> None:
    record = wire.AccuracyRecord.model_validate({**GOOD.model_dump(), **changes})

    problems = record_problems(record)

    assert any(says in problem for problem in problems), problems


def test_unreadable_image_that_is_named_twice_does_not_stand_for_two() -> None:
    record = accuracy_record(ranks=[-1, -1, *[0] * 8])
    twice = record.model_copy(update={"unreadable": [record.unreadable[0]] * 2})

    assert record_problems(record) == []
    assert "names 1 unreadable images, but 2" in record_problems(twice)[0]


def test_record_without_a_readable_image_is_refused() -> None:
    assert "None of the images" in record_problems(accuracy_record(ranks=[-1] * 10))[0]


def test_true_class_may_tie_with_the_predicted_one_and_not_be_counted() -> None:
    tied = GOOD.model_copy(update={"predicted": list(GOOD.labels)})

    assert record_problems(tied) == []


@pytest.mark.parametrize(("metric", "hits"), [("top1", 6), ("top5", 8)])
def test_share_has_wilsons_interval(metric: str, hits: int) -> None:
    value, interval = share(GOOD, metric)

    reference = binomtest(hits, 10).proportion_ci(method="wilson")
    assert value == hits / 10
    assert interval == pytest.approx((reference.low, reference.high))


def test_share_is_of_the_readable_images() -> None:
    value, _ = share(accuracy_record(ranks=[-1, -1, 0, 0, 0, 0, 1, 1, 5, 5]), "top1")

    assert value == 0.5


def test_statistics_count_by_class_and_name_what_could_not_be_read() -> None:
    stated = statistics(accuracy_record(ranks=[-1, 0, 5, 0, 0, 0, 0, 0, 0, 0]))

    assert stated["classes"][:2] == [[1, 1, 1], [2, 1, 0]]
    assert (stated["readable"], stated["unreadable"]) == (9, [{"name": "0.JPEG", "reason": "broken"}])
    assert stated["flags"][0]["key"] == "unreadable-images"


def test_subset_is_named_with_the_beginning_of_its_digest() -> None:
    assert subset_name(SUBSET) == "sample10-abababab"
