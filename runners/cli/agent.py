"""Commands of the registered agent: enrol it, let it work, see whether it can."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import closing
from typing import Annotated

import typer
from pydantic import ValidationError

from runners import __version__, doctor, wire
from runners.accuracy.registry import DatasetRegistry
from runners.agent import Agent
from runners.artifacts import ArtifactCache
from runners.attempt import Workbench
from runners.cli.console import Busy, Simulated, State, out, state_folder
from runners.cli.doctor import show
from runners.cli.hardware import NoGpus, NoPhones, Yes, choose, is_interactive
from runners.client import SiteClient
from runners.config import Config, ConfigError, StateFolder
from runners.console import Console
from runners.drain import Drain
from runners.hardware.discovery import Search, discover
from runners.hardware.roster import Roster
from runners.hardware.suspects import Suspects
from runners.machine import chosen_engines
from runners.quiet import BusyHost
from runners.spool import Spool

app = typer.Typer()


@app.command()
def enroll(
    url: Annotated[str, typer.Argument(help="Address of the site, as in the browser.")],
    code: Annotated[
        str, typer.Argument(help="One-time code. The site's page /agents shows the whole line, with address and code.")
    ],
    name: Annotated[str, typer.Option(help="Name of this agent on the site.")] = "",
    engine: Annotated[
        list[str] | None,
        typer.Option(
            help="Engine of this machine's CPU to offer; may be repeated. Default: every one that works here."
        ),
    ] = None,
    yes: Yes = False,
    no_phones: NoPhones = False,
    no_gpus: NoGpus = False,
    simulated: Simulated = False,
    state: State = None,
) -> None:
    """Turn a one-time code into this agent's own token, after a look at the hardware and the choice of what to offer.

    Without a terminal, everything that works is offered.
    """
    folder = state_folder(state)
    request = _enrol_request(code, name or _host_name())
    engines = None if simulated else chosen_engines(engine or [])
    with closing(SiteClient(url)) as client, folder.locked():
        _refuse_to_strand_results(folder, client.site)
        # Asked before the code is used: it is good for one call.
        search = Search(folder, is_simulated=simulated, engines=engines)
        chosen = choose(search, phones=not no_phones, gpus=not no_gpus, ask=is_interactive() and not yes)
        answer = client.enrol(request)
        folder.save(
            Config(
                site=client.site,
                agent_id=answer.agent_id,
                name=answer.name,
                token=answer.token,
                is_simulated=simulated,
                engines=engines,
                chosen=chosen,
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
    folder = state_folder(state)
    with folder.locked():
        config = folder.load()
        with closing(SiteClient(config.site, config.token)) as client:
            folder.save_token(client.rotate().token)
    out.print(f"The token of {config.name} is replaced.")


@app.command(name="choose")
def choose_again(yes: Yes = False, no_phones: NoPhones = False, no_gpus: NoGpus = False, state: State = None) -> None:
    """Look at the hardware again and ask anew what to offer, for an agent that is enrolled."""
    folder = state_folder(state)
    with folder.locked():
        config = folder.load()
        search = Search(folder, is_simulated=config.is_simulated, engines=config.engines)
        chosen = choose(search, phones=not no_phones, gpus=not no_gpus, ask=is_interactive() and not yes)
        folder.save(config.model_copy(update={"chosen": chosen}))
    out.print(f"{config.name} offers {len(chosen)} device{'s' if len(chosen) > 1 else ''} from the next start on.")


@app.command()
def start(simulated: Simulated = False, busy_host: Busy = BusyHost.FLAG, state: State = None) -> None:
    """Execute runs until SIGTERM or Ctrl-C; a run in progress then goes back to the queue."""
    folder = state_folder(state)
    with folder.locked():
        _agent(folder, simulated=simulated, busy_host=busy_host).serve()


@app.command()
def once(simulated: Simulated = False, busy_host: Busy = BusyHost.FLAG, state: State = None) -> None:
    """Execute at most one run, upload its result, and exit."""
    folder = state_folder(state)
    with folder.locked():
        if not _agent(folder, simulated=simulated, busy_host=busy_host).serve_once():
            out.print("There is no run for this agent now.")


@app.command(name="doctor")
def examine(
    simulated: Simulated = False,
    accuracy: Annotated[
        bool, typer.Option("--accuracy", help="Also classify 300 rendered lines of text by a trained network.")
    ] = False,
    state: State = None,
) -> None:
    """Say what works here, what is missing, and how to get it; exits 1 if something needed is."""
    folder = state_folder(state)
    folder.create()
    is_fit = show(doctor.examine(folder, simulated=simulated))
    # Printed after the quick findings, because it takes its time.
    if accuracy:
        is_fit = show([doctor.examine_accuracy()]) and is_fit
    raise typer.Exit(0 if is_fit else 1)


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


def _agent(folder: StateFolder, *, simulated: bool, busy_host: BusyHost) -> Agent:
    config = folder.load()
    if simulated:
        config = config.model_copy(update={"is_simulated": True})
    roster = _roster(config, folder)
    console, drain = Console(), Drain()
    drain.on_signals(console.say)
    client = SiteClient(config.site, config.token)
    for line in _offered(roster):
        console.say(f"Agent {config.name} of {config.site} offers {line}.")
    return Agent(
        Workbench(
            client=client,
            spool=Spool(folder.spool, folder.rejected),
            artifacts=ArtifactCache(folder.artifacts, client, console.say),
            work=folder.work,
            roster=roster,
            drain=drain,
            console=console,
            busy_host=busy_host,
            datasets=DatasetRegistry(folder.datasets_file),
            save_token=folder.save_token,
        )
    )


def _roster(config: Config, folder: StateFolder) -> Roster:
    """The chosen hardware. Raises: ConfigError when there is none, not even a phone that may come."""
    found = discover(config, folder)
    if not found.hardware:
        reasons = " ".join(found.absent.values()) or "none of what was chosen is there any more."
        raise ConfigError(f"This agent has no hardware: {reasons} Choose again with: zooboard-runner choose")
    return Roster(found.hardware, Suspects(folder.suspects_file))


def _offered(roster: Roster) -> Iterator[str]:
    for offer in roster.offers():
        note = " (simulated)" if offer.is_simulated and offer.category != "cpu" else ""
        yield f"{offer.kind_name}{note} with {', '.join(engine.name for engine in offer.engines)}"


def _host_name() -> str:
    """The host's short name in the alphabet of names; `agent` where nothing of it is left."""
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in platform.node().split(".")[0])
    return kept.strip("-")[:100] or "agent"
