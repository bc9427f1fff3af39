"""Accuracy without a site, and the datasets of this machine."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.markup import escape

from runners import protocols, record, report, subject, wire
from runners.accuracy import labels
from runners.accuracy.datasets import open_images
from runners.accuracy.labels import DatasetError
from runners.accuracy.preparation import PRESETS, image_shape
from runners.accuracy.registry import DatasetRegistry
from runners.accuracy.report import dataset_text
from runners.cli.console import State, out, state_folder
from runners.cli.measure import DEFAULT_ENGINE, check_target, default_path, notes, progress_bar, stoppable
from runners.engines import get_engine
from runners.machine import local_device
from runners.orders import DatasetSource
from runners.scratch import scratch_folder

app = typer.Typer()
dataset_app = typer.Typer(no_args_is_help=True, help="Labelled images of this machine, for accuracies.")

EXPECTED_ERRORS = (DatasetError,)

Task = Annotated[str, typer.Option(help="What the labels are labels of.")]
Classes = Annotated[int, typer.Option(min=2, max=100_000, help="How many classes the task has.")]
ListFile = Annotated[Path | None, typer.Option("--list", help="Lines `path label`, paths as seen from the folder.")]


@dataset_app.command()
def add(
    name: Annotated[str, typer.Argument(help="What runs call these images.")],
    path: Annotated[Path, typer.Argument(help="Folder that has them.")],
    list_file: ListFile = None,
    task: Task = labels.TASK,
    classes: Classes = labels.CLASSES,
    state: State = None,
) -> None:
    """Register a folder of labelled images under a name; the site learns the name, the number and a digest only."""
    offer = _registry(state).add(_source(name, path, list_file, task=task, classes=classes))
    out.print(escape(dataset_text(offer)))
    out.print(f"{offer.classes:,} classes, digest {offer.sha256}")


@dataset_app.command(name="list")
def list_all(state: State = None) -> None:
    """Show the registered datasets and the built-in ones."""
    registry = _registry(state)
    for each in registry.registered():
        out.print(f"{escape(dataset_text(each.offer))}; {escape(str(each.source.folder))}")
    for offer in registry.built_in():
        out.print(f"{escape(offer.name)}: built in, {offer.images:,} images of {escape(offer.task)}")


@dataset_app.command()
def remove(name: str, state: State = None) -> None:
    """Forget a registered dataset; its images stay where they are."""
    _registry(state).remove(name)
    out.print(f"{escape(name)} is no longer registered; its images are untouched.")


@app.command()
def accuracy(
    named: Annotated[str, typer.Argument(metavar="FILE.onnx", help="A file, or a model as `zoo list` names it.")],
    images: Annotated[Path | None, typer.Option(help="Folder of labelled images.")] = None,
    list_file: ListFile = None,
    dataset: Annotated[str, typer.Option(help="A registered or built-in dataset, instead of --images.")] = "",
    preparation: Annotated[Path | None, typer.Option(help="Input preparation, JSON.")] = None,
    preset: Annotated[str, typer.Option(help=f"Known input preparation: {', '.join(PRESETS)}.")] = "",
    engine: Annotated[str, typer.Option(help="Software that executes it.")] = DEFAULT_ENGINE,
    weights: Annotated[Path | None, typer.Option(help="Weight file of PaddleClas, .pdparams, for a model.")] = None,
    model: Annotated[str | None, typer.Option(help="What the site calls the model in the file.")] = None,
    batch: Annotated[int, typer.Option(min=1, max=1024, help="Images per inference.")] = 8,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")] = False,
    out_file: Annotated[Path | None, typer.Option("--out", help="Record to write, .json.gz.")] = None,
    state: State = None,
) -> None:
    """Count how many labelled images a network classifies right, without a site, and keep the record in a file.

    Exit codes: 0 measured; 1 could not be measured, stderr says why; 2 wrong usage; 130 stopped by Ctrl-C.
    """
    check_target(out_file)
    how = _preparation(preparation, preset)
    source = _chosen(images, list_file, dataset, state)
    made = measured(
        named,
        source,
        how,
        engine=engine,
        kept_in=state_folder(state).evaluations,
        batch_size=batch,
        weights=weights,
        model=model,
    )
    path = out_file or default_path(made)
    record.write(path, made)
    if as_json:
        print(json.dumps(report.as_json(made, file=str(path), threads=1)))
        return
    out.print(escape(report.table(made, threads=1)))
    out.print(f"Record: {escape(str(path))}. Send it in with: zooboard-runner submit {escape(str(path))}")


def measured(
    named: str,
    source: DatasetSource,
    how: wire.InputPreparation,
    *,
    engine: str,
    kept_in: Path,
    batch_size: int = 8,
    weights: Path | None = None,
    model: str | None = None,
) -> wire.SubmissionRequest:
    """What the command `accuracy` measures, with progress on stderr.

    In `kept_in` stays what an interrupted call needs to go on, and of one that ended well nothing.

    Raises: `DatasetError` and what `runners.cli.measure.measured` raises.
    """
    device = local_device(get_engine(engine).is_simulated, [engine])
    dataset = open_images(source).offer()
    protocol = protocols.accuracy(dataset.task, batch_size=batch_size)
    with (
        stoppable("Stopped. The same command goes on after the images that are done.") as stopped,
        scratch_folder("zooboard-accuracy-") as scratch,
    ):
        folder = scratch / "artifact"
        folder.mkdir()
        chosen = _with_input(subject.prepare(named, folder, weights=weights, model=model), how)
        notes.print(escape(dataset_text(dataset)))
        kept = kept_in / chosen.artifact.sha256
        with progress_bar(f"{chosen.model} · {protocol.slug} · {engine}", dataset.images) as on_progress:
            made = record.measure(
                chosen,
                protocol,
                engine=engine,
                device=device,
                work_dir=scratch / "work",
                on_progress=on_progress,
                should_stop=stopped,
                kept_dir=kept,
                dataset=dataset,
                images=source,
            )
        shutil.rmtree(kept, ignore_errors=True)
        return made


def _with_input(chosen: subject.Subject, how: wire.InputPreparation) -> subject.Subject:
    artifact = chosen.artifact.model_copy(update={"input": how})
    return subject.Subject(chosen.model, artifact, chosen.folder, list(image_shape(how)), chosen.note)


def _preparation(path: Path | None, preset: str) -> wire.InputPreparation:
    """Raises: typer.BadParameter, `DatasetError` for a file that states none."""
    if (path is None) == (not preset) or (preset and preset not in PRESETS):
        names = ", ".join(PRESETS)
        raise typer.BadParameter(f"Say how images become the network's input: --preset {names}, or --preparation FILE.")
    if path is None:
        return PRESETS[preset]
    try:
        return wire.InputPreparation.model_validate_json(path.read_bytes())
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}. Give a JSON file.") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the JSON"
        raise DatasetError(f"{path} is no input preparation: {field}: {first['msg']}.") from error


def _chosen(images: Path | None, list_file: Path | None, dataset: str, state: Path | None) -> DatasetSource:
    if (images is None) == (not dataset):
        raise typer.BadParameter("Say which images: --images FOLDER, or --dataset NAME of a registered one.")
    if images is not None:
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", images.resolve().name).strip("._-")[:100] or "images"
        return _source(name, images, list_file, task=labels.TASK, classes=labels.CLASSES)
    source = _registry(state).source(dataset)
    if source is None:
        raise DatasetError(f"There is no dataset {dataset!r} here: see `dataset list`, or use `dataset add`.")
    return source


def _source(name: str, folder: Path, list_file: Path | None, *, task: str, classes: int) -> DatasetSource:
    absolute = list_file.resolve() if list_file else None
    try:
        return DatasetSource(name=name, task=task, classes=classes, folder=folder.resolve(), list_file=absolute)
    except ValidationError:
        raise DatasetError(
            f"{name!r} or {task!r} is no name: take letters, digits, dots, underscores and hyphens, a letter or digit "
            "first."
        ) from None


def _registry(state: Path | None) -> DatasetRegistry:
    folder = state_folder(state)
    folder.create()
    return DatasetRegistry(folder.datasets_file)
