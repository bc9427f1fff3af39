"""What changes the catalogue."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.utils.text import slugify

from apps.catalog.fixtures import read_fixture
from apps.catalog.models import (
    Architecture,
    Artifact,
    ArtifactFile,
    Comparability,
    Configuration,
    Dataset,
    DeviceKind,
    Family,
    Network,
    Protocol,
)
from apps.catalog.models.protocol import ProtocolKind
from apps.core.errors import InvalidInput
from runners import wire


class ProtocolChanged(Exception):
    """A fixture changes a version of a protocol that stands already."""


@transaction.atomic
def load_catalogue(*, at: datetime) -> None:
    """Bring the catalogue to what the fixtures say; may be repeated. Raises ProtocolChanged."""
    families = _load_families(read_fixture("families.json"))
    _load_networks(read_fixture("networks.json"), families)
    kinds = _load_device_kinds(read_fixture("device_kinds.json")["kinds"])
    _load_datasets(read_fixture("datasets.json"))
    protocols = read_fixture("protocols.json")
    for row in protocols["protocols"]:
        _load_protocol(row, kinds)
    for row in protocols["comparabilities"]:
        Comparability.objects.update_or_create(
            first=row["first"],
            second=row["second"],
            metric=row.get("metric", ""),
            defaults={"verdict": row["verdict"], "sentence": row["sentence"]},
        )
    for row in read_fixture("artifacts.json"):
        _load_artifact(row, at=at)


def _load_families(rows: Sequence[Mapping[str, Any]]) -> dict[str, Family]:
    families = {}
    for position, row in enumerate(rows):
        values = {key: value for key, value in row.items() if key != "slug"}
        families[row["slug"]], _ = Family.objects.update_or_create(
            slug=row["slug"], defaults={**values, "position": position}
        )
    return families


def _load_networks(rows: Sequence[Mapping[str, Any]], families: Mapping[str, Family]) -> None:
    networks: dict[str, Network] = {}
    counted = {row.pop("architecture"): row for row in read_fixture("architectures.json")}
    for row in sorted(rows, key=lambda row: row["base"] is not None):
        family = families[row["family"]]
        architecture, _ = Architecture.objects.update_or_create(
            name=row["architecture"], defaults={"family": family, **counted.get(row["architecture"], {})}
        )
        values = {
            key: row[key] for key in ("short", "width_multiplier", "activation", "recipe", "precision", "position")
        }
        related = {"family": family, "architecture": architecture, "base": networks.get(row["base"] or "")}
        networks[row["name"]], _ = Network.objects.update_or_create(name=row["name"], defaults={**values, **related})


def _load_device_kinds(rows: Sequence[Mapping[str, Any]]) -> dict[str, DeviceKind]:
    return {
        row["slug"]: DeviceKind.objects.update_or_create(
            slug=row["slug"], defaults={key: value for key, value in row.items() if key != "slug"}
        )[0]
        for row in rows
    }


def _load_datasets(rows: Sequence[Mapping[str, Any]]) -> None:
    for row in rows:
        values = {key: value for key, value in row.items() if key != "task"}
        Dataset.objects.update_or_create(task=row["task"], defaults=values)


_PROSE = {"title", "description", "source"}
_GROWING = {"engines", "metrics"}


def _load_protocol(row: Mapping[str, Any], kinds: Mapping[str, DeviceKind]) -> None:
    values = {**row, "device_kind": kinds[row["device_kind"]] if row["device_kind"] else None}
    protocol, created = Protocol.objects.get_or_create(slug=row["slug"], version=row["version"], defaults=values)
    if created:
        return
    growing = set() if protocol.is_origin else {key for key in _GROWING if _has_grown(getattr(protocol, key), row[key])}
    changed = [key for key in values if key not in _PROSE | growing and getattr(protocol, key) != values[key]]
    if changed:
        raise ProtocolChanged(
            f"fixtures/protocols.json changes {', '.join(changed)} of {protocol}: results may name this version, so "
            f"give the change a row of its own with version {protocol.version + 1}."
        )
    Protocol.objects.filter(pk=protocol.pk).update(**{key: row[key] for key in _PROSE | growing})


def _has_grown(before: Sequence[str], after: Sequence[str]) -> bool:
    """Nothing is gone and the first, which is the one by default, is the same: what was measured stays comparable."""
    return before[:1] == after[:1] and set(before) <= set(after)


def _load_artifact(row: Mapping[str, Any], *, at: datetime) -> None:
    if Artifact.objects.filter(sha256=row["sha256"]).exists():
        return
    _create_artifact(
        sha256=row["sha256"],
        architecture=Architecture.objects.get(name=row["architecture"]),
        network=None,
        format=row["format"],
        precision=row["precision"],
        weights=row["weights"],
        weights_kind=row["weights_kind"],
        recipe=row["recipe"],
        files=[wire.ArtifactFile.model_validate(file) for file in row["files"]],
        is_uploaded=False,
        at=at,
    )


def _create_artifact(*, files: Sequence[wire.ArtifactFile], at: datetime, **values: Any) -> Artifact:
    artifact = Artifact.objects.create(created_at=at, **values)
    ArtifactFile.objects.bulk_create(
        [ArtifactFile(artifact=artifact, name=f.name, sha256=f.sha256, size_bytes=f.size_bytes) for f in files]
    )
    return artifact


@transaction.atomic
def store_artifact(
    *,
    architecture: Architecture,
    network: Network | None,
    format: str,
    precision: str,
    weights: str,
    files: Mapping[str, bytes],
    is_uploaded: bool,
    at: datetime,
    input_preparation: wire.InputPreparation | None = None,
    weights_kind: wire.WeightsKind = wire.WeightsKind.STATED,
) -> Artifact:
    """Keep files under their sha256; the same files again are the same artifact. Raises InvalidInput."""
    if not files:
        raise InvalidInput("An artifact has at least one file: send it as multipart field `model.onnx`.")
    manifest = [
        wire.ArtifactFile(name=name, sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data))
        for name, data in sorted(files.items())
    ]
    sha256 = wire.manifest_sha256(format=format, precision=precision, files=manifest)
    for file in manifest:
        store_bytes(file.sha256, files[file.name])
    existing = Artifact.objects.filter(sha256=sha256).first()
    return existing or _create_artifact(
        sha256=sha256,
        architecture=architecture,
        network=network,
        format=format,
        precision=precision,
        weights=weights,
        weights_kind=weights_kind,
        recipe=None,
        input_preparation=input_preparation.model_dump(mode="json") if input_preparation else {},
        files=manifest,
        is_uploaded=is_uploaded,
        at=at,
    )


def store_bytes(sha256: str, data: bytes) -> None:
    """Keep a file under its sha256; one that is there stays as it is."""
    storage = storages["artifacts"]
    name = f"{sha256[:2]}/{sha256}"
    if not storage.exists(name):
        storage.save(name, ContentFile(data))


def configuration_for(
    *, protocol: Protocol, engine: str, device_kind: DeviceKind | None, dataset: str = ""
) -> Configuration:
    """The configuration of these four, made where it is missing."""
    configuration, _ = Configuration.objects.get_or_create(
        protocol=protocol,
        engine=engine,
        device_kind=device_kind,
        dataset=dataset,
        defaults={"slug": configuration_slug(protocol, engine, device_kind, dataset)},
    )
    return configuration


def configuration_slug(protocol: Protocol, engine: str, device_kind: DeviceKind | None, dataset: str) -> str:
    """The protocol's own slug where nothing else varies, else protocol, engine and device kind or named subset."""
    version = f"-v{protocol.version}" if protocol.version > 1 else ""
    slug = f"{protocol.slug}{version}"
    if protocol.kind == ProtocolKind.ACCURACY and not protocol.is_origin:
        return ".".join(part for part in (slug, engine, dataset) if part)
    if protocol.is_origin or device_kind is None:
        return slug
    return f"{slug}.{engine}.{slugify(device_kind.slug.replace(':', '-'))}"[:200]
