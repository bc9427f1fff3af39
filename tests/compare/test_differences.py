"""How far two values lie apart, and when that is more than noise."""

import math

import pytest

from apps.compare.differences import difference, excludes_nought, share_difference_interval
from runners.statistics.wilson import wilson_interval


def test_lower_latency_is_better_and_lower_accuracy_is_worse() -> None:
    latency, top1 = difference(5.0, 10.0, "min"), difference(0.6, 0.7, "max")

    assert (latency.absolute, latency.relative, latency.ratio, latency.is_better) == (-5.0, -0.5, 0.5, True)
    assert top1.is_better is False


def test_equal_values_are_neither_better_nor_worse() -> None:
    assert difference(3.0, 3.0, "min").is_better is None


def test_nought_has_no_ratio() -> None:
    found = difference(3.0, 0.0, "min")

    assert (found.absolute, found.relative, found.ratio) == (3.0, None, None)


def test_difference_of_shares_agrees_with_the_worked_example_of_its_source() -> None:
    # Newcombe 1998, table II, column (a): 56/70 against 48/80, method 10.
    first, second = wilson_interval(56, 70), wilson_interval(48, 80)

    low, high = share_difference_interval(56 / 70, first, 48 / 80, second)

    assert [low, high] == pytest.approx([0.0524, 0.3339], abs=1e-4)
    assert excludes_nought((low, high))


def test_shares_of_few_images_are_not_told_apart() -> None:
    few, more = wilson_interval(18, 25), wilson_interval(20, 25)

    assert not excludes_nought(share_difference_interval(20 / 25, more, 18 / 25, few))


def test_interval_of_equal_shares_holds_nought_in_its_middle() -> None:
    interval = wilson_interval(30, 60)

    low, high = share_difference_interval(0.5, interval, 0.5, interval)

    assert math.isclose(low, -high)
