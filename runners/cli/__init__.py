"""The command line of the agent, `zooboard-runner`. One module per group of commands; each adds its own to `app`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from runners import __version__, wire
from runners.answers import FatalError, SiteError
from runners.cli import accuracy, agent, import_log, measure, submit, upload_artifact, zoo
from runners.cli.console import out
from runners.config import ConfigError
from runners.engines.base import EngineUnavailable

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(agent.app)
app.add_typer(measure.app)
app.add_typer(submit.app)
app.add_typer(import_log.app)
app.add_typer(upload_artifact.app)
app.add_typer(accuracy.app)
app.add_typer(accuracy.dataset_app, name="dataset")
app.add_typer(zoo.app, name="zoo")
app.add_typer(zoo.inspect_app)

EXPECTED_ERRORS = (
    ConfigError,
    SiteError,
    EngineUnavailable,
    *accuracy.EXPECTED_ERRORS,
    *import_log.EXPECTED_ERRORS,
    *measure.EXPECTED_ERRORS,
    *zoo.EXPECTED_ERRORS,
)
"""Errors whose text is meant for a person."""


def main() -> None:
    """Run a command; every error that is meant for a person is one line on stderr, never a trace."""
    try:
        app()
    except EXPECTED_ERRORS as error:
        print(f"zooboard-runner: {error}", file=sys.stderr)
        sys.exit(error.exit_code if isinstance(error, FatalError) else 1)


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"zooboard-runner {__version__} (wire version {wire.WIRE_VERSION})")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say it and exit.")
    ] = False,
) -> None:
    """Lease runs from a zooboard site, execute them on this machine, send the samples back."""
