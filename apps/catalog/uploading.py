"""Taking in networks in formats that neither site nor agent makes of an ONNX file: they come from a phone's owner."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from apps.accounts.actions import record_audit
from apps.accounts.models import User
from apps.catalog.actions import store_artifact
from apps.catalog.models import Artifact, Network
from apps.core.errors import Conflict, InvalidInput
from runners import wire

SUFFIXES = {"paddle-lite": (".nb", ".pdmodel", ".pdiparams"), "tflite": (".tflite",)}
"""Format -> what the names of its files end in."""
TFLITE_MARK = slice(4, 8), b"TFL3"
"""Source: `file_identifier` of TensorFlow Lite's schema.fbs."""
MAX_FILE_BYTES = 256 * 1024 * 1024
"""More than five times the largest network of the published tables."""


@transaction.atomic
def upload_artifact(
    *,
    model: str,
    format: str,
    precision: str,
    weights: str,
    files: Mapping[str, bytes],
    sha256: str,
    by: User,
    at: datetime,
) -> Artifact:
    """Store the files for the model's architecture, whose siblings share them; the same files again do no harm.

    `sha256` is that of the manifest, as the sender computed it. Raises InvalidInput, Conflict, with nothing stored.
    """
    network = _network(model, precision)
    _check_files(files, format)
    arrived = _manifest_sha256(files, format=format, precision=precision)
    if arrived != sha256:
        raise _invalid("sha256", f"What arrived is {arrived}, and not {sha256}: send it again.")
    _check_alone(arrived, network, format, by=by)
    artifact = store_artifact(
        architecture=network.architecture,
        network=None,
        format=format,
        precision=precision,
        weights=weights,
        files=files,
        is_uploaded=True,
        at=at,
    )
    record_audit(actor=by, action="artifact.upload", subject=artifact.sha256, at=at, model=model)
    return artifact


def _network(name: str, precision: str) -> Network:
    network = Network.objects.select_related("architecture").filter(name=name).first()
    if network is None:
        raise _invalid("model", f"There is no model {name!r}; /api/v1/models/ lists them.")
    if network.precision != precision:
        raise _invalid("precision", f"{name} is {network.precision}, not {precision}: send a file of that precision.")
    return network


def _check_files(files: Mapping[str, bytes], format: str) -> None:
    if format not in SUFFIXES:
        raise _invalid("format", f"format={format!r} cannot be uploaded here. Valid: {', '.join(SUFFIXES)}.")
    if not files:
        raise _invalid(
            "format", f"Send the network's files too, each under its own name: {', '.join(SUFFIXES[format])}."
        )
    for name, content in files.items():
        if not name.endswith(SUFFIXES[format]):
            raise _invalid(name, f"A {format} artifact has files of {', '.join(SUFFIXES[format])}, not {name}.")
        place, mark = TFLITE_MARK
        if not content or (format == "tflite" and content[place] != mark):
            raise _invalid(name, f"{name} is no {format} network.")


def _manifest_sha256(files: Mapping[str, bytes], *, format: str, precision: str) -> str:
    entries = [
        wire.ArtifactFile(name=name, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))
        for name, content in files.items()
    ]
    return wire.manifest_sha256(format=format, precision=precision, files=entries)


def _check_alone(sha256: str, network: Network, format: str, *, by: User) -> None:
    """Nobody can look into these formats: only an administrator may replace what others measure with."""
    same = Artifact.objects.filter(sha256=sha256).first()
    if same is not None and same.architecture_id != network.architecture_id:
        raise Conflict(f"These files are artifact {sha256[:12]} already, and not {network.name}'s.")
    alike = Artifact.objects.filter(
        architecture=network.architecture, network=None, format=format, precision=network.precision
    )
    other = alike.exclude(sha256=sha256).first()
    if other is not None and not by.is_staff:
        raise Conflict(
            f"{network.name} has {format} artifact {other.sha256[:12]} already: ask an administrator to replace it."
        )


def _invalid(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, [{"field": field, "message": message}])
