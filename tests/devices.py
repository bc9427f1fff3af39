"""Phones and GPUs as agents offer them, and what is measured on them."""

from datetime import timedelta
from itertools import count
from typing import Any

import numpy as np

from runners import wire
from tests.factories import NOW, PROCESSES, device_offer, latency_record

PHONE_PROTOCOL = "sd855-bs1-t1"
GPU_PROTOCOL = "t4-fp16-bs1"
PHONE_FACTS = {
    "ro.board.platform": "msmnile",
    "ro.soc.model": "SM8150",
    "cpu_part": "0x804",
    "cpu7_max_frequency_khz": 2841600,
}
PLUS_FACTS = {**PHONE_FACTS, "cpu7_max_frequency_khz": 2956800}
GPU_FACTS = {"name": "Tesla T4", "compute_capability": "7.5"}
RTX_FACTS = {"name": "NVIDIA GeForce RTX 2080", "compute_capability": "7.5"}

_marks = count(1)

STATED = {"stated": True}
"""Of a device that nobody saw: a log was imported."""


def phone(
    *,
    kind_name: str = "Snapdragon 855",
    facts: dict[str, Any] | None = None,
    engine: str = "ncnn",
    is_simulated: bool = False,
) -> wire.DeviceOffer:
    return device_offer(
        kind_name=kind_name,
        category="phone",
        engines=[engine],
        facts=PHONE_FACTS if facts is None else facts,
        is_simulated=is_simulated,
    )


def gpu(
    *, kind_name: str = "Tesla T4", facts: dict[str, Any] | None = None, engine: str = "onnxruntime-tensorrt"
) -> wire.DeviceOffer:
    return device_offer(
        kind_name=kind_name, category="gpu", engines=[engine], facts=GPU_FACTS if facts is None else facts
    )


def summary_record(
    *, mean_ms: float = 20.0, facts: dict[str, Any] | None = None, invocations: int = PROCESSES, **changes: Any
) -> wire.SummaryRecord:
    """Quiet invocations of a program, a tenth of a per cent apart; `changes` are those of every invocation.

    No two records are the same measurement: each has another microsecond in which its invocations were started.
    """
    mark = timedelta(microseconds=next(_marks))
    means = [mean_ms * 1e6 * (1 + number / 1_000) for number in (0, 2, 1, 4, 3)[:invocations]]
    said = [
        wire.ToolSummary(
            runs=100,
            warmup=10,
            mean_ns=mean,
            min_ns=mean * 0.98,
            max_ns=mean * 1.1,
            first_ns=mean * 2,
            started_at=NOW + timedelta(seconds=number) + mark,
            output=_printed(mean),
            facts=facts or {"is_throttled": False, "temperature_before_c": 30.0, "battery_percent": 90},
        ).model_copy(update=changes)
        for number, mean in enumerate(means)
    ]
    stated = float(np.median([each.mean_ns for each in said]))
    return wire.SummaryRecord(tool="benchncnn", tool_release="20250503", invocations=said, stated_mean_ns=stated)


def _printed(mean_ns: float) -> str:
    """As `benchncnn` does, with two digits more."""
    low, high, mean = (share * mean_ns / 1e6 for share in (0.98, 1.1, 1))
    return f"  mobilenet  min = {low:8.4f}  max = {high:8.4f}  avg = {mean:8.4f}\n"


def gpu_record(
    *, median_ms: float = 1.5, device_ms: float | None = 1.2, facts: dict[str, Any] | None = None
) -> wire.LatencyRecord:
    """A thousand quiet samples of five processes whose host only waits, and as many times of the GPU itself."""
    record = latency_record(median_ms=median_ms, samples=1_000)
    share = None if device_ms is None else device_ms / median_ms
    processes = [
        each.model_copy(
            update={
                "cpu_ns": [],
                "device_ns": [] if share is None else [int(ns * share) for ns in each.wall_ns],
                "facts": facts or {},
            }
        )
        for each in record.processes
    ]
    return record.model_copy(update={"processes": processes})
