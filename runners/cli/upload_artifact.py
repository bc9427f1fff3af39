"""`upload-artifact`: a network as a phone's program loads it, where neither site nor agent can make it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from runners.cli.console import State, out, state_folder
from runners.client import SiteClient
from runners.tools.artifact_files import UPLOADED_FORMATS, uploadable
from runners.tools.base import Precision

app = typer.Typer()


@app.command(name="upload-artifact")
def upload_artifact(
    model: Annotated[str, typer.Argument(help="What the site calls the model.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=f"Of one network: {UPLOADED_FORMATS}.")],
    precision: Annotated[Precision, typer.Option(help="In which the network executes.")] = "fp32",
    weights: Annotated[str, typer.Option(help="Where the weights come from; stands at every result.")] = "not stated",
    state: State = None,
) -> None:
    """Give a model its artifact for Paddle-Lite or TFLite, so that its runs need not wait for one.

    The site checks that it arrived whole. Only agents whose owner lets them execute uploads will take it.
    """
    config = state_folder(state).load()
    artifact = uploadable(files, precision)
    fields = {
        "model": model,
        "format": artifact.format,
        "precision": precision,
        "weights": weights,
        "sha256": artifact.sha256,
    }
    with closing(SiteClient(config.site, config.token)) as client:
        answer = client.upload_artifact(files, fields)
    out.print(f"{model} has {artifact.format} artifact {answer.sha256}.")
