"""ncnn's `benchncnn`, which executes a .param file with zeros for weights."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from runners.tools.base import Asked, Precision, Summary, Tool, counted, file_with, one_image, with_facts
from runners.tools.reading import COUNT, NUMBER, Output, time_of

BIG_CORES = 2
"""The program always chooses its cores, whatever `taskset` said: 0 is all, 1 the little, 2 the big ones."""

NO_GPU = -1
NO_PAUSE = 0
"""Ten seconds of sleep before it begins; the agent cools the phone down itself."""

WARMUP = 8
WARMUP_ON_GPU = 10
"""Built in; no option changes it."""

TIMES = re.compile(rf"^\s*\S.*?\smin =\s*{NUMBER}\s+max =\s*{NUMBER}\s+avg =\s*{NUMBER}\s*$")
LOOPS = re.compile(rf"^\s*loop_count = {COUNT}\s*$")
THREADS = re.compile(rf"^\s*num_threads = {COUNT}\s*$")
POWERSAVE = re.compile(rf"^\s*powersave = {COUNT}\s*$")
ON_GPU = re.compile(rf"^\s*gpu_device = {COUNT}\s*$")


class BenchNcnn(Tool):
    name = "benchncnn"
    engines: ClassVar[tuple[str, ...]] = ("ncnn",)
    loads = "ncnn"
    artifact_formats: ClassVar[tuple[str, ...]] = ("onnx", "ncnn")
    chooses_cores = True

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
        places = (repeats, threads, BIG_CORES, NO_GPU, NO_PAUSE)
        # ncnn counts a shape from the innermost size outwards.
        shape = ",".join(map(str, reversed(input_shape)))
        parameters = file_with((".param",), model_files, self)
        return [program, *map(str, places), f"param={parameters}", f"shape=[{shape}]"]

    def _summary(self, output: Output, asked: Asked) -> Summary:
        found = output.only(TIMES, 'line "min = ... max = ... avg = ..."')
        low, high, mean = (time_of(number, "ms", found.string) for number in found.groups())
        threads, powersave = output.first(THREADS), output.first(POWERSAVE)
        return with_facts(
            Summary(
                runs=counted(output.first(LOOPS), asked.repeats, "loop_count", "repeats", at_least=1),
                warmup=WARMUP_ON_GPU if output.first(ON_GPU) else WARMUP,
                mean=mean,
                min=low,
                max=high,
            ),
            threads=int(threads.group(1)) if threads else None,
            powersave=int(powersave.group(1)) if powersave else None,
            weights="zeros, by the program",
            arithmetic="FP16 where the processor has it, by the program",
        )
