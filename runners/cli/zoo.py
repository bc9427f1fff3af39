"""Commands for the networks that this agent can build itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from runners.cli.console import out
from runners.zoo import catalogue

app = typer.Typer(help="The networks that this agent can build itself.", no_args_is_help=True)


@app.command(name="list")
def list_architectures() -> None:
    """Name the architectures, one a line."""
    for architecture in catalogue.ARCHITECTURES:
        print(architecture)


@app.command(name="build")
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
