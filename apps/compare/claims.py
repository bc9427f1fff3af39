"""Claims about families, each decided by the numbers: true, false, or undecidable where they are too few.

A finding decides a claim by one measure, such as the storage; a claim holds when it holds by every measure that
decides it. The sentences carry the numbers.
"""

from __future__ import annotations

import statistics
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from apps.compare.claim_points import Gain, ModelPoint, gains_over_older

Verdict = Literal["true", "false", "undecidable"]

FEWEST = 4
"""Comparisons below which a majority says nothing."""


@dataclass(frozen=True)
class Measure:
    """`cost` is the key in `ModelPoint.costs`; `label` its name in a sentence, such as "latency on Tesla T4"."""

    cost: str
    label: str


@dataclass(frozen=True)
class Finding:
    """`holds` of the `comparisons` speak for the claim."""

    label: str
    verdict: Verdict
    holds: int
    comparisons: int
    sentence: str


def overall(findings: Sequence[Finding]) -> Verdict:
    """False as soon as one measure contradicts; undecidable where none decides."""
    verdicts = {finding.verdict for finding in findings}
    if "false" in verdicts:
        return "false"
    return "true" if "true" in verdicts else "undecidable"


def newer_is_better(models: Sequence[ModelPoint], measure: Measure, families: Sequence[str] | None = None) -> Finding:
    """Whether models (of these families) are mostly more accurate than older families at the same cost."""
    gains = gains_over_older(models, measure.cost, families)
    holds = sum(gain.value > 0 for gain in gains)
    return Finding(
        measure.label, _majority(holds, len(gains)), holds, len(gains), _gain_sentence(gains, holds, measure)
    )


def newer_is_no_better(models: Sequence[ModelPoint], measure: Measure, families: Sequence[str]) -> Finding:
    """The opposite: at the same cost they are more accurate in half of the comparisons at most."""
    gains = gains_over_older(models, measure.cost, families)
    better = sum(gain.value > 0 for gain in gains)
    verdict: Verdict = "undecidable" if len(gains) < FEWEST else "true" if better * 2 <= len(gains) else "false"
    holds = len(gains) - better
    return Finding(measure.label, verdict, holds, len(gains), _gain_sentence(gains, better, measure))


def is_slower(models: Sequence[ModelPoint], measure: Measure, families: Sequence[str], than: str) -> Finding:
    """Whether plain models of these families mostly cost more than that family's model of the same width."""
    references = {
        m.width: m.costs[measure.cost] for m in models if m.is_plain and m.family == than and measure.cost in m.costs
    }
    ratios = [
        model.costs[measure.cost] / references[model.width]
        for model in models
        if model.is_plain and model.family in families and measure.cost in model.costs and references.get(model.width)
    ]
    holds = sum(ratio > 1 for ratio in ratios)
    return Finding(
        measure.label, _majority(holds, len(ratios)), holds, len(ratios), _ratio_sentence(ratios, holds, measure)
    )


def beats_its_base(models: Sequence[ModelPoint]) -> Finding:
    """Whether every distilled model is more accurate than the plain one with the same architecture."""
    top1 = {model.name: model.top1 for model in models}
    gains = [
        model.top1 - base
        for model in models
        if model.is_distilled and model.top1 is not None and (base := top1.get(model.base or "")) is not None
    ]
    return _all_finding("its plain base", gains, "more accurate than the same network trained plainly")


def beats_plain_at_no_more(models: Sequence[ModelPoint], measure: Measure) -> Finding:
    """Whether every distilled model is more accurate than any plain one that costs as much or less."""
    plain = sorted(
        (m.costs[measure.cost], m.top1) for m in models if m.is_plain and m.top1 is not None and measure.cost in m.costs
    )
    costs, best = [cost for cost, _ in plain], list(accumulate((top1 for _, top1 in plain), max))
    gains = []
    for model in models:
        if model.is_distilled and model.top1 is not None and measure.cost in model.costs:
            rivals = bisect_right(costs, model.costs[measure.cost])
            gains += [model.top1 - best[rivals - 1]] if rivals else []
    return _all_finding(measure.label, gains, f"more accurate than any plain model of no more {measure.label}")


def _majority(holds: int, comparisons: int) -> Verdict:
    if comparisons < FEWEST:
        return "undecidable"
    return "true" if holds * 2 > comparisons else "false"


def _all_finding(label: str, gains: Sequence[float], phrase: str) -> Finding:
    """A statement about every distilled model: one that contradicts is enough against it."""
    holds = sum(gain > 0 for gain in gains)
    if not gains:
        return Finding(label, "undecidable", 0, 0, "No distilled model has the values that this takes.")
    spread = f"{min(gains) * 100:+.1f} to {max(gains) * 100:+.1f} points"
    sentence = f"{holds} of {len(gains)} distilled models are {phrase} ({spread})."
    return Finding(label, "true" if holds == len(gains) else "false", holds, len(gains), sentence)


def _gain_sentence(gains: Sequence[Gain], better: int, measure: Measure) -> str:
    if not gains:
        return f"No model has an older family beside it that covers the same {measure.label}."
    mean = statistics.fmean(gain.value for gain in gains) * 100
    return (
        f"At the same {measure.label} the newer model is more accurate in {better} of {len(gains)} comparisons with an "
        f"older family; on average it is {abs(mean):.1f} points {'more' if mean > 0 else 'less'} accurate."
    )


def _ratio_sentence(ratios: Sequence[float], holds: int, measure: Measure) -> str:
    if not ratios:
        return f"No two models of the same width have a value of {measure.label}."
    return (
        f"Width for width, {measure.label} is higher in {holds} of {len(ratios)} comparisons, "
        f"{statistics.median(ratios):.2f} times in the median ({min(ratios):.2f} to {max(ratios):.2f})."
    )
