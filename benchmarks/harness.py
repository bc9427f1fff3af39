"""Does the agent's timed loop change what it times? `python -m benchmarks.harness` compares it with a bare loop.

Blocks of both loops alternate in one process, on one session and one input, in random order within each round. A block
gives one number, the 10th percentile of its wall times: both loops take wall times, and on a shared host a low quantile
stands still while medians and means follow whoever else uses the CPU. A round gives the ratio of its two numbers, agent
to bare, so that slow drift cancels. The figure is the median of the rounds' ratios with its distribution-free interval
(from order statistics), which a burst of other load in some rounds does not move.

Exits 1 unless, for each engine and each network, the 95 % interval holds 1.00 and lies within 0.98..1.02. An exact loop
fails this for one figure in twenty by chance; run it again before believing a narrow miss.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable
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

ROUNDS = 40
BLOCK_SIZES = {"MobileNetV3_small_x0_35": 200, "MobileNetV1": 20}
"""A network of about 1 ms and one of about 15 ms, with the inferences in a block: some 0.3 s."""
INPUT_SHAPE = (1, 3, 224, 224)
ACCEPTED = (0.98, 1.02)


def bare_ncnn(session: Any, x: FloatArray) -> object:
    extractor = session._net.create_extractor()
    extractor.input("in0", ncnn.Mat(x[0]))
    return np.array(extractor.extract("out0")[1])


def bare_onnxruntime(session: Any, x: FloatArray) -> object:
    return session._session.run(None, {"x": x})


def bare_openvino(session: Any, x: FloatArray) -> object:
    return session._request.infer({0: x})[0]


BARE = {"ncnn": bare_ncnn, "onnxruntime": bare_onnxruntime, "openvino": bare_openvino}
"""What anybody would write, on the library's own object that the agent's session holds."""


def bare_block(run: Run, count: int) -> float:
    """The least that times anything. Units: ns."""
    times_ns = []
    for _ in range(count):
        started_ns = perf_counter_ns()
        run()
        times_ns.append(perf_counter_ns() - started_ns)
    return float(np.quantile(times_ns, 0.1))


def agent_block(run: Run, count: int) -> float:
    """The agent's own loop. Units: ns."""
    samples = measure(run, warmup=0, repeats=count, min_duration_s=0)
    return float(np.quantile(samples.wall_ns, 0.1))


def loaded(engine: str, architecture: str, folder: Path) -> Session:
    folder.mkdir()
    artifact = networks.artifact(folder, catalogue.serialize(catalogue.build(architecture)))
    return load(get_engine(engine), folder, artifact, INPUT_SHAPE)


def ratios(session: Session, bare: Callable[[Any, FloatArray], object], block_size: int) -> list[float]:
    """Agent to bare, one ratio a round; a round before the first warms both up."""
    x = session.input(INPUT_SHAPE, seed=0)
    blocks = [
        ("agent", partial(agent_block, partial(session.run, x), block_size)),
        ("bare", partial(bare_block, partial(bare, session, x), block_size)),
    ]
    rounds = [{name: block() for name, block in random.sample(blocks, k=2)} for _ in range(1 + ROUNDS)]
    return [each["agent"] / each["bare"] for each in rounds[1:]]


def interval(values: list[float]) -> tuple[float, float, float]:
    """Median of the ratios and its 95 % interval, low and high."""
    within = stats.quantile_test(values, q=1, p=0.5).confidence_interval(confidence_level=0.95)
    return float(np.median(values)), float(within.low), float(within.high)


def is_accepted(engine: str, architecture: str, block_size: int, folder: Path) -> bool:
    """Measure one engine with one network and say what came out."""
    found = ratios(loaded(engine, architecture, folder), BARE[engine], block_size)
    middle, low, high = interval(found)
    is_within = ACCEPTED[0] <= low <= 1 <= high <= ACCEPTED[1]
    print(
        f"{engine}, {architecture}: agent / bare = {middle:.4f} [{low:.4f}, {high:.4f}], "
        f"{len(found)} rounds of {block_size}: {'accepted' if is_within else 'NOT accepted'}",
        flush=True,
    )
    return is_within


def main() -> int:
    """Pinned like the agent's children, so that both loops are measured where the agent measures."""
    confine.pin(pinned_cpus(1, is_simulated=False))
    with tempfile.TemporaryDirectory() as folder:
        accepted = [
            is_accepted(engine, architecture, block_size, Path(folder) / f"{engine}-{architecture}")
            for engine in BARE
            for architecture, block_size in BLOCK_SIZES.items()
        ]
    return 0 if all(accepted) else 1


if __name__ == "__main__":
    sys.exit(main())
