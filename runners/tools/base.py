"""What a benchmark program is: the only thing that the adapters know of each other."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

from runners.tools.reading import Output, Reading, ToolOutputError, check_ascending, count_of, split
from runners.wire import Facts

Precision = Literal["fp32", "fp16", "int8"]


class ToolUnusable(ValueError):
    """The program cannot be asked for this; `str()` says why and what would do."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What one invocation said of its timed runs; None for what it does not say."""

    runs: int
    warmup: int
    mean: Reading
    median: Reading | None = None
    min: Reading | None = None
    max: Reading | None = None
    standard_deviation: Reading | None = None
    init: Reading | None = None
    first: Reading | None = None
    facts: Facts = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    """Those from which the facts were read, where they are to be kept as evidence."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Every timed run of one invocation, in order.

    Shapes: `wall_ns` (n,); `device_ns` (n,), of the same runs without the copies, or empty.
    Units: nanoseconds.
    """

    wall_ns: tuple[int, ...]
    device_ns: tuple[int, ...]
    warmup: int | None
    init: Reading | None = None
    facts: Facts = field(default_factory=dict)


Parsed = Summary | Samples


@dataclass(frozen=True, slots=True)
class Asked:
    """Counts that the program was started with, for outputs that do not repeat them; None where nobody knows."""

    warmup: int | None
    repeats: int | None


class Tool(ABC):
    name: ClassVar[str]
    engines: ClassVar[tuple[str, ...]]
    """Engines that it can have executed; the first is meant where nobody says."""
    loads: ClassVar[str]
    """Format of the files that the program opens."""
    artifact_formats: ClassVar[tuple[str, ...]]
    """Formats of the artifacts that it can start from, converted by the agent where they are not `loads`."""
    needs_own_folder: ClassVar[bool] = False
    """The program executes every file of the folder, so the model must lie there alone."""
    chooses_cores: ClassVar[bool] = False
    """The program binds itself to fast cores of a phone, whatever mask it was started with."""

    @property
    def engine(self) -> str:
        return self.engines[0]

    @abstractmethod
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
        """The command: `program` and its arguments, for files in the format that it `loads`, where it will find them.

        Shapes: `input_shape` of one image, [channels, height, width].
        Raises: `ToolUnusable`.
        """

    def parse(
        self, output: str, *, warmup: int | None = None, repeats: int | None = None, times: str | None = None
    ) -> Parsed:
        """What one invocation found out, of its stdout and stderr together.

        `warmup` and `repeats` are what it was asked for: they count only where the output does not say. `times` is the
        content of the file of samples that some programs write beside.

        Raises: `ToolOutputError`.
        """
        if times is not None:
            raise ToolOutputError(f"{self.name} writes no file of samples, but one was given: {times[:40]!r}.")
        return consistent(self._summary(split(output), Asked(warmup, repeats)))

    def release(self, output: str) -> str:
        """Version that the program prints of itself; empty where it prints none."""
        return ""

    @abstractmethod
    def _summary(self, output: Output, asked: Asked) -> Summary:
        """Raises: `ToolOutputError`."""


def consistent(summary: Summary) -> Summary:
    """The same, unless its numbers contradict each other.

    Raises: `ToolOutputError`.
    """
    check_ascending(summary.min, summary.mean, summary.max)
    check_ascending(summary.min, summary.median, summary.max)
    return summary


def with_facts(summary: Summary, **facts: object) -> Summary:
    """The same with facts beside it; None is not one."""
    known = {name: value for name, value in facts.items() if value is not None}
    return replace(summary, facts=summary.facts | known)


def counted(printed: re.Match[str] | None, asked: int | None, what: str, option: str, *, at_least: int = 0) -> int:
    """The printed number, else the one that was asked for.

    Raises: `ToolOutputError` where neither is known.
    """
    if printed is not None:
        return count_of(printed.group(1), printed.string, at_least=at_least)
    if asked is None or asked < at_least:
        raise ToolOutputError(
            f'The output has no "{what}", which says how many runs there were: add --{option} NUMBER.'
        )
    return asked


def one_image(tool: Tool, batch_size: int) -> None:
    """Raises: `ToolUnusable` for a batch."""
    if batch_size != 1:
        raise ToolUnusable(f"{tool.name} executes one image at a time, not a batch of {batch_size}.")


def file_with(suffixes: tuple[str, ...], model_files: Sequence[str], tool: Tool) -> str:
    """The one file of that kind.

    Raises: `ToolUnusable`.
    """
    found = [file for file in model_files if file.endswith(suffixes)]
    if len(found) != 1:
        names = ", ".join(file.rpartition("/")[2] for file in model_files) or "none"
        raise ToolUnusable(f"{tool.name} takes one file that ends in {' or '.join(suffixes)}; the files are: {names}.")
    return found[0]
