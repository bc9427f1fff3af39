"""A change of a history in words."""

from __future__ import annotations

from collections.abc import Iterable

from apps.compare.facts import FactDifference, fact_name

TELLING_FACTOR = 2
"""From here on a factor says more than a percentage."""

MOST_LETTERS, SHORT_LETTERS = 48, 12

_WORDS = {
    "latency": ("slower", "faster"),
    "device_time": ("slower", "faster"),
    "cpu_time": ("more CPU time", "less CPU time"),
    "storage": ("larger", "smaller"),
}
"""For more and for less of a metric."""

_SHARES = ("top1", "top5", "reference_top1", "reference_top5")


def effect_text(metric: str, before: float, after: float) -> str:
    """ "12.0 % slower": how a level stands to the one before. Accuracies differ in points."""
    if after == before:
        return "spread otherwise around the same level"
    if metric in _SHARES:
        points = (after - before) * 100
        return f"{abs(points):.1f} points {'more' if points > 0 else 'less'} accurate"
    word = _WORDS.get(metric, ("more", "less"))[0 if after > before else 1]
    if min(before, after) <= 0:
        return word
    factor = max(before, after) / min(before, after)
    return f"{factor:.1f} times {word}" if factor >= TELLING_FACTOR else f"{(factor - 1) * 100:.1f} % {word}"


def differences_text(differences: Iterable[FactDifference]) -> str:
    """A sentence about what is different around a change; also where nothing is."""
    texts = [_difference_text(each) for each in differences]
    return f"What differs: {'; '.join(texts)}." if texts else "Nothing that is known of the runs around it differs."


def _difference_text(difference: FactDifference) -> str:
    name = fact_name(difference.path)
    if difference.after is None:
        return f"{name} not stated any more, {_short(difference.before or '')} before"
    if difference.before is None:
        return f"{name} {_short(difference.after)}, not stated before"
    return f"{name} {_short(difference.after)} instead of {_short(difference.before)}"


def _short(text: str) -> str:
    """A hash or a list of flags is on the run's page, whole."""
    return text if len(text) <= MOST_LETTERS else f"{text[:SHORT_LETTERS]}…"
