"""Does the agent's timed loop change what it times? `python -m benchmarks.harness` compares it with a bare loop.

Blocks of both loops alternate in one process, on one session and one input. A round is several short blocks of each in
random order, so that what the host does for a second meets both alike. A loop's number in a round is the 10th
percentile of all its wall times: on a shared host a low quantile stands still while medians and means follow whoever
else uses the CPU. A round gives the ratio of its two numbers, agent to bare, so that slow drift cancels. The figure is
the median of the rounds' ratios with its distribution-free interval (from order statistics), which a burst of other
load in some rounds does not move.

Exits 1 unless, for each engine and each network, the 95 % interval holds 1.00 and lies within 0.98..1.02. An exact loop
fails this for one figure in twenty by chance; run it again before believing a narrow miss.
"""

from __future__ import annotations

import gc
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter_ns
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

ROUNDS = 24
ROUND_SIZES = {"MobileNetV3_small_x0_35": (60, 2), "MobileNetV1": (12, 2)}
"""A network of about 1 ms and one of about 15 ms: blocks of each loop in a round, inferences in a block.

Short blocks, as a shared host changes its speed within tens of milliseconds. The interval is 0.2 to 1.5 % wide on
either side, by how quiet the host is.
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


def bare_block(run: Run, count: int) -> Sequence[int]:
    """The least that times anything. Units: ns."""
    for _ in range(WARMUP):
        run()
    times_ns = []
    for _ in range(count):
        started_ns = perf_counter_ns()
        run()
        times_ns.append(perf_counter_ns() - started_ns)
    return times_ns


def agent_block(run: Run, count: int) -> Sequence[int]:
    """The agent's own loop. Units: ns."""
    return measure(run, warmup=WARMUP, repeats=count, min_duration_s=0, max_samples=count).wall_ns


def loaded(engine: str, architecture: str, folder: Path) -> Session:
    folder.mkdir()
    artifact = networks.artifact(folder, catalogue.serialize(catalogue.build(architecture)))
    return load(get_engine(engine), folder, artifact, INPUT_SHAPE)


def ratios(session: Session, bare: Callable[[Any, FloatArray], object], blocks: int, block_size: int) -> list[float]:
    """Agent to bare, one ratio a round; a round before the first warms both up."""
    x = session.input(INPUT_SHAPE, seed=0)
    # The agent's loop collects garbage before it begins. An agent's child has hardly any objects; here are those of
    # every library, and going through them for 60 ms before each block would empty the caches for one loop only.
    gc.collect()
    gc.freeze()
    agent = partial(agent_block, partial(session.run, x), block_size)
    bare_loop = partial(bare_block, partial(bare, session, x), block_size)
    return [ratio(agent, bare_loop, blocks) for _ in range(1 + ROUNDS)][1:]


def ratio(agent: Block, bare: Block, blocks: int) -> float:
    """One round."""
    order = random.sample([agent, bare] * blocks, k=2 * blocks)
    times_ns: dict[Block, list[int]] = {agent: [], bare: []}
    for block in order:
        times_ns[block].extend(block())
    return float(np.quantile(times_ns[agent], 0.1) / np.quantile(times_ns[bare], 0.1))


def interval(values: list[float]) -> tuple[float, float, float]:
    """Median of the ratios and its 95 % interval, low and high."""
    within = stats.quantile_test(values, q=1, p=0.5).confidence_interval(confidence_level=0.95)
    return float(np.median(values)), float(within.low), float(within.high)


def is_accepted(engine: str, architecture: str, folder: Path) -> bool:
    """Measure one engine with one network and say what came out."""
    blocks, block_size = ROUND_SIZES[architecture]
    found = ratios(loaded(engine, architecture, folder), BARE[engine], blocks, block_size)
    middle, low, high = interval(found)
    is_within = ACCEPTED[0] <= low <= 1 <= high <= ACCEPTED[1]
    print(
        f"{engine}, {architecture}: agent / bare = {middle:.4f} [{low:.4f}, {high:.4f}], "
        f"{len(found)} rounds of {blocks} x {block_size}: {'accepted' if is_within else 'NOT accepted'}",
        flush=True,
    )
    return is_within


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
