"""What claims about families are computed from: models with an accuracy and costs, and the curve of each family."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

Curve = list[tuple[float, float]]
"""(cost, top-1) of a family's plain models, cheapest first."""


@dataclass(frozen=True)
class ModelPoint:
    """A model. `costs` by the key of what is spent: latency, storage ...; a missing value has no entry.

    Units: `top1` is a share of 1, None where it is missing.
    """

    name: str
    family: str
    year: int
    width: float
    is_plain: bool
    """Trained without a teacher, in FP32."""
    is_distilled: bool
    """Trained with SSLD, in FP32."""
    base: str | None
    top1: float | None
    costs: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Gain:
    """How much more accurate a model is than another family would be at the same cost, in shares of 1."""

    model: str
    against: str
    value: float


def family_curves(models: Sequence[ModelPoint], cost: str) -> dict[str, Curve]:
    """By family, as far as it has such models; of several at the same cost the best one."""
    best: dict[str, dict[float, float]] = defaultdict(dict)
    for model in models:
        if model.is_plain and model.top1 is not None and cost in model.costs:
            spent = model.costs[cost]
            best[model.family][spent] = max(best[model.family].get(spent, 0.0), model.top1)
    return {family: sorted(curve.items()) for family, curve in best.items()}


def top1_at(curve: Curve, cost: float) -> float | None:
    """The accuracy of a family at a cost, between its two nearest models; None outside of what it covers.

    Straight over the logarithm of the cost, as the curves are nearly straight there.
    """
    above = max(1, bisect_left(curve, cost, key=itemgetter(0)))
    if above >= len(curve):
        return None
    (low, low_top1), (high, high_top1) = curve[above - 1 : above + 1]
    if not 0 < low <= cost:
        return None
    part = (math.log(cost) - math.log(low)) / (math.log(high) - math.log(low))
    return low_top1 + part * (high_top1 - low_top1)


def gains_over_older(models: Sequence[ModelPoint], cost: str, families: Sequence[str] | None = None) -> list[Gain]:
    """Of each plain model (of these families) over each family of an earlier year that covers its cost."""
    years = {model.family: model.year for model in models}
    curves = family_curves(models, cost)
    gains = []
    for model in models:
        if not model.is_plain or model.top1 is None or cost not in model.costs:
            continue
        if families is not None and model.family not in families:
            continue
        for family, curve in curves.items():
            there = top1_at(curve, model.costs[cost]) if years[family] < model.year else None
            if there is not None:
                gains.append(Gain(model.name, family, model.top1 - there))
    return gains
