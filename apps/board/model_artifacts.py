"""The files of a model, and of the architecture that it shares."""

from typing import Any

from django.core.files.storage import storages
from django.db.models import Q
from django.urls import reverse

from apps.catalog.models import Artifact, ArtifactFile, Network

MIB = 1024 * 1024
MOST_SHOWN = 20


def usable_artifacts(network: Network) -> list[Artifact]:
    """Those of its own weights first, then its architecture's in the precision that it has; newest first."""
    shared = Q(network=None, architecture=network.architecture, precision=network.precision)
    found = Artifact.objects.filter(Q(network=network) | shared).prefetch_related("files")
    return list(found.order_by("network_id", "-id")[:MOST_SHOWN])


def artifact_row(artifact: Artifact, network: Network) -> dict[str, Any]:
    return {
        "sha256": artifact.sha256,
        "format": artifact.format,
        "precision": artifact.get_precision_display(),
        "weights": artifact.weights,
        "needs_account": artifact.is_uploaded,
        "is_own": artifact.network_id == network.pk,
        "builder": (artifact.recipe or {}).get("builder", ""),
        "created_at": artifact.created_at,
        "files": [_file_row(artifact, file) for file in artifact.files.all()],
    }


def _file_row(artifact: Artifact, file: ArtifactFile) -> dict[str, Any]:
    """`url` is empty for a file that the site does not store, because whoever needs it builds it."""
    is_stored = storages["artifacts"].exists(file.storage_name)
    return {
        "name": file.name,
        "sha256": file.sha256,
        "size_bytes": file.size_bytes,
        "size": f"{file.size_bytes / MIB:,.2f} MiB",
        "url": reverse("artifact-file", args=[artifact.sha256, file.name]) if is_stored else "",
    }
