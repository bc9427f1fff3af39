"""Questions that most visitors come with, as addresses of the board."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from apps.results.leaderboard import Board

TOP1 = "top1.paddleclas-accuracy"
SD855 = "latency.paddleclas-sd855-bs1"
T4 = "latency.paddleclas-t4-fp16-bs8"
STORAGE = "storage.paddleclas-storage"

CAMERAS, FRAMES_PER_S, BATCH = 60, 30, 8
REAL_TIME_MS = round(1000 * BATCH / (CAMERAS * FRAMES_PER_S), 2)


@dataclass(frozen=True)
class Preset:
    """`needs` are the columns without which the question has no answer."""

    title: str
    help: str
    needs: tuple[str, ...]
    parameters: dict[str, str]


PRESETS = (
    Preset(
        "Phone, 10 ms",
        "The most accurate models that a Snapdragon 855 runs within 10 ms",
        (TOP1, SD855),
        {"sort": f"-{TOP1}", f"max.{SD855}": "10"},
    ),
    Preset(
        "Phone, 10 ms and 12 MiB",
        "The same, and the file is at most 12 MiB",
        (TOP1, SD855, STORAGE),
        {"sort": f"-{TOP1}", f"max.{SD855}": "10", f"max.{STORAGE}": "12"},
    ),
    Preset(
        "T4 in real time, batch 8",
        f"{CAMERAS} cameras at {FRAMES_PER_S} frames a second: a Tesla T4 has {REAL_TIME_MS} ms for a batch of {BATCH}",
        (TOP1, T4),
        {"sort": f"-{TOP1}", "x": T4, f"max.{T4}": f"{REAL_TIME_MS:g}"},
    ),
    Preset(
        "Smallest download",
        "The smallest files first, drawn against accuracy",
        (TOP1, STORAGE),
        {"sort": STORAGE, "x": STORAGE},
    ),
)


def preset_links(board: Board, address: QueryDict) -> list[dict[str, Any]]:
    """The presets whose columns the board has; `is_active` where the address asks just that."""
    asked = {name: value for name, value in address.items() if name not in ("columns", "select", "zoom", "page")}
    return [
        {
            "title": preset.title,
            "help": preset.help,
            "url": f"?{_query(preset.parameters)}",
            "is_active": asked == preset.parameters,
        }
        for preset in PRESETS
        if all(key in board.by_key for key in preset.needs)
    ]


def _query(parameters: dict[str, str]) -> str:
    query = QueryDict(mutable=True)
    for name, value in parameters.items():
        query[name] = value
    return query.urlencode(safe=",")
