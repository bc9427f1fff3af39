"""Commands for the networks that this agent can build itself, and for those that others made."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn
from rich.table import Table

from runners.cli.console import out
from runners.zoo import building, catalogue, complexity, images, models, pdparams, published_weights
from runners.zoo.inspect import InspectedNetwork, InspectedWeights, inspect
from runners.zoo.refused import RefusedFileError

app = typer.Typer(help="The networks that this agent can build itself.", no_args_is_help=True)
inspect_app = typer.Typer()

EXPECTED_ERRORS = (
    building.BuildError,
    catalogue.UnknownArchitectureError,
    images.UnreadableImageError,
    pdparams.MismatchedWeightsError,
    pdparams.UnreadableWeightsError,
    published_weights.FetchError,
    RefusedFileError,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Name = Annotated[str, typer.Argument(help="Model, as `zoo list` names it.")]


@app.command(name="list")
def list_models(as_json: Json = False) -> None:
    """Show the models of the published tables: architecture, size, cost, and whether their weights are published."""
    rows = [_row(model) for model in models.MODELS.values()]
    if as_json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
        return
    if not out.is_terminal:
        # A line each, however wide the terminal is taken to be.
        out.width = max(out.width, 180)
    headings = ("model", "architecture", "family", "width", "params M", "MACs M", "weights")
    table = Table(*headings, box=None, pad_edge=False)
    for row in rows:
        counts = f"{row.params / 1e6:.3f}", f"{row.macs / 1e6:.2f}"
        weights = "published" if row.is_published else "not published"
        weights += f", {row.weights_note}" if row.weights_note else ""
        table.add_row(row.name, row.architecture, row.family, f"{row.width:g}", *counts, weights)
    out.print(table)


@app.command(name="build")
def build_model(
    name: Annotated[str | None, typer.Argument(help="Model, as `zoo list` names it.", show_default=False)] = None,
    all_into: Annotated[
        Path | None, typer.Option("--all", metavar="DIR", help="Build every architecture into this folder, random.")
    ] = None,
    weights: Annotated[Path | None, typer.Option(help="Weight file of PaddleClas, .pdparams; else random.")] = None,
    int8: Annotated[bool, typer.Option("--int8", help="Quantize: QDQ, weights per channel.")] = False,
    calibrate: Annotated[Path | None, typer.Option(help="Folder of images to calibrate int8 on.")] = None,
    out_file: Annotated[Path | None, typer.Option("--out", help="File to write; by default NAME.onnx.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of the random weights.")] = 0,
    as_json: Json = False,
) -> None:
    """Build a model as an ONNX file; with random weights the same name and seed give the same bytes."""
    if all_into is not None:
        if name or weights or int8 or calibrate or out_file:
            raise typer.BadParameter("--all builds every architecture with random weights: leave the rest out.")
        _build_all(all_into, seed=seed, as_json=as_json)
        return
    if name is None:
        raise typer.BadParameter("Name a model, or give --all DIR for every architecture.")
    model = models.find(name)
    suffix = "_int8" if int8 and not model.is_int8 else ""
    path = out_file or Path(f"{name}{suffix}.onnx")
    built = building.build_file(model, path, seed=seed, weights=weights, is_int8=int8, calibrate=calibrate)
    if as_json:
        print(built.model_dump_json())
        return
    _show_built(built)
    out.print(f"weights: {escape(built.weights)}")


def _build_all(folder: Path, *, seed: int, as_json: bool) -> None:
    """A file NAME.onnx for each architecture; as JSON an object a line, as soon as its file is there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise building.BuildError(f"{folder} cannot be made: {error.strerror}. Choose another folder.") from error
    for name in catalogue.ARCHITECTURES:
        built = building.build_file(models.find(name), folder / f"{name}.onnx", seed=seed)
        if as_json:
            print(built.model_dump_json(), flush=True)
        else:
            _show_built(built)


def _show_built(built: building.BuiltFile) -> None:
    out.print(f"{escape(built.file)}  {built.size_bytes} bytes  sha256 {built.sha256}")


