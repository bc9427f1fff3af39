"""Does the agent's timed loop change what it times? `python -m benchmarks.harness` compares it with a bare loop.

Blocks of both loops alternate in one process, on one session and one input, in random order within each round. A block
gives one number, the 10th percentile of its wall times: both loops take wall times, and on a shared host a low quantile
stands still while medians and means follow whoever else uses the CPU. A round gives the ratio of its two numbers, agent
to bare, so that slow drift cancels. The figure is the median of the rounds' ratios with its distribution-free interval
(from order statistics), which a burst of other load in some rounds does not move.

Exits 1 unless, for each network, the 95 % interval holds 1.00 and lies within 0.98..1.02. An exact loop fails this
for one network in twenty by chance; run it again before believing a narrow miss.
"""

from __future__ import annotations

import random
import sys
from functools import partial
from time import perf_counter_ns

import numpy as np
import onnxruntime as ort
from scipy import stats

from runners import confine
from runners.engines.base import FloatArray
from runners.engines.onnxruntime_cpu import PROVIDER, OnnxRuntimeSession, session_options
from runners.execute import pinned_cpus
from runners.measure import measure
from runners.zoo import catalogue

ROUNDS = 60
BLOCK_SIZES = {"MobileNetV3_small_x0_35": 200, "MobileNetV1": 30}
"""A network of about 1 ms and one of about 15 ms, with the inferences in a block: some 0.3 s."""
ACCEPTED = (0.98, 1.02)


def bare_block(session: ort.InferenceSession, x: FloatArray, count: int) -> float:
    """What anybody would write. Units: ns."""
    times_ns = []
    for _ in range(count):
        started_ns = perf_counter_ns()
        session.run(None, {"x": x})
        times_ns.append(perf_counter_ns() - started_ns)
    return float(np.quantile(times_ns, 0.1))


def agent_block(run: partial[FloatArray], count: int) -> float:
    """The agent's own loop. Units: ns."""
    samples = measure(run, warmup=0, repeats=count, min_duration_s=0)
    return float(np.quantile(samples.wall_ns, 0.1))


def ratios(architecture: str, block_size: int) -> list[float]:
    """Agent to bare, one ratio a round; a round before the first warms both up."""
    model = catalogue.serialize(catalogue.build(architecture))
    bare_session = ort.InferenceSession(model, session_options(1), providers=[PROVIDER])
    session = OnnxRuntimeSession(bare_session, 1)
    x = session.input((1, 3, 224, 224), seed=0)
    blocks = [
        ("agent", partial(agent_block, partial(session.run, x), block_size)),
        ("bare", partial(bare_block, bare_session, x, block_size)),
    ]
    rounds = [{name: block() for name, block in random.sample(blocks, k=2)} for _ in range(1 + ROUNDS)]
    return [each["agent"] / each["bare"] for each in rounds[1:]]


def interval(values: list[float]) -> tuple[float, float, float]:
    """Median of the ratios and its 95 % interval, low and high."""
    within = stats.quantile_test(values, q=1, p=0.5).confidence_interval(confidence_level=0.95)
    return float(np.median(values)), float(within.low), float(within.high)


def main() -> int:
    """Pinned like the agent's children, so that both loops are measured where the agent measures."""
    confine.pin(pinned_cpus(1, is_simulated=False))
    is_accepted = True
    for architecture, block_size in BLOCK_SIZES.items():
        found = ratios(architecture, block_size)
        middle, low, high = interval(found)
        is_within = ACCEPTED[0] <= low <= 1 <= high <= ACCEPTED[1]
        is_accepted = is_accepted and is_within
        print(
            f"{architecture}: agent / bare = {middle:.4f} [{low:.4f}, {high:.4f}], "
            f"{len(found)} rounds of {block_size}: {'accepted' if is_within else 'NOT accepted'}"
        )
    return 0 if is_accepted else 1


if __name__ == "__main__":
    sys.exit(main())
