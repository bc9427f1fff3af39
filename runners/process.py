"""What one process of an attempt measures: load, first inference, warm-up, timed loop, and the host around them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import partial

import numpy as np

from runners import confine, host_state, measure
from runners.engines import get_engine
from runners.engines.base import EngineError, FloatArray, Session
from runners.orders import ChildOrder, MeasuredProcess, order_sha256
from runners.wire import FailureKind, ProcessSamples, Protocol


def measure_process(child_order: ChildOrder, pinning: str) -> MeasuredProcess:
    """Everything one process measures, with the facts under which it did.

    Raises: `EngineUnavailable`, `EngineError`; the latter also when a logit is not finite.
    """
    order, protocol = child_order.order, child_order.order.protocol
    started_at = datetime.now(UTC)
    before = host_state.read()
    engine = get_engine(order.engine)
    input_shape = (protocol.batch_size, *protocol.input_shape)
    load = partial(
        engine.load,
        child_order.artifact_dir,
        order.artifact,
        threads=protocol.threads,
        input_shape=input_shape,
        precision=protocol.precision,
    )
    load_ns, session = measure.time_once(load)
    x = session.input(input_shape, child_order.seed)
    run = partial(session.run, x)
    first_ns, first_output = measure.time_once(run)
    first_sha256 = logits_sha256(first_output)

    usage = host_state.usage(child_order.cpus)
    samples = measure.measure(
        run, warmup=protocol.warmup, repeats=protocol.repeats, min_duration_s=protocol.min_duration_s
    )
    facts = {
        "pinning": pinning,
        "cpus": child_order.cpus,
        "allowed_cpus": confine.allowed_cpus(),
        "threads": protocol.threads,
        "engine": session.facts,
        "before": before,
        "loop": host_state.usage_since(usage),
        "after": host_state.read(),
        "peak_memory_bytes": host_state.peak_memory_bytes(),
        "is_output_stable": logits_sha256(run()) == first_sha256,
    }
    device_ns = _device_ns(session, x, protocol)
    session.close()
    return MeasuredProcess(
        order_sha256=order_sha256(order),
        engine_release=engine.release(),
        output_sha256=first_sha256,
        samples=ProcessSamples(
            load_ns=load_ns,
            first_ns=first_ns,
            warmup_wall_ns=samples.warmup_wall_ns.tolist(),
            wall_ns=samples.wall_ns.tolist(),
            cpu_ns=samples.cpu_ns.tolist(),
            device_ns=device_ns,
            started_at=started_at,
            facts=facts,
        ),
    )


def _device_ns(session: Session, x: FloatArray, protocol: Protocol) -> list[int]:
    """Times without the copies, of inferences of their own after the timed loop, in which they would be a disturbance.

    Empty for an engine that has no other memory to copy to.
    """
    run = session.on_device(x)
    if run is None:
        return []
    samples = measure.measure(
        run, warmup=protocol.warmup, repeats=protocol.repeats, min_duration_s=protocol.min_duration_s
    )
    return samples.wall_ns.tolist()


def logits_sha256(logits: FloatArray) -> str:
    """sha256 of the logits as float32, little-endian, in C order, not rounded: equal only when every bit is.

    Raises: `EngineError` when one is not finite.
    """
    not_finite = int(np.count_nonzero(~np.isfinite(logits)))
    if not_finite:
        reason = f"{not_finite} of {logits.size} logits are NaN or infinite for a standard normal input."
        raise EngineError(FailureKind.ENGINE, reason)
    return hashlib.sha256(np.ascontiguousarray(logits, dtype="<f4").tobytes()).hexdigest()
