"""Which hardware an agent is to offer: what was found, what it can execute, and the question."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from runners import protocols
from runners.cli.console import out
from runners.config import ConfigError
from runners.hardware.base import Hardware
from runners.hardware.discovery import PROBES, Discovery, Search, look
from runners.wire import DeviceOffer

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Offer everything that works, without a question.")]
NoPhones = Annotated[bool, typer.Option("--no-phones", help="Do not look for phones.")]
NoGpus = Annotated[bool, typer.Option("--no-gpus", help="Do not look for GPUs.")]

NOTHING_WORKS = "Nothing here can execute a network: {reasons} See zooboard-runner doctor."
NOTHING_CHOSEN = "Nothing was chosen, so there is nothing to enrol. Choose at least one device."


def choose(search: Search, *, phones: bool, gpus: bool, ask: bool) -> tuple[str, ...]:
    """Show what is there and ask for each device that works whether to offer it; the keys of the chosen ones.

    Raises: ConfigError when nothing works or nothing was chosen.
    """
    wanted = [name for name in PROBES if (phones or name != "phone") and (gpus or name != "gpu")]
    found = look(search, wanted)
    offers = [(hardware, hardware.offer()) for hardware in found.hardware]
    _show(offers, found)
    working = [(hardware, offer) for hardware, offer in offers if offer is not None]
    if not working:
        raise ConfigError(NOTHING_WORKS.format(reasons=" ".join(found.absent.values()) or "see above."))
    chosen = tuple(hardware.key for hardware, offer in working if not ask or _is_wanted(hardware, offer))
    if not chosen:
        raise ConfigError(NOTHING_CHOSEN)
    return chosen


def is_interactive() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()


def _is_wanted(hardware: Hardware, offer: DeviceOffer) -> bool:
    note = " (simulated)" if offer.is_simulated else ""
    return typer.confirm(f"Offer {hardware.label}{note}?", default=True)


def _show(offers: Sequence[tuple[Hardware, DeviceOffer | None]], found: Discovery) -> None:
    """The table, and below it what is missing; a pipe gets the same text without colour."""
    table = Table(box=None, pad_edge=False)
    for heading in ("hardware", "engines", "protocols"):
        table.add_column(heading, overflow="fold")
    for hardware, offer in offers:
        if offer is not None:
            table.add_row(escape(_title(hardware, offer)), _engines(offer), _protocols(offer))
    if table.row_count:
        out.print(table)
    for hardware, offer in offers:
        if offer is None:
            for finding in hardware.findings():
                if not finding.is_ok:
                    out.print(escape(f"{finding.subject}: {finding.text}"))
    for category, reason in found.absent.items():
        out.print(escape(f"{category}: {reason}"))


def _title(hardware: Hardware, offer: DeviceOffer) -> str:
    return hardware.label + (" (simulated)" if offer.is_simulated else "")


def _engines(offer: DeviceOffer) -> str:
    return escape(", ".join(f"{engine.name} {engine.release}" for engine in offer.engines))


def _protocols(offer: DeviceOffer) -> str:
    named = protocols.for_device(offer)
    return escape(", ".join(named)) if named else "those that the site has for this kind"
