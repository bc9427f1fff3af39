"""How far physical devices of one kind lie apart, on models that several of them measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Values = Mapping[str, Mapping[int, float]]
"""By model and device."""


@dataclass(frozen=True)
class Spread:
    """`largest` is of the model `widest`; both are highest over lowest value of a model, less one.

    `device_ratios` is each device's median ratio to the geometric mean of all devices, over the `models`.
    """

    models: int
    median: float
    largest: float
    widest: str
    device_ratios: dict[int, float]


def device_spread(values: Values) -> Spread | None:
    """Of the models with positive values of at least two devices; None where there is none."""
    shared = {model: of for model, of in values.items() if len(of) > 1 and min(of.values()) > 0}
    if not shared:
        return None
    spans = {model: max(of.values()) / min(of.values()) - 1 for model, of in shared.items()}
    widest = max(spans, key=spans.__getitem__)
    return Spread(len(shared), median(spans.values()), spans[widest], widest, _device_ratios(list(shared.values())))


def _device_ratios(values: Sequence[Mapping[int, float]]) -> dict[int, float]:
    ratios: dict[int, list[float]] = {}
    for of in values:
        middle = math.exp(sum(map(math.log, of.values())) / len(of))
        for device, value in of.items():
            ratios.setdefault(device, []).append(value / middle)
    return {device: median(found) for device, found in sorted(ratios.items())}
