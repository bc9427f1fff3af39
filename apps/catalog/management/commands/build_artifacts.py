"""Build the int8 artifacts that are missing; may be repeated. One that fails leaves its runs waiting with a reason."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.catalog.building import CannotBuild, build_artifact, networks_without_artifact


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        for network in networks_without_artifact():
            try:
                artifact = build_artifact(network=network, at=timezone.now())
            except CannotBuild as exc:
                self.stderr.write(f"cannot build the int8 artifact of {network.name}: {exc}")
            else:
                self.stdout.write(f"built the int8 artifact of {network.name}: {artifact.sha256[:12]}")
