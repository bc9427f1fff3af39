"""What was never measured: attempts over two years, with noise, devices that differ, and releases that slow models."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from apps.results.synthetic.zoo import Zoo

DAYS = 730
MOST_COVERED = 0.5
"""Share of all pairs of a model and a column that anybody measured, at most."""
MEAN_ATTEMPTS = 3
"""Of a covered pair, at least: rather fewer pairs than none that was measured twice."""
RELEASES = 6
NOISE, DEVICE_SPREAD, RELEASE_SPREAD = 0.012, 0.02, 0.015
REGRESSED = 0.04
"""Share of (family, column, release) that made a family's models slower."""
FLAGGED, WITHDRAWN, SAMPLED = 0.04, 0.001, 0.02

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Attempts:
    """One entry per attempt, in the order of time. `turn` counts the attempts of a pair of model and column.

    Times are seconds before the end of the history; values in milliseconds, the latency's with its interval.
    """

    model: Ints
    column: Ints
    device: Ints
    turn: Ints
    release: Ints
    seconds_ago: Ints
    latency: Floats
    cpu_time: Floats
    half_width: Floats
    is_flagged: NDArray[np.bool_]
    is_withdrawn: NDArray[np.bool_]
    has_samples: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.model)

    def at(self, number: int, end: datetime) -> datetime:
        return end - timedelta(seconds=int(self.seconds_ago[number]))


def make_attempts(zoo: Zoo, *, results: int, rng: np.random.Generator) -> Attempts:
    """At least as many attempts as give this many results."""
    per_attempt = np.array([len(column.metrics) for column in zoo.columns])
    pair = _pairs(zoo, results, per_attempt, rng)
    model, column = pair // len(zoo.columns), pair % len(zoo.columns)
    seconds_ago = (rng.beta(1, 1.3, len(pair)) * DAYS * 86_400).astype(np.int64)
    order = np.argsort(-seconds_ago, kind="stable")
    model, column, pair, seconds_ago = model[order], column[order], pair[order], seconds_ago[order]
    device = _devices(zoo, column, rng)
    release = np.clip(RELEASES - 1 - seconds_ago * RELEASES // (DAYS * 86_400), 0, RELEASES - 1)
    is_flagged = rng.random(len(pair)) < FLAGGED
    latency = _true_ms(zoo, rng)[model, column] * _changes(zoo, rng)[_families(zoo)[model], column, release]
    latency *= rng.lognormal(0, DEVICE_SPREAD, len(zoo.device_kinds))[device]
    latency *= rng.lognormal(0, NOISE, len(pair)) * np.where(is_flagged, rng.uniform(1, 1.25, len(pair)), 1)
    return Attempts(
        model=model,
        column=column,
        device=device,
        turn=_turns(pair),
        release=release,
        seconds_ago=seconds_ago,
        latency=latency,
        cpu_time=latency * rng.uniform(0.95, 0.995, len(pair)),
        half_width=latency * rng.uniform(0.003, 0.02, len(pair)),
        is_flagged=is_flagged,
        is_withdrawn=rng.random(len(pair)) < WITHDRAWN,
        has_samples=rng.random(len(pair)) < SAMPLED,
    )


def make_samples(median_ms: float, *, processes: int, samples: int, rng: np.random.Generator) -> list[Ints]:
    """Nanoseconds of each process whose median of all is the value, up to rounding."""
    drawn = rng.lognormal(0, 0.01, (processes, 1)) * (1 + rng.exponential(0.02, (processes, samples)))
    return list((drawn * (median_ms * 1e6 / np.median(drawn))).astype(np.int64))


def _pairs(zoo: Zoo, results: int, per_attempt: Ints, rng: np.random.Generator) -> Ints:
    """The pair of each attempt, as model x columns + column. Some models are measured far more often than others."""
    possible = len(zoo.models) * len(zoo.columns)
    attempts = int(np.ceil(results / per_attempt.mean()))
    covered = max(1, min(int(possible * MOST_COVERED), attempts // MEAN_ATTEMPTS))
    pairs = rng.choice(possible, covered, replace=False)
    weights = rng.lognormal(0, 0.7, covered)
    counts = 1 + rng.multinomial(max(0, attempts - covered), weights / weights.sum())
    drawn = np.repeat(pairs, counts)
    # The columns that were drawn may give fewer results than columns do on average.
    missing = results - int(per_attempt[drawn % len(zoo.columns)].sum())
    return np.concatenate([drawn, rng.choice(pairs, max(0, missing))])


def _turns(pair: Ints) -> Ints:
    """How many attempts of the same pair came before each."""
    order = np.argsort(pair, kind="stable")
    ordered = pair[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    within = np.arange(len(pair)) - np.repeat(starts, np.diff(np.r_[starts, len(pair)]))
    turns = np.empty(len(pair), dtype=np.int64)
    turns[order] = within
    return turns


def _devices(zoo: Zoo, column: Ints, rng: np.random.Generator) -> Ints:
    kinds, devices = np.array([each.kind for each in zoo.columns]), np.array(zoo.device_kinds)
    chosen = np.empty(len(column), dtype=np.int64)
    for kind in range(len(zoo.kinds)):
        on_kind = np.flatnonzero(kinds[column] == kind)
        chosen[on_kind] = rng.choice(np.flatnonzero(devices == kind), len(on_kind))
    return chosen


def _families(zoo: Zoo) -> Ints:
    return np.array([model.family for model in zoo.models])


def _true_ms(zoo: Zoo, rng: np.random.Generator) -> Floats:
    """By model and column: overhead, and arithmetic at the speed of the kind and of the engine with this family."""
    macs_m = np.array([model.macs_m for model in zoo.models])
    kinds = [zoo.kinds[column.kind] for column in zoo.columns]
    speed = np.array([k.macs_per_ms_m * c.efficiency for k, c in zip(kinds, zoo.columns, strict=True)])
    suits = rng.lognormal(0, 0.25, (len(zoo.families), len(zoo.columns)))[_families(zoo)]
    return np.array([kind.overhead_ms for kind in kinds]) + macs_m[:, None] / (speed * suits)


def _changes(zoo: Zoo, rng: np.random.Generator) -> Floats:
    """By family, column and release of the engine: most change little, a few made a family slower until the next."""
    shape = (len(zoo.families), len(zoo.columns), RELEASES)
    common = rng.lognormal(-0.005, RELEASE_SPREAD, shape[1:]).cumprod(axis=1)
    regressed = np.where(rng.random(shape) < REGRESSED, rng.uniform(1.05, 1.35, shape), 1)
    changes: Floats = common * regressed
    return changes
