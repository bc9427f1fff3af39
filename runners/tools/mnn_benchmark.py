"""MNN's `benchmark.out`, which executes every model of a folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from runners.tools.base import Asked, Precision, Summary, Tool, counted, file_with, one_image, with_facts
from runners.tools.reading import COUNT, NUMBER, UNIT, Output, matched_time

ON_CPU = 0
PRECISIONS: dict[Precision, int] = {"fp32": 1, "fp16": 2, "int8": 1}
"""MNN's "high" and "low". Low, its default, is FP16 where the processor has it."""

TIMES = re.compile(
    rf"^\s*\[[^\]-]*-[^\]]*\]\s*\S.*?\smax =\s*{NUMBER} {UNIT}\s+min =\s*{NUMBER} {UNIT}\s+avg =\s*{NUMBER} {UNIT}\s*$"
)
LOOPS = re.compile(rf"Benchmarking\.\.\. loop = {COUNT}\b")
WARMUP = re.compile(rf"Benchmarking\.\.\..*\bwarmup = {COUNT}\b")
THREADS = re.compile(rf"\bthread={COUNT}\b")
PRECISION = re.compile(rf"\bprecision={COUNT}\b")


class MnnBenchmark(Tool):
    name = "mnn"
    engines: ClassVar[tuple[str, ...]] = ("mnn",)
    loads = "mnn"
    artifact_formats: ClassVar[tuple[str, ...]] = ("onnx", "mnn")
    needs_own_folder = True

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
        folder = file_with((".mnn",), model_files, self).rpartition("/")[0] or "."
        return [program, folder, *map(str, (repeats, warmup, ON_CPU, threads, PRECISIONS[precision]))]

    def _summary(self, output: Output, asked: Asked) -> Summary:
        found = output.only(TIMES, 'line "[ - ] ... max = ... min = ... avg = ..."')
        high, low, mean = (matched_time(found, group) for group in (1, 3, 5))
        threads, precision = output.first(THREADS), output.first(PRECISION)
        return with_facts(
            Summary(
                runs=counted(output.first(LOOPS), asked.repeats, "loop", "repeats", at_least=1),
                warmup=counted(output.first(WARMUP), asked.warmup, "warmup", "warmup"),
                mean=mean,
                min=low,
                max=high,
            ),
            threads=int(threads.group(1)) if threads else None,
            mnn_precision=int(precision.group(1)) if precision else None,
        )
