"""What may be asked for: reads names against the catalogue, and refuses with a sentence that says what to do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from apps.accounts.models import User
from apps.catalog.models import DeviceKind, Network, Protocol
from apps.catalog.models.device_kind import SIMULATED_PREFIX
from apps.catalog.models.protocol import ProtocolKind
from apps.core.errors import InvalidInput
from apps.runs.models.asked import LOWEST_PRIORITY, NORMAL_PRIORITY

ALL: Final = "all"
ModelNames = Sequence[str] | Literal["all"]
"""Names of models, or every model of the protocols' tasks."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class Wanted:
    """A request that makes sense: everything in it exists and fits together."""

    model_names: list[str]
    protocols: list[Protocol]
    engine: str
    device_kind: DeviceKind | None
    dataset: str
    priority: int


def read_wanted(
    *,
    requested_by: User,
    model_names: ModelNames,
    protocol_slugs: Sequence[str],
    engine: str = "",
    device_kind: str | None = None,
    dataset: str = "",
    priority: int = NORMAL_PRIORITY,
) -> Wanted:
    """Raises InvalidInput naming every field that is unknown or does not fit."""
    protocols = _executable_protocols(list(dict.fromkeys(protocol_slugs)))
    names = _all_models(protocols) if model_names == ALL else list(dict.fromkeys(model_names))
    if model_names != ALL:
        _check_models(names, protocols)
    _check_engine(engine, protocols)
    _check_dataset(dataset, protocols)
    check_priority(priority, by=requested_by)
    return Wanted(names, protocols, engine, _device_kind(device_kind, protocols), dataset, priority)


def check_priority(priority: int, *, by: User) -> None:
    """Raises InvalidInput for one that is not theirs to choose."""
    low = 0 if by.is_staff else NORMAL_PRIORITY
    if not low <= priority <= LOWEST_PRIORITY:
        message = f"priority is a number from {low} to {LOWEST_PRIORITY}; a lower one is more urgent."
        if not by.is_staff:
            message += f" What is below {NORMAL_PRIORITY} is for administrators."
        raise InvalidInput(message, [{"field": "priority", "message": message}])


def _all_models(protocols: list[Protocol]) -> list[str]:
    tasks = {protocol.task for protocol in protocols}
    return list(Network.objects.filter(task__in=tasks).order_by("id").values_list("name", flat=True))


def _check_models(names: list[str], protocols: list[Protocol]) -> None:
    if not names:
        raise InvalidInput("Name at least one model.", [{"field": "models", "message": "at least one"}])
    tasks = dict(Network.objects.filter(name__in=names).values_list("name", "task"))
    if unknown := [name for name in names if name not in tasks]:
        raise InvalidInput(
            f"There is no model {', '.join(unknown)}; /api/v1/models/ lists them.",
            [{"field": "models", "message": f"unknown: {name}"} for name in unknown],
        )
    for protocol in protocols:
        if other := [name for name in names if tasks[name] != protocol.task]:
            message = f"{protocol.slug} is for task {protocol.task}, and {other[0]} does {tasks[other[0]]}."
            raise InvalidInput(message, [{"field": "models", "message": message}])


def _executable_protocols(slugs: list[str]) -> list[Protocol]:
    newest = Protocol.objects.executable().newest()
    found = {p.slug: p for p in newest.filter(slug__in=slugs).select_related("device_kind")}
    if not slugs or len(found) != len(slugs):
        executable = ", ".join(newest.values_list("slug", flat=True))
        wrong = [slug for slug in slugs if slug not in found]
        what = f"There is no executable protocol {', '.join(wrong)}." if wrong else "Name at least one protocol."
        raise InvalidInput(f"{what} Agents execute: {executable}.", [{"field": "protocols", "message": what}])
    return [found[slug] for slug in slugs]


def _check_engine(engine: str, protocols: list[Protocol]) -> None:
    known = sorted({name for protocol in protocols for name in protocol.engines})
    if engine and engine not in known:
        message = f"No protocol asked for runs on engine {engine!r}; these do: {', '.join(known)}."
        raise InvalidInput(message, [{"field": "engine", "message": message}])


def _check_dataset(dataset: str, protocols: list[Protocol]) -> None:
    if not dataset:
        return
    message = ""
    if not _NAME.fullmatch(dataset):
        message = "dataset is the name under which an agent offers its images, not a path."
    elif all(protocol.kind != ProtocolKind.ACCURACY for protocol in protocols):
        message = "A dataset is for accuracy protocols: leave it out, or ask for one of them."
    if message:
        raise InvalidInput(message, [{"field": "dataset", "message": message}])


def _device_kind(slug: str | None, protocols: list[Protocol]) -> DeviceKind | None:
    if not slug:
        return None
    kind = DeviceKind.objects.filter(slug=slug).first()
    message = ""
    if kind is None:
        message = f"There is no device kind {slug!r}; /api/v1/devices/ lists them."
    elif wrong := [p for p in protocols if p.needs_device_kind and not _fits(kind, p)]:
        message = f"{wrong[0].slug} is for {_where(wrong[0])}, and {kind.slug} is another kind of device."
    if message:
        raise InvalidInput(message, [{"field": "device_kind", "message": message}])
    return kind


def _fits(kind: DeviceKind, protocol: Protocol) -> bool:
    """A simulator may stand in for the kind that it simulates, when it is asked for by name."""
    if protocol.device_kind_id is not None:
        return protocol.device_kind_id in (kind.pk, kind.simulates_id)
    return protocol.category in ("", kind.category)


def _where(protocol: Protocol) -> str:
    if protocol.device_kind is None:
        return f"a {protocol.category}"
    return f"{protocol.device_kind.slug} or {SIMULATED_PREFIX}{protocol.device_kind.slug}"
