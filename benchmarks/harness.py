"""Does the agent's timed loop change what it times? `python -m benchmarks.harness` compares it with bare loops.

Blocks of the loops alternate in one process, on one session and one input. A round is several short blocks of each in
random order, so that what the host does for a second meets all alike. A loop's number in a round is the 10th
percentile of all its wall times: on a shared host a low quantile stands still while medians and means follow whoever
else uses the CPU. A round gives the ratio of its numbers, agent to bare, so that slow drift cancels. The figure is the
median of the rounds' ratios with its distribution-free interval (from order statistics), which a burst of other load in
some rounds does not move. Rounds are added until the intervals are narrow enough to judge by, so that a busy host costs
time instead of the answer; where they lie has no part in when to stop.

The bare loop takes of each inference what the agent's loop takes: wall and CPU time. Reading the CPU clock is a system
call, after which the next inference is about 2 us slower. What that costs shows beside a third loop, which takes
nothing but wall time.

Exits 1 unless, for each engine and each network, the interval of the first ratio holds 1.00 and both intervals lie
within 0.98..1.02. The intervals are 95 % jointly: of all engines and networks together, an exact loop fails in one run
of twenty by chance.
"""

from __future__ import annotations

import gc
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter_ns, process_time_ns
from typing import Any

import ncnn
import numpy as np
from scipy import stats

from runners import confine
from runners.engines import get_engine
from runners.engines.base import FloatArray, Session
from runners.execute import pinned_cpus
from runners.measure import measure
from runners.zoo import catalogue
from tests.runners.engines import networks
from tests.runners.engines.loading import load

Run = Callable[[], object]
Block = Callable[[], Sequence[int]]

MIN_ROUNDS = 24
MAX_ROUNDS = 120
NARROW = 0.02
"""Width of an interval that is judged: an exact loop's then fits into what is accepted with room on both sides."""
ROUND_SIZES = {"MobileNetV1_x0_25": (24, 6), "MobileNetV1": (12, 2)}
"""A network of about 1.3 ms in all engines and one of about 15 ms: blocks of each loop in a round, inferences in one.

Blocks are short, as a shared host changes its speed within tens of milliseconds.
"""
WARMUP = 3
"""Untimed inferences before each block, as an attempt has them: what came before a block is in no number."""
INPUT_SHAPE = (1, 3, 224, 224)
ACCEPTED = (0.98, 1.02)


def bare_ncnn(session: Any, x: FloatArray) -> object:
    extractor = session._net.create_extractor()
    extractor.input("in0", ncnn.Mat(x[0]))
    return np.array(extractor.extract("out0")[1], ndmin=2)


def bare_onnxruntime(session: Any, x: FloatArray) -> object:
    return session._session.run(["logits"], {"x": x})[0]


def bare_openvino(session: Any, x: FloatArray) -> object:
    return session._request.infer({0: x})[0]


BARE = {"ncnn": bare_ncnn, "onnxruntime": bare_onnxruntime, "openvino": bare_openvino}
"""What anybody would write, on the library's own object that the agent's session holds."""


CONFIDENCE = 1 - 0.05 / (len(BARE) * len(ROUND_SIZES))
"""Of one figure, so that all of them hold their true ratio at 95 % (Bonferroni)."""


def bare_block(run: Run, count: int) -> Sequence[int]:
    """The least that takes wall and CPU time of each inference. Units: ns."""
    for _ in range(WARMUP):
        run()
    wall_ns, cpu_ns = [], []
    for _ in range(count):
        cpu_started_ns = process_time_ns()
        started_ns = perf_counter_ns()
        run()
        wall_ns.append(perf_counter_ns() - started_ns)
        cpu_ns.append(process_time_ns() - cpu_started_ns)
    return wall_ns


def wall_only_block(run: Run, count: int) -> Sequence[int]:
    """The least that times anything. Units: ns."""
    for _ in range(WARMUP):
        run()
    wall_ns = []
    for _ in range(count):
        started_ns = perf_counter_ns()
        run()
        wall_ns.append(perf_counter_ns() - started_ns)
    return wall_ns


