"""Taking in a classifier that the catalogue does not build itself: any ONNX file, with what its maker states of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from pydantic import ValidationError as InvalidMessage

from apps.catalog.actions import store_artifact
from apps.catalog.inspection import Counts, architecture_counts, inspect_files, refused
from apps.catalog.models import Architecture, Artifact, Family, Network, Precision
from apps.catalog.models.network import DEFAULT_TASK, Recipe, is_name
from apps.core.errors import Conflict, InvalidInput
from runners import wire
from runners.statistics.stated_weights import kind_said

NOT_STATED = "not stated"
"""The words for weights of which nobody says where they come from."""

LARGEST_DIFFERENCE = Counts(params=3, macs=1)
"""In per cent. Folded batch normalisations are no parameters any more, and another class or two are a few more."""


@dataclass(frozen=True)
class NewFamily:
    """What must be known of a family that the catalogue does not have yet."""

    title: str
    organisation: str
    year: int


def read_preparation(data: str | bytes) -> wire.InputPreparation:
    """Raises InvalidInput, which names the first field that is wrong."""
    try:
        return wire.InputPreparation.model_validate_json(data, strict=False)
    except InvalidMessage as exc:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        message = (
            f"input_preparation{'.' if where else ''}{where}: {first['msg']}; docs/agent-protocol.md has its fields."
        )
        raise InvalidInput(message, [{"field": "input_preparation", "message": message}]) from None


def import_model(
    *,
    name: str,
    files: Mapping[str, bytes],
    weights: str,
    is_uploaded: bool,
    at: datetime,
    family: str = "",
    new_family: NewFamily | None = None,
    task: str = "",
    precision: str = "",
    preparation: wire.InputPreparation | None = None,
) -> Artifact:
    """Store a classifier's files as an artifact of the model `name`, which is made where it is missing.

    Raises InvalidInput before anything is stored, Conflict where the same files are another model's already.
    """
    stated = inspect_files(files)
    precision = _precision(precision, stated)
    _check_layout(preparation, stated)
    words, kind = weights_of(weights, stated)
    with transaction.atomic():
        network = _network(name, family=family, new_family=new_family, task=task, precision=precision)
        _state_stages(network.architecture, stated)
        check_architecture(network.architecture.name, stated)
        artifact = store_artifact(
            architecture=network.architecture,
            network=network,
            format="onnx",
            precision=precision,
            weights=words,
            weights_kind=kind,
            files=files,
            is_uploaded=is_uploaded,
            input_preparation=preparation,
            at=at,
        )
        _check_same(artifact, network, preparation)
    return artifact


def weights_of(said: str, stated: Mapping[str, Any]) -> tuple[str, wire.WeightsKind]:
    """Where the weights come from, and their kind: as whoever sends the file says, unless the file knows better.

    Words do not make a file fit for an accuracy that tells that its weights were never trained or calibrated.
    """
    kind = wire.WeightsKind(stated["weights_kind"])
    if stated["weights"] and (kind != wire.WeightsKind.STATED or said in ("", NOT_STATED)):
        return stated["weights"], kind
    return said, kind if kind != wire.WeightsKind.STATED else kind_said(said)


def check_architecture(name: str, stated: Mapping[str, Any]) -> None:
    """Another network's file must not fill a published model's cells: both are counted in the same way.

    `stated` is what the inspection said. Nothing is known of an architecture that the zoo does not build. Raises
    InvalidInput.
    """
    known = architecture_counts().get(name)
    if known is None:
        return
    for field, what in (("params", "parameters"), ("macs", "MACs")):
        expected, found = getattr(known, field), stated[field]
        if found is None or abs(found - expected) > expected * getattr(LARGEST_DIFFERENCE, field) / 100:
            counted = "cannot be counted" if found is None else f"has {found:,} {what}"
            raise refused(
                f"This file is not {name}, which has {expected:,} {what}: it {counted}. Give the model another name."
            )


def _state_stages(architecture: Architecture, stated: Mapping[str, Any]) -> None:
    """What the first file of an architecture that the zoo does not build says of it."""
    if not architecture.stages and stated.get("stages"):
        architecture.stages = stated["stages"]
        architecture.save(update_fields=["stages"])


def _precision(wanted: str, stated: Mapping[str, Any]) -> str:
    if wanted and wanted != stated["precision"]:
        raise _invalid("precision", f"The file is {stated['precision']}, not {wanted}: leave precision out.")
    return str(stated["precision"])


def _check_layout(preparation: wire.InputPreparation | None, stated: Mapping[str, Any]) -> None:
    if preparation is not None and stated.get("layout", preparation.layout) != preparation.layout:
        message = f"The network's input is {stated['layout']}, but input_preparation.layout is {preparation.layout}."
        raise _invalid("input_preparation", message)


def _network(name: str, *, family: str, new_family: NewFamily | None, task: str, precision: str) -> Network:
    network = Network.objects.select_related("architecture").filter(name=name).first()
    if network is None:
        return _new_network(name, _family(family, new_family), task or DEFAULT_TASK, precision)
    if task and task != network.task:
        raise _invalid("task", f"{name} does {network.task}, not {task}: give the model another name.")
    if precision != network.precision:
        raise _invalid("precision", f"{name} is {network.precision}, the file {precision}: give it another name.")
    return network


def _new_network(name: str, family: Family, task: str, precision: str) -> Network:
    _check_name("model", name, 100)
    _check_name("task", task, 40)
    if Architecture.objects.filter(name=name).exists():
        raise _invalid("model", f"{name} is an architecture already: give the model another name.")
    last = Network.objects.order_by("-position").values_list("position", flat=True).first()
    return Network.objects.create(
        name=name,
        short=name[:40],
        family=family,
        architecture=Architecture.objects.create(name=name, family=family),
        width_multiplier=1,
        activation="not stated",
        recipe=Recipe.PLAIN,
        precision=Precision(precision),
        task=task,
        position=(last or 0) + 1,
    )


def _family(slug: str, new: NewFamily | None) -> Family:
    family = Family.objects.filter(slug=slug).first()
    if family is not None:
        return family
    if not slug or new is None:
        known = ", ".join(Family.objects.values_list("slug", flat=True))
        raise _invalid("family", f"A new model needs a family: one of {known}, or a new one with title and year.")
    _check_name("family", slug, 60)
    position = Family.objects.count()
    return Family.objects.create(
        slug=slug,
        title=new.title,
        organisation=new.organisation,
        year=new.year,
        overview="",
        position=position,
    )


def _check_name(field: str, value: str, longest: int) -> None:
    try:
        is_name(value[: longest + 1])
    except ValidationError:
        raise _invalid(field, f"{value!r} is no name: use letters, digits, dots, underscores, hyphens.") from None
    if len(value) > longest:
        raise _invalid(field, f"A {field}'s name has at most {longest} characters.")


def _check_same(artifact: Artifact, network: Network, preparation: wire.InputPreparation | None) -> None:
    """The same files are one artifact: it cannot be a second model's, nor change how its input is prepared."""
    if artifact.network_id != network.pk:
        raise Conflict(f"These files are artifact {artifact.sha256[:12]} already, and not {network.name}'s.")
    wanted = preparation.model_dump(mode="json") if preparation else artifact.input_preparation
    if artifact.input_preparation != wanted:
        raise Conflict(f"Artifact {artifact.sha256[:12]} has another input preparation: an artifact never changes.")


def _invalid(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, [{"field": field, "message": message}])
