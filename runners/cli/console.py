"""What the commands share: where they print, and the options that several of them take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from runners.config import STATE_VARIABLE, StateFolder, default_state_dir
from runners.quiet import BusyHost

out = Console(highlight=False, soft_wrap=True)

State = Annotated[
    Path | None,
    typer.Option("--state", envvar=STATE_VARIABLE, help="State folder: token, spooled results, artifacts."),
]
Simulated = Annotated[
    bool, typer.Option("--simulated", help="Offer a simulated device with the stub engine instead of this machine.")
]

Busy = Annotated[
    BusyHost,
    typer.Option(
        "--busy-host",
        help="When other programs use the cores: measure and flag the value, or wait up to 5 minutes and then refuse.",
    ),
]


def state_folder(state: Path | None) -> StateFolder:
    return StateFolder(state or default_state_dir())
