"""What a benchmark program was asked to do, and what it measured."""

import os.path
import re
from typing import NamedTuple


class ToolRefusal(Exception):
    """The program says why it cannot run, and exits with a code of its own."""

    def __init__(self, text: str, exit_code: int = 1) -> None:
        super().__init__(text)
        self.exit_code = exit_code


class Model(NamedTuple):
    """A network to execute: the name it is printed under, and the size that its time follows from."""

    name: str
    size_bytes: int


class Request(NamedTuple):
    """`mask` is where the program binds itself, whatever `taskset` said."""

    models: tuple[Model, ...]
    threads: int
    warmup: int
    repeats: int
    mask: str | None = None


class Timings(NamedTuple):
    """Units: milliseconds; `runs_ms` in their order, without the warm-up."""

    init_ms: float
    first_ms: float
    runs_ms: tuple[float, ...]

    @property
    def minimum(self) -> float:
        return min(self.runs_ms)

    @property
    def maximum(self) -> float:
        return max(self.runs_ms)

    @property
    def average(self) -> float:
        return sum(self.runs_ms) / len(self.runs_ms)

    def percentile(self, share: float) -> float:
        return sorted(self.runs_ms)[min(len(self.runs_ms) - 1, int(share * len(self.runs_ms)))]


def model_of(path: str, *more: str, name: str | None = None) -> Model:
    """The network in some files.

    Raises: ToolRefusal where one is missing or empty.
    """
    size_bytes = 0
    for each in (path, *more):
        size = os.path.getsize(each) if os.path.isfile(each) else 0
        if not size:
            raise ToolRefusal(f"cannot read model {each}")
        size_bytes += size
    return Model(name or os.path.splitext(os.path.basename(path))[0], size_bytes)


def options_of(arguments: list[str]) -> dict[str, str]:
    """`--name=value` arguments.

    Raises: ToolRefusal for anything else.
    """
    found = {}
    for argument in arguments:
        match = re.fullmatch(r"--(\w+)=(.*)", argument)
        if match is None:
            raise ToolRefusal(f"unknown argument {argument}")
        found[match[1]] = match[2]
    return found
