"""`measure`: a network on this machine, without a site."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from runners import protocols, record, report, subject, wire
from runners.cli.console import Busy, out
from runners.config import default_state_dir
from runners.console import step_text
from runners.engines import ENGINES, get_engine
from runners.engines.base import EngineUnavailable
from runners.external_programs import finding_of
from runners.machine import local_device
from runners.orders import COUNTER
from runners.quiet import BusyHost
from runners.scratch import scratch_folder
from runners.supervise import AttemptFailed, Stopped

app = typer.Typer()

EXPECTED_ERRORS = (AttemptFailed, protocols.UnknownProtocolError, record.RecordError)

ELSEWHERE = (
    "`measure` is about this machine's CPU: let an agent measure there (zooboard-runner enroll), or import what the "
    "program printed (zooboard-runner import-log)."
)
DEFAULT_PROTOCOL = "cpu-fp32-bs1"
DEFAULT_ENGINE = "onnxruntime"
STOPPED_EXIT_CODE = 130
notes = Console(stderr=True, highlight=False, soft_wrap=True)
"""Progress and remarks, so that stdout has the answer alone."""


@app.command()
def measure(
    named: Annotated[str, typer.Argument(metavar="MODEL|FILE.onnx", help="As `zoo list` names it, or a file.")],
    protocol: Annotated[str, typer.Option(help=f"One of {', '.join(protocols.HOST)}.")] = DEFAULT_PROTOCOL,
    engine: Annotated[str | None, typer.Option(help=f"Software that executes it; {DEFAULT_ENGINE} by default.")] = None,
    weights: Annotated[Path | None, typer.Option(help="Weight file of PaddleClas, .pdparams; else random.")] = None,
    model: Annotated[str | None, typer.Option(help="What the site calls the model in the file; its name here.")] = None,
    busy_host: Busy = BusyHost.FLAG,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")] = False,
    out_file: Annotated[Path | None, typer.Option("--out", help="Record to write, .json.gz.")] = None,
) -> None:
    """Measure a model or an ONNX file on this machine, without a site, and keep the record in a file.

    Exit codes: 0 measured; 1 could not be measured, stderr says why; 2 wrong usage; 130 stopped by Ctrl-C.
    """
    check_target(out_file)
    chosen = protocols.find_for_host(protocol)
    if engine is not None:
        check_engine(engine)
    made = measured(
        named,
        chosen,
        engine=engine or (COUNTER if chosen.kind == wire.ProtocolKind.COMPLEXITY else DEFAULT_ENGINE),
        weights=weights,
        model=model,
        busy_host=busy_host,
    )
    path = out_file or default_path(made)
    record.write(path, made)
    if as_json:
        print(json.dumps(report.as_json(made, file=str(path), threads=chosen.threads)))
        return
    out.print(escape(report.table(made, threads=chosen.threads)))
    out.print(f"Record: {escape(str(path))}. Send it in with: zooboard-runner submit {escape(str(path))}")


def measured(
    named: str,
    protocol: wire.Protocol,
    *,
    engine: str,
    weights: Path | None = None,
    model: str | None = None,
    busy_host: BusyHost = BusyHost.FLAG,
) -> wire.SubmissionRequest:
    """What the command `measure` measures, with progress on stderr; nothing of it is left in any folder.

    Raises: `EXPECTED_ERRORS`, those of `runners.subject.prepare`, typer.Exit when it is stopped.
    """
    is_simulated = engine != COUNTER and get_engine(engine).is_simulated
    with (
        stoppable("Stopped; nothing was kept.") as stopped,
        scratch_folder("zooboard-measure-") as scratch,
    ):
        folder, work = scratch / "artifact", scratch / "work"
        folder.mkdir()
        if subject.is_file_name(named):
            notes.print(escape(f"{named} is checked in a process with limits"))
        chosen = subject.prepare(named, folder, weights=weights, model=model)
        if chosen.note:
            notes.print(escape(chosen.note))
        with progress_bar(f"{chosen.model} · {protocol.slug} · {engine}", protocol.processes) as on_progress:
            return record.measure(
                chosen,
                protocol,
                engine=engine,
                device=local_device(is_simulated, [engine]),
                work_dir=work,
                on_progress=on_progress,
                should_stop=stopped,
                busy_host=busy_host,
            )


def check_engine(name: str) -> None:
    """So that whoever asks for an engine of other hardware hears what `doctor` says of it.

    Raises: `EngineUnavailable` for one that does not execute on this machine's CPU.
    """
    if name in ENGINES:
        if get_engine(name).category != "cpu":
            raise EngineUnavailable(f"{name} executes on a {get_engine(name).category}. {ELSEWHERE}")
    elif found := finding_of(name, default_state_dir()):
        told = "" if found.is_ok else f" Of it `doctor` says here: {found.text}."
        raise EngineUnavailable(f"{name} executes on a {found.subject.split()[0]}. {ELSEWHERE}{told}")


def check_target(path: Path | None) -> None:
    """So that nobody measures for minutes what cannot be kept; without `path` the current folder is the target.

    Raises: `runners.record.RecordError`.
    """
    folder = Path() if path is None else path.parent
    if not os.access(folder, os.W_OK | os.X_OK) or not folder.is_dir() or (path is not None and path.is_dir()):
        raise record.RecordError(
            f"{path or folder.resolve()} cannot be written: there is no such folder, or no right to write there. "
            "Choose another file with --out."
        )


def default_path(made: wire.SubmissionRequest) -> Path:
    """Here, by what was measured and when; another record of the same second is never overwritten."""
    name = f"{made.model}.{made.protocol_slug}.{made.engine}.{made.finished_at:%Y%m%dT%H%M%SZ}"
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    return next(path for each in names if not (path := Path(f"{each}{record.SUFFIX}")).exists())


@contextmanager
def stoppable(farewell: str) -> Iterator[threading.Event]:
    """Ctrl-C ends with one line and its own exit code, SIGTERM as tidily; children end with their `finally`.

    The event is set too: an exception that arrives in a destructor is lost, and measuring must not go on then.

    Raises: typer.Exit.
    """
    stopped = threading.Event()

    def interrupt(*_: object) -> None:
        stopped.set()
        raise KeyboardInterrupt

    terminate = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield stopped
    except (KeyboardInterrupt, Stopped):
        print(farewell, file=sys.stderr)
        raise typer.Exit(STOPPED_EXIT_CODE) from None
    finally:
        signal.signal(signal.SIGINT, before)
        signal.signal(signal.SIGTERM, terminate)


@contextmanager
def progress_bar(title: str, total: int) -> Iterator[Callable[[wire.Progress], None]]:
    """A bar on a terminal, a line per step elsewhere."""
    if not notes.is_terminal:
        yield lambda step: notes.print(escape(f"{title} · {step_text(step)}"))
        return
    # Redrawn only when something changes: a display thread would wake up in the middle of a timed loop.
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=notes, auto_refresh=False, transient=True) as bar:
        task = bar.add_task(escape(title), total=total)
        bar.refresh()

        def show(step: wire.Progress) -> None:
            said = f"{step.phase}: {step.detail}" if step.detail else step.phase
            bar.update(task, description=escape(f"{title} · {said}"), completed=step.done, total=step.total)
            bar.refresh()

        yield show
