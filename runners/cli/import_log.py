"""`import-log`: what a lab already has, the outputs of benchmark programs, becomes a record."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from runners import protocols, record, report, tools, wire
from runners.cli.console import out
from runners.cli.measure import default_path, notes
from runners.tools import importing, preview
from runners.tools.artifact_files import artifact_of, executed_files
from runners.tools.base import Precision, Tool
from runners.tools.claim import Claim
from runners.tools.importing import Log, LogError

app = typer.Typer()

EXPECTED_ERRORS = (LogError, tools.UnknownToolError)


@app.command(name="import-log")
def import_log(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Outputs of one model, one per invocation.")],
    tool: Annotated[str, typer.Option(help=f"Program that printed them: {', '.join(tools.TOOLS)}.")],
    model: Annotated[str, typer.Option(help="What the site calls the model.")],
    protocol: Annotated[str, typer.Option(help="Protocol that was followed.")],
    device: Annotated[str, typer.Option(help='What it ran on, such as "Tesla T4"; stated, never proven.')],
    artifact: Annotated[
        list[str] | None, typer.Option(metavar="FILE|zoo:MODEL", help="What was executed; again for further files.")
    ] = None,
    executed: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="What the program loaded, where that was converted from the artifact."),
    ] = None,
    category: Annotated[
        Literal["phone", "gpu", "cpu"] | None,
        typer.Option(help="What the device is; by default as the protocol has it."),
    ] = None,
    engine: Annotated[str | None, typer.Option(help="Where the program executes by several engines.")] = None,
    precision: Annotated[
        Precision | None,
        typer.Option(help="Of an artifact that is no ONNX file; by default the protocol's."),
    ] = None,
    times: Annotated[
        list[Path] | None, typer.Option(help="Samples beside a FILE, from trtexec --exportTimes; one for each FILE.")
    ] = None,
    release: Annotated[str | None, typer.Option(help="Of the engine, where the output does not say it.")] = None,
    warmup: Annotated[int | None, typer.Option(min=0, help="Warm-up runs, where the output does not say it.")] = None,
    repeats: Annotated[int | None, typer.Option(min=1, help="Timed runs, where the output does not say it.")] = None,
    measured_at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="When it ended, ISO 8601 with its offset; by default FILE's time."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write the record without asking.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")] = False,
    out_file: Annotated[Path | None, typer.Option("--out", help="Record to write, .json.gz.")] = None,
) -> None:
    """Turn outputs of benchmark programs into a record, which `submit` sends in as an unvetted source.

    Shows first what the record says. Nothing is invented: what nobody measured is missing in it.

    Exit codes: 0 written; 1 not written, stderr says why; 2 wrong usage.
    """
    chosen, asked = tools.find(tool), protocols.find(protocol)
    named = _artifact(artifact or [], chosen, asked, precision)
    claim = Claim(
        model=model,
        protocol=asked,
        engine=_engine(chosen, engine),
        device=device,
        category=category or _category(asked),
        artifact=named,
        executed_files=executed_files(executed or [], chosen, named),
        release=release,
        warmup=warmup,
        repeats=repeats,
    )
    made = importing.imported(_logs(files, times or [], _time(measured_at)), chosen, claim)
    (notes if as_json else out).print(escape(preview.table(made, asked)))
    path = out_file or default_path(made)
    if not yes and not typer.confirm(f"Write this to {path}?", err=True):
        raise typer.Exit(1)
    record.write(path, made)
    if as_json:
        print(json.dumps(report.as_json(made, file=str(path), threads=asked.threads, asked=asked)))
        return
    out.print(f"Record: {escape(str(path))}. Send it in with: zooboard-runner submit {escape(str(path))}")


def _category(protocol: wire.Protocol) -> str:
    hardware = protocols.hardware_for(protocol)
    assert hardware is not None, "only what times needs a device"
    return hardware.category


def _engine(tool: Tool, engine: str | None) -> str:
    if engine is not None and engine not in tool.engines:
        raise LogError(f"{tool.name} executes by {' or '.join(tool.engines)}, not by {engine}.")
    return engine or tool.engine


def _artifact(named: list[str], tool: Tool, protocol: wire.Protocol, precision: Precision | None) -> wire.Artifact:
    """Raises: `LogError`, what `runners.subject.prepare` raises."""
    if protocol.kind != wire.ProtocolKind.LATENCY:
        raise LogError(f"{protocol.slug} is about {protocol.kind}: benchmark programs measure latency.")
    with tempfile.TemporaryDirectory(prefix="zooboard-import-") as folder:
        return artifact_of(named, tool, precision=precision or protocol.precision, folder=Path(folder))


def _logs(files: list[Path], times: list[Path], measured_at: datetime | None) -> list[Log]:
    if times and len(times) != len(files):
        raise LogError(f"There are {len(files)} FILEs and {len(times)} --times: give one for each, in the same order.")
    return [
        importing.read_log(path, times=times[i] if times else None, measured_at=measured_at)
        for i, path in enumerate(files)
    ]


def _time(text: str | None) -> datetime | None:
    """Raises: typer.BadParameter."""
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = datetime.min  # noqa: DTZ901 - it has no offset, as what follows asks
    if time.tzinfo is None:
        raise typer.BadParameter(
            "Give --measured-at with its offset from UTC: 2026-11-24T09:30:00+01:00, or Z for UTC."
        )
    return time.astimezone(UTC)
