"""Kinds of devices with what is known of each: the real ones, those that somebody only stated, the simulated ones."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from apps.board.kept import kept
from apps.catalog.models import DeviceKind
from apps.catalog.models.device_kind import STATED_PREFIX
from apps.fleet.models import Attachment, Device
from apps.results.board_token import board_token
from apps.results.models import BoardCell, Origin, Result

Counts = dict[int, dict[str, int]]


def kind_sections() -> dict[str, list[dict[str, Any]]]:
    """`real`, `stated` and `simulated`, in six queries; in each those with most values first."""
    kinds = list(DeviceKind.objects.select_related("simulates"))
    on_board, off_board = kept("device-counts", board_token(), _board_counts), _off_board_counts(kinds)
    devices = Counter(dict(Device.objects.order_by().values_list("kind").annotate(count=Count("pk"))))
    attached = Attachment.objects.filter(agent__retired_at=None).order_by().values_list("device__kind")
    agents = Counter(dict(attached.annotate(count=Count("agent", distinct=True))))
    rows = [
        _row(kind, on_board.get(kind.pk, {}), off_board[kind.pk], devices=devices[kind.pk], agents=agents[kind.pk])
        for kind in kinds
    ]
    rows.sort(key=lambda row: (-row["published"] - row["measured"], row["title"]))
    return {name: [row for row in rows if row["nature"] == name] for name in ("real", "stated", "simulated")}


def nature(kind: DeviceKind) -> str:
    """Whether a kind is `real` hardware, `stated` by nobody but who sent a record in, or `simulated`."""
    if kind.is_simulated:
        return "simulated"
    return "stated" if kind.slug.startswith(STATED_PREFIX) else "real"


def off_board(kinds: Iterable[DeviceKind]) -> QuerySet[Result]:
    """What was measured on kinds that never reach the board."""
    return Result.objects.standing().filter(configuration__device_kind__in=list(kinds))


def _board_counts() -> Counts:
    cells = BoardCell.objects.filter(configuration__device_kind__isnull=False).order_by()
    is_published = Q(result__origin=Origin.PUBLISHED)
    counted = cells.values_list("configuration__device_kind").annotate(
        published=Count("pk", filter=is_published),
        measured=Count("pk", filter=~is_published),
        models=Count("network", distinct=True),
    )
    names = ("published", "measured", "models")
    return {kind: dict(zip(names, counts, strict=True)) for kind, *counts in counted}


def _off_board_counts(kinds: Sequence[DeviceKind]) -> Counter[int]:
    unreal = [kind for kind in kinds if nature(kind) != "real"]
    counted = off_board(unreal).order_by().values_list("configuration__device_kind").annotate(values=Count("pk"))
    return Counter(dict(counted)) if unreal else Counter()


def _row(
    kind: DeviceKind, counts: dict[str, int], values_off_board: int, *, devices: int, agents: int
) -> dict[str, Any]:
    return {
        "slug": kind.slug,
        "title": kind.title,
        "url": reverse("device", args=[kind.slug]),
        "category": kind.get_category_display(),
        "nature": nature(kind),
        "simulates": kind.simulates.title if kind.simulates else "",
        "models": counts.get("models", 0),
        "published": counts.get("published", 0),
        "measured": counts.get("measured", 0),
        "off_board": values_off_board,
        "devices": devices,
        "agents": agents,
    }
