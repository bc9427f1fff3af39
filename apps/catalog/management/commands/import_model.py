"""Import an ONNX classifier as an artifact of a model, which is made where it is missing, and print its sha256."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.catalog.importing import NOT_STATED, NewFamily, import_model, read_preparation
from apps.catalog.inspection import FILE_NAME, NETWORK_FILE, inspect_file
from apps.catalog.models import Precision
from apps.core.errors import UserError
from runners.statistics.stated_weights import accuracy_refusal


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the model: one of the catalogue, or a new one")
        parser.add_argument("file", type=Path, help="the network as ONNX; tensors in files of their own lie beside it")
        parser.add_argument("--family", default="", help="of a new model; with title, organisation and year a new one")
        parser.add_argument("--family-title", default="")
        parser.add_argument("--organisation", default="")
        parser.add_argument("--year", type=int)
        parser.add_argument("--task", default="", help="what it is asked to do; by default imagenet1k")
        parser.add_argument("--weights", default=NOT_STATED, help="where the weights come from")
        parser.add_argument("--preparation", type=Path, help="JSON file that says how an image becomes its input")
        parser.add_argument("--precision", choices=Precision.values, default="")

    def handle(self, *args: Any, **options: Any) -> None:
        preparation = options["preparation"]
        try:
            artifact = import_model(
                name=options["name"],
                files=_files(options["file"]),
                family=options["family"],
                new_family=_new_family(options),
                task=options["task"],
                weights=options["weights"][:300],
                precision=options["precision"],
                preparation=read_preparation(_read(preparation)) if preparation else None,
                is_uploaded=False,
                at=timezone.now(),
            )
        except UserError as exc:
            raise CommandError(exc.detail) from None
        self.stdout.write(artifact.sha256)
        if refusal := accuracy_refusal(artifact.weights_kind):
            self.stderr.write(refusal)


def _files(path: Path) -> dict[str, bytes]:
    """The network under the name that artifacts give it, and the files that hold some of its tensors."""
    files = {NETWORK_FILE: _read(path)}
    for external in inspect_file(path).get("external_files", []):
        if not FILE_NAME.fullmatch(external["name"]):
            raise CommandError(f"{external['name']} cannot name a file of an artifact: put it beside {path.name}.")
        files[external["name"]] = _read(path.parent / external["name"])
    return files


def _new_family(options: dict[str, Any]) -> NewFamily | None:
    if not options["family_title"] or options["year"] is None:
        return None
    return NewFamily(options["family_title"], options["organisation"], options["year"])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise CommandError(f"Cannot read {path}: {exc.strerror}.") from None
