"""The benchmark programs that are configured: which of them can be used, and why the others cannot."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from runners import tools
from runners.engines.base import EngineUnavailable
from runners.phone import models
from runners.phone.settings import FILE_NAME, PhoneSettings, ProgramSettings
from runners.tools.base import Tool
from runners.wire import EngineOffer, Facts

ENGINES: Mapping[str, str] = {
    "paddle-lite": "benchmark_bin, built from Paddle-Lite's lite/api/tools/benchmark",
    "ncnn": "benchncnn, built from ncnn's benchmark folder",
    "tflite": "benchmark_model (android_aarch64), from TensorFlow's nightly tools or built from its tools/benchmark",
    "mnn": "benchmark.out, built from MNN's benchmark folder",
    "onnxruntime": "onnxruntime_perf_test, built from ONNX Runtime for Android",
}
"""What a phone's engine needs, and where it comes from: none of them is packaged."""

HOW_TO_GET = (
    "needs {source}: put it on this host, for example into /opt/bench, and name it in {file} of the state folder as "
    '[tools.{engine}] program = "..."; see docs/how-to/phone-lab.md'
)


class ProgramMissing(Exception):
    """An engine cannot be used on a phone; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program that can be pushed: the file, its libraries, and the adapter that speaks for it."""

    engine: str
    tool: Tool
    path: Path
    libs: tuple[Path, ...]
    release: str

    def facts(self) -> Facts:
        return {"tool": self.tool.name, "program": self.path.name, "program_sha256": _sha256_of(self.path)}

    def offer(self) -> EngineOffer:
        return EngineOffer(name=self.engine, release=self.release)


def usable(settings: PhoneSettings) -> dict[str, Program]:
    """The engines that work, each with its program."""
    found = {}
    for engine in ENGINES:
        try:
            found[engine] = find(settings, engine)
        except ProgramMissing:
            continue
    return found


def find(settings: PhoneSettings, engine: str) -> Program:
    """Raises: `ProgramMissing`."""
    configured = settings.tools.get(engine)
    if configured is None:
        source = ENGINES.get(engine, "a benchmark program")
        raise ProgramMissing(HOW_TO_GET.format(source=source, file=FILE_NAME, engine=engine))
    missing = [path for path in (configured.program, *configured.libs) if not path.is_file()]
    if missing:
        raise ProgramMissing(f"{', '.join(map(str, missing))} of {FILE_NAME} is not there")
    tool = _tool(engine, configured)
    try:
        models.check_converter(tool)
    except EngineUnavailable as error:
        raise ProgramMissing(str(error)) from error
    release = configured.release or f"program {_sha256_of(configured.program)[:12]}"
    return Program(engine, tool, configured.program, configured.libs, release)


def _tool(engine: str, configured: ProgramSettings) -> Tool:
    """Raises: `ProgramMissing`."""
    try:
        tool = tools.find(configured.tool) if configured.tool else tools.tool_of(engine)
    except tools.UnknownToolError as error:
        raise ProgramMissing(str(error)) from error
    if engine not in tool.engines:
        raise ProgramMissing(f"{tool.name} of {FILE_NAME} is no program of {engine}")
    return tool


def _sha256_of(path: Path) -> str:
    status = path.stat()
    return _sha256(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=32)
def _sha256(path: Path, _changed_ns: int, _size_bytes: int) -> str:
    """Offers are made every few seconds, and the program changes when somebody builds another."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
