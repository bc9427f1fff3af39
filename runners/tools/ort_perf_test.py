"""ONNX Runtime's `onnxruntime_perf_test`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from runners.tools.base import Asked, Precision, Summary, Tool, ToolUnusable, counted, file_with, one_image, with_facts
from runners.tools.reading import COUNT, NUMBER, UNIT, Output, Reading, matched_time

WARMUP = 1
"""Built in; no option changes it."""

MEAN = re.compile(rf"Average (?:inference )?time cost(?: total)?:\s*{NUMBER}\s*{UNIT}\s*$")
RUNS = re.compile(rf"Total (?:iterations|inference requests):\s*{COUNT}\s*$")
LATENCY = re.compile(rf"\b(Min|Max|P50|P90|P95|P99) Latency(?: is|:)\s*{NUMBER}\s*{UNIT}\s*$")
INIT = re.compile(rf"Session creation time cost:\s*{NUMBER}\s*{UNIT}\s*$")
FIRST = re.compile(rf"First inference time cost:\s*{NUMBER}\s*{UNIT}\s*$")
THREADS = re.compile(rf"Setting intra_op_num_threads to {COUNT}\s*$")
PERCENTILES = {"P90": "p90_ns", "P95": "p95_ns", "P99": "p99_ns"}


class OrtPerfTest(Tool):
    name = "ort"
    engines: ClassVar[tuple[str, ...]] = ("onnxruntime", "onnxruntime-cuda", "onnxruntime-tensorrt")
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
    ) -> list[str]:
        one_image(self, batch_size)
        if precision == "fp16":
            raise ToolUnusable(f"{self.name} executes in the precision of its file: use a file of FP16, or fp32.")
        counts = ["-r", str(repeats), "-x", str(threads), "-y", "1"]
        # -I makes an input, in which an open size is 1; -s prints the extremes and percentiles too.
        return [program, "-e", "cpu", "-m", "times", *counts, "-I", "-s", file_with((".onnx",), model_files, self)]

    def _summary(self, output: Output, asked: Asked) -> Summary:
        mean = output.only(MEAN, 'line "Average inference time cost: ..."')
        runs = output.at_most_one(RUNS, 'line "Total inference requests: ..."')
        times = _latencies(output)
        threads = output.first(THREADS)
        return with_facts(
            Summary(
                runs=counted(runs, asked.repeats, "iterations", "repeats", at_least=1),
                warmup=WARMUP,
                mean=matched_time(mean),
                median=times.get("P50"),
                min=times.get("Min"),
                max=times.get("Max"),
                init=_other_time(output, INIT),
                first=_other_time(output, FIRST),
            ),
            threads=int(threads.group(1)) if threads else None,
            **{fact: times[name].ns for name, fact in PERCENTILES.items() if name in times},
        )


def _latencies(output: Output) -> dict[str, Reading]:
    names = ("Min", "Max", "P50", *PERCENTILES)
    found = {name: [each for each in output.every(LATENCY) if each.group(1) == name] for name in names}
    return {name: matched_time(lines[0], 2) for name, lines in found.items() if lines}


def _other_time(output: Output, pattern: re.Pattern[str]) -> Reading | None:
    """None too where whole milliseconds were printed and it took less than one."""
    found = output.at_most_one(pattern, "session in it")
    if found is None:
        return None
    reading = matched_time(found, is_inference=False)
    return reading if reading.ns else None
