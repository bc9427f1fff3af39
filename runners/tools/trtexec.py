"""TensorRT's `trtexec`: its printed summary, and with `--exportTimes` every sample."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from runners.tools import trtexec_header, trtexec_times
from runners.tools.base import Asked, Parsed, Precision, Summary, Tool, consistent, counted, file_with, with_facts
from runners.tools.reading import COUNT, NUMBER, UNIT, Output, Reading, ToolOutputError, matched_time, quoted, split

INPUT_NAME = "x"
"""Of the zoo's networks, whose batch is open and must be said."""

WARMUP_MS = 1_000
"""It warms up by time, not by count; what it counted stands in its output."""

DURATION_S = 1
"""It times until both this and the number of runs are reached, as the protocols for GPUs do."""

SWITCHES: dict[Precision, list[str]] = {"fp32": [], "fp16": ["--fp16"], "int8": ["--int8"]}
"""TensorRT 11 has neither switch: there a file in that precision is needed."""

WARMUP = re.compile(rf"Warmup completed {COUNT} queries")
TRACE = re.compile(rf"Timing trace has {COUNT} queries")
LOADED = re.compile(rf"Engine (?:deserialized|loaded) in {NUMBER} {UNIT}\.?\s*$")
PERCENTILE = re.compile(r"percentile\(([0-9]{1,2}(?:\.[0-9]{1,3})?)%\)")
STATISTIC = re.compile(rf"(min|max|mean|median|percentile\([0-9.]{{1,6}}%\)) = {NUMBER} {UNIT}(?=,|\s*$)")
RELEASE = re.compile(r"\[TensorRT v([0-9.]{3,12})\]")
PARTS = {
    "gpu_compute_ns": "GPU Compute Time",
    "enqueue_ns": "Enqueue Time",
    "h2d_ns": "H2D Latency",
    "d2h_ns": "D2H Latency",
}
"""Fact and the heading under which it is printed."""


class Trtexec(Tool):
    name = "trtexec"
    engines: ClassVar[tuple[str, ...]] = ("trtexec",)
    loads = "onnx"
    artifact_formats: ClassVar[tuple[str, ...]] = ("onnx",)

    def arguments(
        self,
        program: str,
        model_files: Sequence[str],
        *,
        threads: int,
        warmup: int,
        repeats: int,
        input_shape: tuple[int, ...],
        batch_size: int,
        precision: Precision,
        times_file: str | None = None,
        engine_file: str | None = None,
    ) -> list[str]:
        """As `Tool.arguments`; the samples go to `times_file`, `engine_file` keeps the engine that it builds."""
        shape = "x".join(map(str, (batch_size, *input_shape)))
        return [
            program,
            f"--onnx={file_with(('.onnx',), model_files, self)}",
            f"--shapes={INPUT_NAME}:{shape}",
            *SWITCHES[precision],
            f"--warmUp={WARMUP_MS}",
            f"--iterations={repeats}",
            f"--duration={DURATION_S}",
            *([f"--exportTimes={times_file}"] if times_file else []),
            *([f"--saveEngine={engine_file}"] if engine_file else []),
        ]

    def parse(
        self, output: str, *, warmup: int | None = None, repeats: int | None = None, times: str | None = None
    ) -> Parsed:
        """As `Tool.parse`; `output` may also be the exported samples themselves.

        Raises: `ToolOutputError`.
        """
        if times is None and trtexec_times.is_export(output):
            return trtexec_times.samples(output)
        summary = consistent(self._summary(split(output), Asked(warmup, repeats)))
        return summary if times is None else trtexec_times.samples(times, summary)

    def release(self, output: str) -> str:
        found = RELEASE.search(output)
        return _release(found.group(1)) if found else ""

    def _summary(self, output: Output, asked: Asked) -> Summary:
        latency = _statistics(output, "Latency")
        runs, warmup = output.at_most_one(TRACE, "timing trace"), output.at_most_one(WARMUP, "warm-up")
        loaded = output.at_most_one(LOADED, "loaded engine")
        parts = {fact: _part(output, heading) for fact, heading in PARTS.items()}
        if (parts["h2d_ns"] or {}).get("mean") == 0:
            raise ToolOutputError(f"{trtexec_times.NO_COPIES}: {quoted(output.only(_heading('H2D Latency'), 'H2D'))}.")
        summary = with_facts(
            Summary(
                runs=counted(runs, asked.repeats, "Timing trace", "repeats", at_least=1),
                warmup=counted(warmup, asked.warmup, "Warmup completed", "warmup"),
                mean=latency["mean"],
                median=latency.get("median"),
                min=latency.get("min"),
                max=latency.get("max"),
                init=matched_time(loaded, is_inference=False) if loaded else None,
            ),
            **_percentiles(latency),
            **parts,
            **trtexec_header.facts(output),
        )
        return replace(summary, lines=trtexec_header.lines(output))


def _statistics(output: Output, heading: str) -> dict[str, Reading]:
    """Raises: `ToolOutputError` where the line is missing, twice there, or has no mean."""
    line = output.only(_heading(heading), f'line "{heading}: min = ..."').string
    found = {each.group(1): matched_time(each, 2) for each in STATISTIC.finditer(line)}
    if "mean" not in found:
        raise ToolOutputError(f"There is no mean in it, the line is cut off: {quoted(line)}.")
    return found


def _heading(heading: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|\] )\s*{re.escape(heading)}: min = ")


def _part(output: Output, heading: str) -> dict[str, float] | None:
    """Mean, median and extremes of one part of the latency; it may take no time at all."""
    line = output.at_most_one(_heading(heading), f'line "{heading}: min = ..."')
    if line is None:
        return None
    return {
        each.group(1): matched_time(each, 2, is_inference=False).ns
        for each in STATISTIC.finditer(line.string)
        if "%" not in each.group(1)
    }


def _percentiles(latency: dict[str, Reading]) -> dict[str, float]:
    """Such as `p99_ns`."""
    found = ((PERCENTILE.fullmatch(name), reading) for name, reading in latency.items())
    return {f"p{each.group(1)}_ns": reading.ns for each, reading in found if each}


def _release(printed: str) -> str:
    """8601 is 8.6.1 and 101401 is 10.14.1: two digits each for what comes after the first number."""
    if not printed.isdigit() or len(printed) < 4:
        return printed
    major, minor, patch = (
        (printed[:-4], printed[-4:-2], printed[-2:]) if len(printed) > 4 else (printed[0], printed[1], printed[2:])
    )
    return f"{int(major)}.{int(minor)}.{int(patch)}"
