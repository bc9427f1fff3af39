"""An axis of a chart: what it shows, in which unit, and where its values fall on the page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from apps.compare.pareto import Direction

Domain = tuple[float, float]
Values = npt.NDArray[np.float64]

PADDING = 0.05
"""Empty part of the axis on either side of the values."""

FEWEST_TICKS = 3


@dataclass(frozen=True)
class Axis:
    """`unit` is the one of the values; `fraction` (0..1) is shown in percent, a bare count has the unit ""."""

    title: str
    unit: str
    direction: Direction
    scale: Literal["linear", "log"] = "linear"

    @property
    def label(self) -> str:
        """Title with the unit and, as an arrow would, the better direction in words."""
        unit = "%" if self.unit == "fraction" else self.unit
        better = "lower is better" if self.direction == "min" else "higher is better"
        return f"{self.title} ({unit}), {better}" if unit else f"{self.title}, {better}"

    def text(self, value: float) -> str:
        """A value for a sentence: three significant digits and the unit."""
        if self.unit == "fraction":
            return f"{value * 100:.1f} %"
        return f"{value:.3g} {self.unit}".strip()

    def is_usable(self, values: Values) -> npt.NDArray[np.bool_]:
        """Which values can be drawn: finite, and above zero on a logarithmic axis."""
        lowest = 0.0 if self.scale == "log" else -np.inf
        usable: npt.NDArray[np.bool_] = np.isfinite(values) & (values > lowest)
        return usable

    def domain(self, values: Values) -> Domain:
        """Range of the axis: all values with some space around. Without values, a range that can be drawn."""
        if not len(values):
            return (1.0, 10.0) if self.scale == "log" else (0.0, 1.0)
        stretched = self._stretch(values)
        low, high = float(stretched.min()), float(stretched.max())
        pad = (high - low) * PADDING or abs(high) * PADDING or PADDING
        return self._shrink(low - pad), self._shrink(high + pad)

    def pixels(self, values: Values, domain: Domain, length_px: float) -> Values:
        """Distance of each value from the low end of the axis."""
        low, high = self._stretch(np.asarray(domain))
        pixels: Values = (self._stretch(values) - low) / (high - low) * length_px
        return pixels

    def ticks(self, domain: Domain) -> list[float] | None:
        """On a logarithmic axis 1, 2 and 5 times the powers of ten; None leaves the choice to the drawing."""
        if self.scale == "linear":
            return None
        ticks = [tick for tick in round_numbers(domain[0], domain[1]) if domain[0] <= tick <= domain[1]]
        return ticks if len(ticks) >= FEWEST_TICKS else None

    def encoding_scale(self, domain: Domain) -> dict[str, Any]:
        scale = {"type": self.scale, "domain": list(domain), "nice": False}
        return scale if self.scale == "log" else {**scale, "zero": False}

    def _stretch(self, values: Values) -> Values:
        return np.log10(values) if self.scale == "log" else np.asarray(values, dtype=np.float64)

    def _shrink(self, value: float) -> float:
        return float(10**value) if self.scale == "log" else value


def round_numbers(low: float, high: float) -> list[float]:
    """1, 2 and 5 times the powers of ten from below `low` to above `high`, both positive."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [float(f"{factor}e{exponent}") for exponent in exponents for factor in (1, 2, 5)]
