from __future__ import annotations

import pytest

from apps.compare.ratio import Ratios, ratio, ratios


def test_ratios_are_measured_over_published() -> None:
    assert ratios([1.0, 4.0, 9.0], [2.0, 4.0, 3.0]) == Ratios(median=1.0, low=0.5, high=3.0)


def test_published_nought_has_no_ratio() -> None:
    assert ratio(1.0, 0.0) is None
    assert ratios([1.0], [0.0]) is None
    assert ratios([], []) is None


def test_sides_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratios([1.0, 2.0], [1.0])
