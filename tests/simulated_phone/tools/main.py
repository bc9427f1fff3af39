"""Runs one of the programs: asks the phone at every moment whether it is to fail, measures, prints."""

import os
import resource
import signal
import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import NamedTuple, cast

from tests.simulated_phone.ask import ask
from tests.simulated_phone.tools import benchncnn, mnn, onnxruntime, paddle_lite, tflite
from tests.simulated_phone.tools.inference import measure
from tests.simulated_phone.tools.request import Model, Request, Timings, ToolRefusal

RUBBISH_BYTES = 400


class Tool(NamedTuple):
    """How one program reads its arguments and what it prints before and after; `to_stderr` where it prints there."""

    request: Callable[[list[str]], Request]
    header: Callable[[Request], str]
    report: Callable[[Model, Timings], str]
    to_stderr: bool = False

    @property
    def output(self) -> TextIOWrapper:
        return cast(TextIOWrapper, sys.stderr if self.to_stderr else sys.stdout)


TOOLS = {
    "benchmark_bin": Tool(paddle_lite.request, paddle_lite.header, paddle_lite.report),
    "benchmark_bin_old": Tool(paddle_lite.request_old, paddle_lite.header_old, paddle_lite.report_old),
    "benchncnn": Tool(benchncnn.request, benchncnn.header, benchncnn.report, to_stderr=True),
    "benchmark_model": Tool(tflite.request, tflite.header, tflite.report),
    "benchmark.out": Tool(mnn.request, mnn.header, mnn.report),
    "onnxruntime_perf_test": Tool(onnxruntime.request, onnxruntime.header, onnxruntime.report),
}


def main(name: str, arguments: list[str]) -> int:
    """Run the program of that name; its exit code."""
    # As any program that is not an interpreter: whoever stops reading ends it.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    tool = TOOLS[name]
    try:
        _run(tool, arguments)
    except ToolRefusal as refusal:
        print(refusal, file=sys.stderr)
        return refusal.exit_code
    return 0


def _run(tool: Tool, arguments: list[str]) -> None:
    asked = tool.request(arguments)
    _obey(tool, "starts")
    print(tool.header(asked), end="", file=tool.output, flush=True)
    faults: list[str] = []
    reports = [
        tool.report(model, measure(asked, model, lambda: faults.append(_obey(tool, "runs")))) for model in asked.models
    ]
    text = "".join(reports)
    print(text[: len(text) // 2] if "cut_off" in faults else text, end="", file=tool.output, flush=True)
    _obey(tool, "ends")


def _obey(tool: Tool, moment: str) -> str:
    """Tell the phone how far the program is, and fail as it wishes; the wish is returned."""
    fault = str(ask({"ask": "tool", "moment": moment}).get("fault"))
    if fault == "crash":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.kill(os.getpid(), signal.SIGSEGV)
    elif fault == "garble" and moment != "ends":
        tool.output.buffer.write(os.urandom(RUBBISH_BYTES))
        tool.output.flush()
        sys.exit(0)
    elif fault == "flood" and moment != "starts":
        while True:
            tool.output.write("rubbish\n" * 1000)
    elif fault == "hang" and moment != "starts":
        while True:
            signal.pause()
    return fault
