"""What to see in a figure: one sentence, computed from its numbers, so that it is never older than they are."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Curve = Sequence[tuple[float, float]]
"""(work, time) of a family's models, least work first."""


@dataclass(frozen=True)
class Placed:
    """A model with both values of a scatter plot, and whether no other one beats it in both."""

    model: str
    family: str
    is_on_front: bool


@dataclass(frozen=True)
class Change:
    """One model's value before and after something changed: a batch, a precision, the training."""

    model: str
    before: float
    after: float

    @property
    def ratio(self) -> float:
        return self.after / self.before

    @property
    def gain(self) -> float:
        return self.after - self.before


@dataclass(frozen=True)
class EqualWork:
    """`times` by family, all at the same `work`."""

    work: float
    times: Mapping[str, float]


def front_sentence(models: Sequence[Placed], cost: str) -> str:
    """Which families hold the front of accuracy against `cost`, and which have no model on it."""
    if not models:
        return f"No model has both a top-1 accuracy and {cost} yet."
    counts = Counter(model.family for model in models if model.is_on_front)
    holding = [f"{count} {family}" for family, count in counts.most_common()]
    without = list(dict.fromkeys(model.family for model in models if model.family not in counts))
    lead = f"{counts.total()} of {len(models)} models {_are(counts.total())} beaten by no other in accuracy and {cost}"
    rest = f"; no {listed(without, 'or')} is among them" if without else ""
    return f"{lead}: {listed(holding)}{rest}."


def growth_sentence(changes: Iterable[Change], *, first: int, last: int) -> str:
    """By what factor the latency of a batch grows from the first batch size to the last one."""
    known = _with_ratio(changes)
    if not known:
        return f"No model has a latency at both batch {first} and batch {last} yet."
    low, high = _ends(known, lambda change: change.ratio)
    return (
        f"{_fold(last / first)} the images take {_times(known)} as long in the median of {_models(known)}: from batch "
        f"{first} to batch {last} the latency grows least for {low[0]} ({low[1]:.1f} times) and most for {high[0]} "
        f"({high[1]:.1f} times)."
    )


def throughput_sentence(changes: Iterable[Change], *, first: int, last: int) -> str:
    """What a larger batch brings in images per second, and which model reaches the most."""
    known = _with_ratio(changes)
    if not known:
        return f"No model has a latency at both batch {first} and batch {last} yet."
    _, most = _ends(known, lambda change: change.after)
    low, high = _ends(known, lambda change: change.ratio)
    return (
        f"Batch {last} puts through {_times(known)} as many images per second as batch {first} in the median of "
        f"{_models(known)} ({low[1]:.1f} for {low[0]} to {high[1]:.1f} for {high[0]}); the most are {most[1]:,.0f} per "
        f"second by {most[0]}."
    )


def speedup_sentence(changes: Mapping[int, Sequence[Change]]) -> str:
    """For how many models FP16 beats FP32, by batch size. A change goes from the FP16 to the FP32 latency."""
    known = {batch: found for batch, each in sorted(changes.items()) if (found := _with_ratio(each))}
    if not known:
        return "No model has a latency in both FP16 and FP32 yet."
    parts = [
        f"{sum(change.ratio > 1 for change in found)} of {len(found)} at batch {batch} (in the median "
        f"{_times(found, 2)} as fast)"
        for batch, found in known.items()
    ]
    named = [(batch, change) for batch, found in known.items() for change in found]
    batch, best = max(named, key=lambda each: each[1].ratio)
    most = f"; most for {best.model} at batch {batch} ({best.ratio:.1f} times)" if best.ratio > 1 else ""
    return f"FP16 is faster than FP32 for {listed(parts)}{most}."


