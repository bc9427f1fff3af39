"""Store an ONNX file as a catalogue artifact of an architecture, and print its sha256."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.catalog.actions import store_artifact
from apps.catalog.models import Architecture, Precision

FILE_NAME = "model.onnx"


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--architecture", required=True)
        parser.add_argument("--precision", choices=Precision.values, default=Precision.FP32)
        parser.add_argument("--weights", required=True, help="where the weights come from, or `random`")

    def handle(self, *args: Any, **options: Any) -> None:
        architecture = Architecture.objects.filter(name=options["architecture"]).first()
        if architecture is None:
            raise CommandError(f"There is no architecture {options['architecture']!r}; /api/v1/models/ lists them.")
        try:
            data = options["file"].read_bytes()
        except OSError as exc:
            raise CommandError(f"Cannot read {options['file']}: {exc.strerror}.") from None
        artifact = store_artifact(
            architecture=architecture,
            network=None,
            format="onnx",
            precision=options["precision"],
            weights=options["weights"],
            files={FILE_NAME: data},
            is_uploaded=False,
            at=timezone.now(),
        )
        self.stdout.write(artifact.sha256)
