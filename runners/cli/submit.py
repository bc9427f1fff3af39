"""`submit`: send records in that were measured without a site, and hear what it makes of them."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from runners import record, wire
from runners.answers import FatalError, SiteError
from runners.cli.console import State, out, state_folder
from runners.cli.measure import notes, stoppable
from runners.client import SiteClient
from runners.retry import until_answered

app = typer.Typer()

LONGEST_TRY_S = 600.0
"""A site that does not answer for so long is given up; the record's file stays as it is."""

LONGEST_JUDGING_S = 60.0
FIRST_LOOK_S, LONGEST_BETWEEN_LOOKS_S = 0.5, 8.0
PENDING = "submitted"
REFUSED = "refused"
UNJUDGED_EXIT_CODE = 5


@app.command()
def submit(
    records: Annotated[list[Path], typer.Argument(metavar="RECORD...", help="Files that `measure` wrote.")],
    wait: Annotated[
        bool, typer.Option(help=f"Wait for what the site makes of them, at most {LONGEST_JUDGING_S:.0f} s.")
    ] = True,
    state: State = None,
) -> None:
    """Send records to the site at which this agent is enrolled; sending one again does no harm.

    Exit codes: 0 the site accepted all of them, or with --no-wait has all and refused none; 1 one was refused or could
    not be sent; 5 the site has all of them and did not yet say of each what it makes of it; 130 stopped by Ctrl-C.
    """
    config = state_folder(state).load()
    with (
        closing(SiteClient(config.site, config.token)) as client,
        stoppable("Stopped; what was not sent is still in its file."),
    ):
        states = {path: _sent(client, path) for path in dict.fromkeys(records)}
        if wait:
            states |= _judged(client, [path for path, state in states.items() if state == PENDING])
    if not {None, REFUSED}.isdisjoint(states.values()):
        raise typer.Exit(1)
    raise typer.Exit(UNJUDGED_EXIT_CODE if wait and PENDING in states.values() else 0)


def _sent(client: SiteClient, path: Path) -> str | None:
    """The state in which the site has the record; None where it did not take it. Raises: FatalError."""
    try:
        answer = _asked(client, path, within_s=LONGEST_TRY_S)
    except FatalError:
        raise
    except (SiteError, record.RecordError) as error:
        detail = error.detail if isinstance(error, SiteError) else str(error)
        print(f"{path}: not taken. {detail}", file=sys.stderr)
        return None
    if answer is None:
        print(f"{path}: the site did not answer for {LONGEST_TRY_S:.0f} s. Submit it again later.", file=sys.stderr)
        return None
    return _told(path, answer)


def _judged(client: SiteClient, paths: Sequence[Path]) -> dict[Path, str]:
    """The states of those that were judged meanwhile: the same bytes again are answered with what became of them.

    Raises: `SiteError`, `runners.record.RecordError`.
    """
    found: dict[Path, str] = {}
    ends_at_s, pause_s, left = time.monotonic() + LONGEST_JUDGING_S, FIRST_LOOK_S, list(paths)
    while left and (left_s := ends_at_s - time.monotonic()) > pause_s:
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_BETWEEN_LOOKS_S)
        for path in left:
            answer = _asked(client, path, within_s=left_s)
            if answer is not None and answer.state != PENDING:
                found[path] = _told(path, answer)
        left = [path for path in left if path not in found]
    for path in left:
        notes.print(
            escape(f"{path}: not judged within {LONGEST_JUDGING_S:.0f} s. Submit it again to hear what became of it.")
        )
    return found


def _asked(client: SiteClient, path: Path, *, within_s: float) -> wire.SubmissionAnswer | None:
    """None where the site gives no answer. Raises: `SiteError`, `runners.record.RecordError`."""
    _, content = record.read(path)
    with _given_up_after(within_s) as gave_up:
        return until_answered(
            lambda: client.upload_submission(content), stop=gave_up, on_wait=lambda line: notes.print(escape(line))
        )


@contextmanager
def _given_up_after(seconds: float) -> Iterator[threading.Event]:
    gave_up = threading.Event()
    timer = threading.Timer(seconds, gave_up.set)
    timer.daemon = True
    timer.start()
    try:
        yield gave_up
    finally:
        timer.cancel()


def _told(path: Path, answer: wire.SubmissionAnswer) -> str:
    out.print(escape(f"{path}: {answer.state}. {answer.detail}"))
    return answer.state
