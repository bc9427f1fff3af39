"""What `trtexec` says of itself before it measures: the GPU, the precisions that it may choose, and the input."""

from __future__ import annotations

import re

from runners.tools.reading import Output
from runners.wire import Facts

LINE = r"(?:^|\] )\s*"
DEVICE = re.compile(rf"{LINE}Selected Device: (\S.{{0,99}}?)\s*$")
PRECISION = re.compile(rf"{LINE}Precision: ([A-Z0-9]{{2,8}}(?:\+[A-Z0-9]{{2,8}}){{0,8}})(?:\s|$)")
LOADED_PLAN = re.compile(rf"{LINE}Load engine: \S")
DIMENSIONS = r"([0-9]{1,7}(?:x[0-9]{1,7}){0,7})"
SHAPE = re.compile(rf"{LINE}Input inference shape ?: [^=]{{1,200}}={DIMENSIONS}\s*$")
BATCH = re.compile(rf"{LINE}Batch: ([0-9]{{1,7}})\s*$")
"""Only of networks without a batch of their own, which old releases loaded; it is "Explicit" otherwise."""

COMMAND = re.compile(r"^&&&& RUNNING TensorRT\.trtexec .*?# (.+)$")
SHAPES_OPTION = r"(?:^|\s)--{option}=['\"]?([^\s'\"]+)"
ONE_INPUT = re.compile(rf"[^,]{{1,200}}:{DIMENSIONS}")
PATTERNS = (DEVICE, PRECISION, LOADED_PLAN, SHAPE, BATCH, COMMAND)


def facts(output: Output) -> Facts:
    """`selected_device`, `precisions` and `input_shape` as far as they are there; the shape has its batch first."""
    shape = _shape(output)
    found = {"selected_device": _device(output), "precisions": _precisions(output), "input_shape": shape}
    # An old release says the batch alone.
    batch = output.first(BATCH) if shape is None else None
    return {name: value for name, value in found.items() if value} | (
        {"batch_size": int(batch.group(1))} if batch else {}
    )


def lines(output: Output) -> tuple[str, ...]:
    """Those that `facts` reads, so that they are kept with the numbers."""
    return tuple(line for line in output.lines if any(pattern.search(line) for pattern in PATTERNS))


def _device(output: Output) -> str | None:
    found = output.first(DEVICE)
    return found.group(1) if found else None


def _precisions(output: Output) -> list[str] | None:
    """None for an engine that was built before: what it was built for stands in the output of its building."""
    found = output.first(PRECISION)
    if found is None or output.first(LOADED_PLAN):
        return None
    return sorted(found.group(1).lower().split("+"))


def _shape(output: Output) -> list[int] | None:
    """Of the one input; of several nobody could say which is the image."""
    printed = [found.group(1) for found in output.every(SHAPE)]
    if not printed and (command := output.first(COMMAND)):
        printed = _asked(command.group(1))
    return [int(size) for size in printed[0].split("x")] if len(printed) == 1 else None


def _asked(command: str) -> list[str]:
    """The input's shape by the command; where it only names the best one to build for, that is what it measures."""
    for option in ("shapes", "optShapes"):
        if found := re.search(SHAPES_OPTION.format(option=option), command):
            one = ONE_INPUT.fullmatch(found.group(1))
            return [one.group(1)] if one else []
    return []
