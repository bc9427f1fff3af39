from __future__ import annotations

import pytest

from apps.compare.device_spread import device_spread


def test_models_of_one_device_say_nothing_of_the_spread() -> None:
    assert device_spread({"a": {1: 2.0}, "b": {2: 3.0}}) is None


def test_spread_is_slowest_over_fastest_model_by_model() -> None:
    spread = device_spread({"a": {1: 10.0, 2: 11.0}, "b": {1: 10.0, 2: 10.5, 3: 12.0}, "alone": {1: 1.0}})

    assert spread is not None
    assert (spread.models, spread.widest) == (2, "b")
    assert spread.median == pytest.approx(0.15)
    assert spread.largest == pytest.approx(0.2)


def test_device_that_is_always_slower_has_a_ratio_above_one() -> None:
    spread = device_spread({"a": {1: 10.0, 2: 12.1}, "b": {1: 20.0, 2: 24.2}})

    assert spread is not None
    assert spread.device_ratios == {1: pytest.approx(1 / 1.1), 2: pytest.approx(1.1)}


def test_value_of_nought_is_left_out() -> None:
    assert device_spread({"a": {1: 0.0, 2: 1.0}}) is None
