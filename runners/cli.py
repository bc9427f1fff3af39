"""The command line of the agent, `zooboard-runner`."""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console as RichConsole
from rich.markup import escape

from runners import __version__, doctor, wire
from runners.agent import Agent
from runners.answers import FatalError, SiteError
from runners.artifacts import ArtifactCache
from runners.attempt import Workbench
from runners.client import SiteClient
from runners.config import STATE_VARIABLE, Config, ConfigError, StateFolder, default_state_dir
from runners.console import Console
from runners.drain import Drain
from runners.engines.base import EngineUnavailable
from runners.machine import local_device
from runners.spool import Spool
from runners.zoo import catalogue

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
zoo_app = typer.Typer(help="The networks that this agent can build itself.", no_args_is_help=True)
app.add_typer(zoo_app, name="zoo")

out = RichConsole(highlight=False, soft_wrap=True)

State = Annotated[
    Path | None,
    typer.Option("--state", envvar=STATE_VARIABLE, help="State folder: token, spooled results, artifacts."),
]
Simulated = Annotated[
    bool, typer.Option("--simulated", help="Offer a simulated device with the stub engine instead of this machine.")
]


def main() -> None:
    """Run a command; every error that is meant for a person is one line on stderr, never a trace."""
    try:
        app()
    except (ConfigError, SiteError, EngineUnavailable, catalogue.UnknownArchitectureError) as error:
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


@app.command()
def enroll(
    url: Annotated[str, typer.Argument(help="Address of the site, as in the browser.")],
    code: Annotated[str, typer.Argument(help="One-time code that `manage.py enrolment_code` prints on the site.")],
    name: Annotated[str, typer.Option(help="Name of this agent on the site.")] = "",
    simulated: Simulated = False,
    state: State = None,
) -> None:
    """Turn a one-time code into this agent's own token."""
    folder, client = _folder(state), SiteClient(url)
    request = _enrol_request(code, name or _host_name())
    with folder.locked():
        _refuse_to_strand_results(folder, client.site)
        answer = client.enrol(request)
        folder.save(
            Config(
                site=client.site,
                agent_id=answer.agent_id,
                name=answer.name,
                token=answer.token,
                is_simulated=simulated,
            )
        )
    out.print(f"Enrolled as {answer.name} ({answer.agent_id}). Next: zooboard-runner start")


def _enrol_request(code: str, name: str) -> wire.EnrolRequest:
    """Raises: typer.BadParameter that says what a name or a code may be."""
    try:
        return wire.EnrolRequest(code=code, name=name, runner_version=__version__)
    except ValidationError as error:
        if error.errors()[0]["loc"] == ("name",):
            raise typer.BadParameter(
                f"{name!r} is no name for an agent: take up to 100 letters, digits, dots, underscores and hyphens, "
                "a letter or digit first."
            ) from None
        raise typer.BadParameter("The code has 1 to 100 characters: copy it whole.") from None


@app.command()
def rotate(state: State = None) -> None:
    """Replace this agent's token by a new one; the old one ends at once."""
    folder = _folder(state)
    with folder.locked():
        config = folder.load()
        answer = SiteClient(config.site, config.token).rotate()
        folder.save(config.model_copy(update={"token": answer.token}))
    out.print(f"The token of {config.name} is replaced.")


@app.command()
def start(simulated: Simulated = False, state: State = None) -> None:
    """Execute runs until SIGTERM or Ctrl-C; a run in progress then goes back to the queue."""
    folder = _folder(state)
    with folder.locked():
        _agent(folder, simulated=simulated).serve()


@app.command()
def once(simulated: Simulated = False, state: State = None) -> None:
    """Execute at most one run, upload its result, and exit."""
    folder = _folder(state)
    with folder.locked():
        if not _agent(folder, simulated=simulated).serve_once():
            out.print("There is no run for this agent now.")


@app.command(name="doctor")
def examine(simulated: Simulated = False, state: State = None) -> None:
    """Say what works here, what is missing, and how to get it; exits 1 if something needed is."""
    folder = _folder(state)
    folder.create()
    is_fit = True
    for finding in doctor.examine(folder, simulated=simulated):
        is_fit = is_fit and (finding.is_ok or not finding.is_needed)
        mark = "[green]ok[/green]" if finding.is_ok else "[red]NO[/red]" if finding.is_needed else "[yellow]--[/yellow]"
        out.print(f"{mark}  {finding.subject:<20} {escape(finding.text)}")
    raise typer.Exit(0 if is_fit else 1)


@zoo_app.command(name="list")
def list_architectures() -> None:
    """Name the architectures, one a line."""
    for architecture in catalogue.ARCHITECTURES:
        print(architecture)


@zoo_app.command(name="build")
def build_architecture(
    name: Annotated[str, typer.Argument(help="Architecture, as `zoo list` names it.")],
    out_file: Annotated[Path | None, typer.Option("--out", help="File to write; by default NAME.onnx.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random weights.")] = 0,
) -> None:
    """Build an architecture with random weights as an ONNX file; the same name and seed give the same bytes."""
    path = out_file or Path(f"{name}.onnx")
    catalogue.find(name)
    built = catalogue.write(name, seed=seed, path=path)
    out.print(f"{path}  {built.size_bytes} bytes  sha256 {built.sha256}")


def _folder(state: Path | None) -> StateFolder:
    return StateFolder(state or default_state_dir())


def _refuse_to_strand_results(folder: StateFolder, site: str) -> None:
    """Results that wait for one site must not be sent to another.

    Raises: ConfigError.
    """
    waiting = len(Spool(folder.spool, folder.rejected).pending())
    if waiting and folder.config_file.exists() and folder.load().site != site:
        raise ConfigError(
            f"{waiting} results measured here for {folder.load().site} wait for upload. "
            "Run zooboard-runner once to send them, or enrol with another --state."
        )


def _agent(folder: StateFolder, *, simulated: bool) -> Agent:
    config = folder.load()
    console, drain = Console(), Drain()
    drain.on_signals(console.say)
    client = SiteClient(config.site, config.token)
    device = local_device(simulated or config.is_simulated)
    engines = ", ".join(engine.name for engine in device.engines)
    console.say(f"Agent {config.name} of {config.site} offers {device.kind_name} with {engines}.")
    return Agent(
        Workbench(
            client=client,
            spool=Spool(folder.spool, folder.rejected),
            artifacts=ArtifactCache(folder.artifacts, client, console.say),
            work=folder.work,
            devices=[device],
            drain=drain,
            console=console,
        )
    )


def _host_name() -> str:
    """The host's short name in the alphabet of names; `agent` where nothing of it is left."""
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in platform.node().split(".")[0])
    return kept.strip("-")[:100] or "agent"
