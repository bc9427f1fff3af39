"""Measured over published: by what factor two columns differ."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratios:
    """Of the pairs' ratios: the median, the lowest and the highest."""

    median: float
    low: float
    high: float


def ratio(measured: float, published: float) -> float | None:
    """Measured over published; None where the published value is nought."""
    return measured / published if published else None


def ratios(measured: Sequence[float], published: Sequence[float]) -> Ratios | None:
    """None where no pair has a ratio. Raises: ValueError when the sides are not of the same length."""
    found = [r for pair in zip(measured, published, strict=True) if (r := ratio(*pair)) is not None]
    return Ratios(statistics.median(found), min(found), max(found)) if found else None
