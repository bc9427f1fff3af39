"""TensorFlow Lite's `benchmark_model`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from runners.tools.base import Asked, Precision, Summary, Tool, ToolUnusable, counted, file_with, one_image, with_facts
from runners.tools.reading import COUNT, NUMBER, Output, Reading, check_equal, time_of

RUNS = re.compile(rf"\bcount={COUNT} (?=(?:first|curr)=)")
FIELD = re.compile(rf"\b(curr|min|max|avg|std|median|p5|p95)={NUMBER}(?=\s|$)")
TIMINGS = re.compile(
    rf"Inference timings in us: Init: {NUMBER}, First inference: {NUMBER}"
    rf"(?:, Warmup \(avg\): {NUMBER})?, Inference \(avg\): {NUMBER}\s*$"
)
THREADS = re.compile(rf"Num threads: \[{COUNT}\]")


class TfliteBenchmarkModel(Tool):
    name = "tflite"
    engines: ClassVar[tuple[str, ...]] = ("tflite",)
    loads = "tflite"
    artifact_formats: ClassVar[tuple[str, ...]] = ("tflite",)

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
        return [
            program,
            f"--graph={file_with(('.tflite',), model_files, self)}",
            f"--num_threads={threads}",
            f"--warmup_runs={warmup}",
            f"--num_runs={repeats}",
            # Otherwise a fast network runs more often than it was asked to.
            "--warmup_min_secs=0",
            "--min_secs=0",
        ]

    def _summary(self, output: Output, asked: Asked) -> Summary:
        timings = output.only(TIMINGS, 'line "Inference timings in us: ..."')
        init, first, _, mean = timings.groups()
        series = list(output.every(RUNS))
        times = _fields(series[-1].string) if series else {}
        warmed = series[0] if len(series) > 1 else None
        found = Summary(
            runs=counted(series[-1] if series else None, asked.repeats, "count=", "repeats", at_least=1),
            warmup=counted(warmed, asked.warmup, "warm-up runs", "warmup"),
            mean=time_of(mean, "us", timings.string),
            median=times.get("median"),
            min=times.get("min"),
            max=times.get("max"),
            standard_deviation=times.get("std"),
            init=time_of(init, "us", timings.string, is_inference=False),
            first=time_of(first, "us", timings.string),
        )
        if "avg" in times:
            check_equal(found.mean, times["avg"])
        threads = output.first(THREADS)
        return with_facts(
            found,
            threads=int(threads.group(1)) if threads else None,
            p5_ns=times["p5"].ns if "p5" in times else None,
            p95_ns=times["p95"].ns if "p95" in times else None,
        )


def _fields(line: str) -> dict[str, Reading]:
    return {
        found.group(1): time_of(found.group(2), "us", line, is_inference=found.group(1) != "std")
        for found in FIELD.finditer(line)
    }