def agent_block(run: Run, count: int) -> Sequence[int]:
    """The agent's own loop. Units: ns."""
    return measure(run, warmup=WARMUP, repeats=count, min_duration_s=0, max_samples=count).wall_ns


def loaded(engine: str, architecture: str, folder: Path) -> Session:
    folder.mkdir()
    artifact = networks.artifact(folder, catalogue.serialize(catalogue.build(architecture)))
    return load(get_engine(engine), folder, artifact, INPUT_SHAPE)


Interval = tuple[float, float, float]
"""Median, low, high."""


def compared(
    session: Session, bare: Callable[[Any, FloatArray], object], blocks: int, block_size: int
) -> tuple[int, list[Interval]]:
    """How many rounds it took, and agent to bare and agent to wall time only.

    A round before the first warms all up. Stopping by an interval's width alone keeps its confidence (Chow and Robbins,
    1965, Annals of Mathematical Statistics 36).
    """
    x = session.input(INPUT_SHAPE, seed=0)
    # The agent's loop collects garbage before it begins; here every block begins so. An agent's child has hardly any
    # objects, here are those of every library, and going through them takes 60 ms each time.
    gc.collect()
    gc.freeze()
    bare_run = partial(bare, session, x)
    loops = (
        partial(agent_block, partial(session.run, x), block_size),
        partial(bare_block, bare_run, block_size),
        partial(wall_only_block, bare_run, block_size),
    )
    quantiles_ns(loops, blocks)
    rounds: list[tuple[float, float]] = []
    while True:
        agent, both, wall_only = quantiles_ns(loops, blocks)
        rounds.append((agent / both, agent / wall_only))
        if len(rounds) < MIN_ROUNDS:
            continue
        intervals = [interval(ratios) for ratios in zip(*rounds, strict=True)]
        if len(rounds) == MAX_ROUNDS or all(high - low <= NARROW for _, low, high in intervals):
            return len(rounds), intervals


def quantiles_ns(loops: Sequence[Block], blocks: int) -> list[float]:
    """One round: the 10th percentile of each loop."""
    order = random.sample([*loops] * blocks, k=len(loops) * blocks)
    times_ns: dict[Block, list[int]] = {loop: [] for loop in loops}
    for block in order:
        gc.collect()
        times_ns[block].extend(block())
    return [float(np.quantile(times, 0.1)) for times in times_ns.values()]


def interval(values: Sequence[float]) -> Interval:
    """Median of the ratios and its interval, low and high."""
    within = stats.quantile_test(values, q=1, p=0.5).confidence_interval(confidence_level=CONFIDENCE)
    return float(np.median(values)), float(within.low), float(within.high)


def is_accepted(engine: str, architecture: str, folder: Path) -> bool:
    """Measure one engine with one network and say what came out."""
    blocks, block_size = ROUND_SIZES[architecture]
    rounds, (to_bare, to_wall_only) = compared(loaded(engine, architecture, folder), BARE[engine], blocks, block_size)
    is_within = to_bare[1] <= 1 <= to_bare[2] and all(
        ACCEPTED[0] <= low and high <= ACCEPTED[1] for _, low, high in (to_bare, to_wall_only)
    )
    print(
        f"{engine}, {architecture}: agent / bare = {said(to_bare)}, without the CPU clock {said(to_wall_only)}, "
        f"{rounds} rounds of {blocks} x {block_size}: {'accepted' if is_within else 'NOT accepted'}",
        flush=True,
    )
    return is_within


def said(found: Interval) -> str:
    return f"{found[0]:.4f} [{found[1]:.4f}, {found[2]:.4f}]"


def main() -> int:
    """Pinned like the agent's children, so that both loops are measured where the agent measures."""
    confine.pin(pinned_cpus(1, is_simulated=False))
    with tempfile.TemporaryDirectory() as folder:
        accepted = [
            is_accepted(engine, architecture, Path(folder) / f"{engine}-{architecture}")
            for engine in BARE
            for architecture in ROUND_SIZES
        ]
    return 0 if all(accepted) else 1


if __name__ == "__main__":
    sys.exit(main())
