"""Artifacts that the site makes itself, because no recipe gives the same bytes on every machine: int8 networks."""

import json
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import Q

from apps.catalog.actions import store_artifact
from apps.catalog.inspection import NETWORK_FILE
from apps.catalog.models import Artifact, Network, Precision

TIMEOUT_S = 900


class CannotBuild(Exception):
    """The builder refused or failed; `str()` is its last line."""


def networks_without_artifact() -> list[Network]:
    """The int8 models that nothing can be measured of yet."""
    int8 = Network.objects.filter(precision=Precision.INT8).select_related("architecture")
    return [network for network in int8 if not _has_artifact(network)]


def _has_artifact(network: Network) -> bool:
    usable = Q(network=network) | Q(network=None, architecture=network.architecture)
    return Artifact.objects.filter(usable, precision=Precision.INT8).exists()


def build_artifact(*, network: Network, at: datetime) -> Artifact:
    """Quantise the network's architecture and store it for all of its int8 models. Raises CannotBuild."""
    with tempfile.TemporaryDirectory(prefix="zooboard-build-") as folder:
        file = Path(folder) / NETWORK_FILE
        stated = _build(network.architecture.name, file)
        content = file.read_bytes()
    return store_artifact(
        architecture=network.architecture,
        # Its weights are nobody's own: like every architecture's artifact it serves speed and size.
        network=None,
        format="onnx",
        precision=Precision.INT8,
        weights=str(stated["weights"])[:300],
        files={NETWORK_FILE: content},
        is_uploaded=False,
        at=at,
    )


def _build(architecture: str, file: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "runners", "zoo", "build", architecture, "--int8", "--json", "--out", str(file)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        raise CannotBuild(f"it took more than {TIMEOUT_S} s") from None
    if done.returncode != 0 or not file.is_file():
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise CannotBuild(lines[-1] if lines else f"exit code {done.returncode}")
    try:
        stated: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise CannotBuild("the builder did not say what it built") from None
    return stated
