"""The one table that names every benchmark program; each is a small module that knows `base` and no other."""

from __future__ import annotations

from runners.tools.base import Tool
from runners.tools.benchncnn import BenchNcnn
from runners.tools.mnn_benchmark import MnnBenchmark
from runners.tools.ort_perf_test import OrtPerfTest
from runners.tools.paddle_lite import PaddleLite, PaddleLiteOld
from runners.tools.tflite_benchmark_model import TfliteBenchmarkModel
from runners.tools.trtexec import Trtexec

TOOLS: dict[str, Tool] = {
    tool.name: tool
    for tool in (
        Trtexec(),
        PaddleLite(),
        PaddleLiteOld(),
        BenchNcnn(),
        TfliteBenchmarkModel(),
        MnnBenchmark(),
        OrtPerfTest(),
    )
}


class UnknownToolError(LookupError):
    """There is no adapter for a program of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no benchmark program {name!r} here; there are: {', '.join(TOOLS)}.")


def find(name: str) -> Tool:
    """Raises: `UnknownToolError`."""
    try:
        return TOOLS[name]
    except KeyError:
        raise UnknownToolError(name) from None


def tool_of(engine: str) -> Tool:
    """The program that measures an engine where none is configured by name: the newest.

    Raises: `UnknownToolError`.
    """
    for tool in TOOLS.values():
        if engine in tool.engines:
            return tool
    raise UnknownToolError(engine)