def equal_work(curves: Mapping[str, Curve]) -> EqualWork | None:
    """The families' times at the same work: at that which most families cover, in the middle of their common range.

    Between two models of a family both values are taken as straight in their logarithms. None where no work is covered
    by two families.
    """
    edges = sorted({edge for curve in curves.values() for edge in _range(curve)})
    # Between two edges the same families are covered; of equally many, the wider range says more.
    ranges = [(len(_times_at(curves, math.sqrt(low * high))), high / low, low, high) for low, high in pairwise(edges)]
    if not ranges:
        return None
    families, _, low, high = max(ranges)
    work = math.sqrt(low * high)
    return EqualWork(work, _times_at(curves, work)) if families > 1 else None


def equal_work_sentence(found: EqualWork | None, *, work: str, unit: str) -> str:
    """ "At the same 0.3 GFLOPs a MobileNetV3 takes 3.1 times as long as a MobileNetV1 ..." """
    if found is None:
        return "No two families cover the same work yet."
    ordered = sorted(found.times.items(), key=lambda each: each[1])
    (fastest, least), (slowest, most) = ordered[0], ordered[-1]
    between = [f"{family} {time:.2f}" for family, time in ordered[1:-1]]
    middle = f"; between them {listed(between)}" if between else ""
    return (
        f"At the same {found.work:.2g} {work} {slowest} takes {most / least:.1f} times as long as {fastest} "
        f"({most:.2f} against {least:.2f} {unit}){middle}: operations alone do not tell the time."
    )


def gain_sentence(changes: Sequence[Change]) -> str:
    """What distillation brings. A change goes from the plain to the distilled model's top-1, in shares of 1."""
    if not changes:
        return "No distilled model has an accuracy beside its plain one yet."
    better = sum(change.gain > 0 for change in changes)
    low, high = _ends(changes, lambda change: change.gain)
    spread = f"{low[1] * 100:+.1f}" if low[1] == high[1] else f"{low[1] * 100:+.1f} to {high[1] * 100:+.1f}"
    most = "" if low[1] == high[1] else f", most for {high[0]}"
    return (
        f"{better} of {len(changes)} distilled models {_are(better)} more accurate than the same network trained "
        f"plainly: {spread} points of top-1{most}."
    )


def listed(texts: Sequence[str], word: str = "and") -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {word} {texts[-1]}"


def _with_ratio(changes: Iterable[Change]) -> list[Change]:
    return [change for change in changes if change.before > 0 and change.after > 0]


Named = tuple[str, float]
"""Model (of ties the first, with how many others) and value."""


def _ends(changes: Sequence[Change], value: Callable[[Change], float]) -> tuple[Named, Named]:
    """Lowest and highest."""
    values = [value(change) for change in changes]
    return _named(changes, values, min(values)), _named(changes, values, max(values))


def _named(changes: Sequence[Change], values: Sequence[float], wanted: float) -> Named:
    tied = [change.model for change, value in zip(changes, values, strict=True) if value == wanted]
    others = f" and {len(tied) - 1} other{'s' if len(tied) > 2 else ''}" if len(tied) > 1 else ""
    return f"{tied[0]}{others}", wanted


def _times_at(curves: Mapping[str, Curve], work: float) -> dict[str, float]:
    return {family: time for family, curve in curves.items() if (time := _time_at(curve, work)) is not None}


def _time_at(curve: Curve, work: float) -> float | None:
    for (low, low_time), (high, high_time) in pairwise(curve):
        if low <= work <= high and low < high:
            part = math.log(work / low) / math.log(high / low)
            return float(low_time * (high_time / low_time) ** part)
    return None


def _range(curve: Curve) -> list[float]:
    return [curve[0][0], curve[-1][0]] if len(curve) > 1 else []


def _times(changes: Sequence[Change], decimals: int = 1) -> str:
    return f"{statistics.median(change.ratio for change in changes):.{decimals}f} times"


def _fold(factor: float) -> str:
    return f"{factor:g} times"


def _models(changes: Sequence[Change]) -> str:
    return f"{len(changes)} model{'' if len(changes) == 1 else 's'}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
