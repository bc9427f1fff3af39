"""Artifacts that the site makes itself: int8 networks, which no recipe gives alike on every machine, and files with a
recipe for agents that cannot follow it.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Q

from apps.catalog.actions import store_artifact, store_bytes
from apps.catalog.inspection import NETWORK_FILE
from apps.catalog.models import Artifact, ArtifactFile, Network, Precision
from runners import wire

TIMEOUT_S = 900
RECIPE_TIMEOUT_S = 60
"""Somebody waits for the file; the largest takes a few seconds."""


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
        stated = _build(network.architecture.name, file, "--int8", timeout_s=TIMEOUT_S)
        content = file.read_bytes()
    return store_artifact(
        architecture=network.architecture,
        # Its weights are nobody's own: like every architecture's artifact it serves speed and size.
        network=None,
        format="onnx",
        precision=Precision.INT8,
        weights=str(stated["weights"])[:300],
        weights_kind=wire.WeightsKind(stated["weights_kind"]),
        files={NETWORK_FILE: content},
        is_uploaded=False,
        at=at,
    )


@transaction.atomic
def build_from_recipe(file: ArtifactFile) -> None:
    """Make the file by its artifact's recipe and keep it, so that only the first who asks waits for it.

    Raises CannotBuild where there is no recipe, and where it gives other bytes here.
    """
    # Agents ask for the same network at the same moment: one builds, the others wait and find it.
    locked = ArtifactFile.objects.select_for_update(of=("self",)).select_related("artifact").get(pk=file.pk)
    if storages["artifacts"].exists(locked.storage_name):
        return
    recipe = locked.artifact.recipe
    if recipe is None:
        raise CannotBuild("it has no recipe")
    content = _built(recipe["architecture"], seed=recipe["seed"])
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != locked.sha256:
        raise CannotBuild(f"its recipe gives sha256 {sha256} here")
    store_bytes(sha256, content)


def _built(architecture: str, *, seed: int) -> bytes:
    with tempfile.TemporaryDirectory(prefix="zooboard-build-") as folder:
        path = Path(folder) / NETWORK_FILE
        _build(architecture, path, "--seed", str(seed), timeout_s=RECIPE_TIMEOUT_S)
        return path.read_bytes()


def _build(architecture: str, file: Path, *options: str, timeout_s: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "runners", "zoo", "build", architecture, "--json", "--out", str(file), *options]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        raise CannotBuild(f"it took more than {timeout_s} s") from None
    if done.returncode != 0 or not file.is_file():
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise CannotBuild(lines[-1] if lines else f"exit code {done.returncode}")
    try:
        stated: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise CannotBuild("the builder did not say what it built") from None
    return stated