@app.command(name="fetch")
def fetch_weights(
    name: Name,
    out_file: Annotated[Path | None, typer.Option("--out", help="By default the published file's name.")] = None,
) -> None:
    """Download the weights that PaddleClas publishes, or continue doing so; a file that is there is verified."""
    model = models.find(name)
    path = out_file or Path(Path(model.weights_path or name).name)
    columns = ("{task.description}", BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        task = progress.add_task(name, total=None)
        fetched = published_weights.fetch(
            model, path, on_progress=lambda done, total: progress.update(task, completed=done, total=total)
        )
    out.print(
        f"{escape(str(path))}  {fetched.size_bytes} bytes  sha256 {fetched.sha256}  {fetched.fetched_at:%Y-%m-%d}"
    )
    out.print(f"Next: zooboard-runner zoo build {name} --weights {escape(str(path))}")


@app.command(name="inspect")
@inspect_app.command(name="inspect")
def inspect_file(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="An .onnx or .pdparams file.")],
    input_shape: Annotated[
        str | None, typer.Option(help="Sizes for what the file leaves open, as 3,224,224.", metavar="C,H,W")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a network that somebody else made, in a process with limits, and say what it is."""
    try:
        inspected = inspect(path, input_shape=None if input_shape is None else _sizes(input_shape))
    except RefusedFileError as error:
        if not as_json:
            raise
        print(json.dumps({"refused": str(error)}))
        raise typer.Exit(1) from error
    if as_json:
        print(inspected.model_dump_json())
        return
    for key, value in _lines(inspected).items():
        out.print(f"{key:<14}{escape(value)}")


@dataclass(frozen=True)
class _Row:
    """A row of `zoo list`; `params` and `macs` are single parameters and multiply-accumulates."""

    name: str
    architecture: str
    family: str
    width: float
    precision: str
    params: int
    macs: int
    is_published: bool
    weights_note: str


def _row(model: models.Model) -> _Row:
    architecture = catalogue.find(model.architecture)
    counted = complexity.count(catalogue.outline(model.architecture))
    return _Row(
        name=model.name,
        architecture=model.architecture,
        family=architecture.family,
        width=architecture.width,
        precision="int8" if model.is_int8 else "fp32",
        params=counted.params,
        macs=counted.macs,
        is_published=model.weights_path is not None,
        weights_note=models.WEIGHTS_NOTES.get(model.name, ""),
    )


def _sizes(text: str) -> tuple[int, ...]:
    sizes = text.split(",")
    if len(sizes) != 3 or not all(size.isdecimal() and 0 < int(size) <= 8192 for size in sizes):
        raise typer.BadParameter(f"{text!r} are not three sizes of 1 to 8192, as in 3,224,224.")
    return tuple(int(size) for size in sizes)


def _lines(inspected: InspectedNetwork | InspectedWeights) -> dict[str, str]:
    """Names come from strangers, so each is shown as Python spells it, without control characters."""
    lines = {
        "file": f"{inspected.file!r}, {inspected.size_bytes:,} bytes, {inspected.format} {inspected.precision}",
        "sha256": inspected.sha256,
    }
    if isinstance(inspected, InspectedWeights):
        fits = ", ".join(inspected.architectures) or "no architecture of the catalogue"
        return lines | {"arrays": f"{inspected.tensors}, {inspected.values:,} values", "fits": fits}
    for kind, values in (("input", inspected.inputs), ("output", inspected.outputs)):
        lines[kind] = "; ".join(f"{value.name!r} {value.dtype} {value.shape}" for value in values)
    return lines | {
        "weights": inspected.weights or "the file does not say",
        "opset": f"{inspected.opset}, by {inspected.producer!r}",
        "counted": inspected.uncountable or _counted(inspected),
        "operators": ", ".join(f"{count} {name}" for name, count in inspected.operators.items()),
    }


def _counted(inspected: InspectedNetwork) -> str:
    return f"{inspected.params:,} parameters, {inspected.macs:,} MACs for {inspected.layout} {inspected.input_shape}"
