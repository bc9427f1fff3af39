"""One sentence about two models: how much faster, more accurate and smaller the one is than the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from apps.compare.differences import Noise

Kind = Literal["speed", "accuracy", "size"]

TELLING_RATIO = 1.1
"""From here on a ratio says more than a percentage."""

_WORDS = {"speed": ("fast", "faster", "slower"), "size": ("small", "smaller", "larger")}


@dataclass(frozen=True)
class Clause:
    """Two values of one metric. `place` says where, such as "on Tesla T4"; empty where that does not matter.

    Units: those of the metric; a speed is stated by its latencies, an accuracy by shares of 1.
    """

    kind: Kind
    place: str
    value: float
    first: float
    noise: Noise


def predicate(clauses: Iterable[Clause]) -> str:
    """ "1.9 times faster on Tesla T4 and 3.1 points less accurate"; empty without clauses."""
    return _listed([text for clause in clauses if (text := clause_text(clause))])


def verdict_sentence(name: str, first_name: str, said: str) -> str:
    """The predicate with its subject; without one it says that nothing compares the two."""
    if not said:
        return f"{name} and {first_name} have no value in common that would compare them."
    return f"Against {first_name}, {name} is {said}."


def clause_text(clause: Clause) -> str:
    """The predicate alone; empty for a ratio that does not exist."""
    if clause.noise == "within":
        return f"not measurably {_comparative(clause)}{_at(clause)}"
    if clause.kind == "accuracy":
        return _accuracy_text(clause)
    if clause.value <= 0 or clause.first <= 0:
        return ""
    return f"{_factor_text(clause)}{_at(clause)}"


def _accuracy_text(clause: Clause) -> str:
    points = (clause.value - clause.first) * 100
    if f"{abs(points):.1f}" == "0.0":
        return (
            f"equally accurate{_at(clause)}" if points == 0 else f"less than 0.1 points apart in accuracy{_at(clause)}"
        )
    return f"{abs(points):.1f} points {'more' if points > 0 else 'less'} accurate{_at(clause)}"


def _factor_text(clause: Clause) -> str:
    plain, better, worse = _WORDS[clause.kind]
    ratio = clause.first / clause.value
    if ratio == 1:
        return f"equally {plain}"
    factor, word = (ratio, better) if ratio > 1 else (1 / ratio, worse)
    if factor >= TELLING_RATIO:
        return f"{factor:.1f} times {word}"
    return f"{(factor - 1) * 100:.1f} % {word}"


def _comparative(clause: Clause) -> str:
    if clause.kind == "accuracy":
        return f"{'more' if clause.value > clause.first else 'less'} accurate"
    _, better, worse = _WORDS[clause.kind]
    return better if clause.value < clause.first else worse


def _at(clause: Clause) -> str:
    return f" {clause.place}" if clause.place else ""


def _listed(texts: Sequence[str]) -> str:
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)
