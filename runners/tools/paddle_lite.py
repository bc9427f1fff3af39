"""Paddle-Lite's `benchmark_bin`, as it has printed since 2.10 and as it printed before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from runners.tools.base import Asked, Precision, Summary, Tool, ToolUnusable, counted, file_with, with_facts
from runners.tools.reading import COUNT, NUMBER, UNIT, Output, Reading, ToolOutputError, check_equal, quoted, time_of

OPTIMISED = (".nb",)
UNBOUND = 3
"""Power mode "no bind": the others choose cores themselves and undo the mask of `taskset`."""

TIMES = re.compile(rf"Time\(unit: {UNIT}\):")
TIME = re.compile(rf"^\s*(init|first|min|max|avg)\s*= {NUMBER}\s*$")
OLD = re.compile(rf"^\s*\S.*?\smin = {NUMBER}\s+max = {NUMBER}\s+average = {NUMBER}\s*$")
OLD_MEAN = re.compile(rf"\blatency\(ms\): {NUMBER}\s*$")
RELEASE = re.compile(r"benchmark_bin version: (\S{1,60})")
WARMUP = re.compile(rf"\bwarmup: {COUNT}\s*$")
REPEATS = re.compile(rf"\brepeats: {COUNT}\s*$")
THREADS = re.compile(rf"\bthreads: {COUNT}\s*$")


class PaddleLite(Tool):
    name = "paddle-lite"
    engines: ClassVar[tuple[str, ...]] = ("paddle-lite",)
    loads = "paddle-lite"
    artifact_formats: ClassVar[tuple[str, ...]] = ("paddle-lite",)

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
        return [
            program,
            *self._model(model_files),
            f"--input_shape={','.join(map(str, (batch_size, *input_shape)))}",
            f"--warmup={warmup}",
            f"--repeats={repeats}",
            f"--threads={threads}",
            f"--power_mode={UNBOUND}",
            "--backend=arm",
            *(["--cpu_precision=fp16"] if precision == "fp16" else []),
        ]

    def release(self, output: str) -> str:
        found = RELEASE.search(output)
        return found.group(1) if found else ""

    def _model(self, model_files: Sequence[str]) -> list[str]:
        if len(model_files) == 1:
            return [f"--optimized_model_file={file_with(OPTIMISED, model_files, self)}"]
        model_file, parameter_file = _combined(model_files, self)
        return [f"--model_file={model_file}", f"--param_file={parameter_file}"]

    def _summary(self, output: Output, asked: Asked) -> Summary:
        heading = output.at_most_one(TIMES, 'line "Time(unit: ms):"')
        old = output.at_most_one(OLD, 'line "min = ... max = ... average = ..."')
        if heading is not None and old is not None:
            raise ToolOutputError(f"There are two outputs in one, an old and a new one: {quoted(old)}.")
        times = _old_times(output, old) if heading is None else _times(output, heading)
        mean = times.get("avg")
        if mean is None:
            raise ToolOutputError(f'There is no line "avg = ...": the output is cut off, it ends {output.end}.')
        lowest, highest, is_swapped = times.get("min"), times.get("max"), False
        if old is not None and lowest and highest and lowest.ns > highest.ns:
            # An older release printed the largest as "min" and the smallest as "max".
            lowest, highest, is_swapped = highest, lowest, True
        threads = output.first(THREADS)
        return with_facts(
            Summary(
                runs=counted(output.first(REPEATS), asked.repeats, "repeats", "repeats", at_least=1),
                warmup=counted(output.first(WARMUP), asked.warmup, "warmup", "warmup"),
                mean=mean,
                min=lowest,
                max=highest,
                init=times.get("init"),
                first=times.get("first"),
            ),
            threads=int(threads.group(1)) if threads else None,
            min_and_max="printed the wrong way round by this release, put right" if is_swapped else None,
        )


class PaddleLiteOld(PaddleLite):
    """The program of 2.9 and before, which has other options and writes its one line to a file."""

    name = "paddle-lite-2.9"

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
        if precision == "fp16":
            raise ToolUnusable(f"{self.name} executes FP16 only in a file that was optimised for it.")
        return [
            program,
            f"--optimized_model_path={file_with(OPTIMISED, model_files, self)}",
            f"--input_shape={','.join(map(str, (batch_size, *input_shape)))}",
            f"--warmup={warmup}",
            f"--repeats={repeats}",
            f"--threads={threads}",
            f"--power_mode={UNBOUND}",
            # The mean is in the log too; a file would have to be fetched and removed.
            "--result_path=/dev/null",
        ]


def _combined(model_files: Sequence[str], tool: Tool) -> tuple[str, str]:
    """Raises: `ToolUnusable` unless it is a pair of a model and its parameters."""
    parameters = [file for file in model_files if "param" in file.rpartition("/")[2]]
    models = [file for file in model_files if file not in parameters]
    if len(models) != 1 or len(parameters) != 1:
        names = ", ".join(file.rpartition("/")[2] for file in model_files) or "none"
        raise ToolUnusable(
            f"{tool.name} takes one optimised file (.nb), or a model file and one with 'param' in its name; the files "
            f"are: {names}."
        )
    return models[0], parameters[0]


def _times(output: Output, heading: re.Match[str]) -> dict[str, Reading]:
    """The lines right under the heading; the memory's further down look the same."""
    times: dict[str, Reading] = {}
    for line in output.lines[output.lines.index(heading.string) + 1 :]:
        found = TIME.search(line)
        if found is None:
            break
        is_inference = found.group(1) != "init"
        times[found.group(1)] = time_of(found.group(2), heading.group(1), line, is_inference=is_inference)
    return times


def _old_times(output: Output, line: re.Match[str] | None) -> dict[str, Reading]:
    """Of the line, or of the log, or of both where they agree."""
    logged = output.at_most_one(OLD_MEAN, 'line "latency(ms): ..."')
    in_log = {"avg": time_of(logged.group(1), "ms", logged.string)} if logged else {}
    if line is None:
        return in_log
    low, high, mean = (time_of(number, "ms", line.string) for number in line.groups())
    if in_log:
        check_equal(in_log["avg"], mean)
    return {"min": low, "max": high, "avg": mean}
