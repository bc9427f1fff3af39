"""By what the board's rows can be chosen, and what each row has of it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from django.utils.text import slugify

from apps.catalog.models.network import Precision, Recipe
from apps.results.leaderboard import Board, Column, Row

MEASURED, PUBLISHED, SUBMITTED = "measured", "published", "submitted"

Chosen = Mapping[str, frozenset[str]]
"""Chosen values by facet; a facet that is not there, or has none, keeps every row."""


@dataclass(frozen=True)
class Facet:
    """`of` gives a row's values, of which one must be among the chosen; `labels` how values are written, if otherwise.

    A facet of columns is about where a value comes from: it also leaves out the columns that come from elsewhere.
    """

    key: str
    title: str
    of: Callable[[Row, Sequence[Column]], set[str]]
    labels: Callable[[Board], dict[str, str]] = lambda board: {}
    is_of_columns: bool = False


def device_slug(column: Column) -> str:
    """How an address names a column's kind of device; empty without one."""
    return slugify(column.device_kind)


def origin(column: Column) -> str:
    if column.is_submitted:
        # No facet offers it: the board never has such a column.
        return SUBMITTED
    return MEASURED if column.is_measured else PUBLISHED


def width_text(row: Row) -> str:
    """A width multiplier without zeros at its end: "0.25", "1"."""
    return f"{row.width_multiplier.normalize():f}"


def _families(board: Board) -> dict[str, str]:
    return {row.family: row.family_title for row in board.rows}


def _devices(board: Board) -> dict[str, str]:
    return {device_slug(column): column.device_kind for column in board.columns if column.device_kind}


FACETS: tuple[Facet, ...] = (
    Facet("family", "Family", lambda row, columns: {row.family}, _families),
    Facet("width", "Width multiplier", lambda row, columns: {width_text(row)}),
    Facet("recipe", "Recipe", lambda row, columns: {row.recipe}, lambda board: dict(Recipe.choices)),
    Facet("precision", "Precision", lambda row, columns: {row.precision}, lambda board: dict(Precision.choices)),
    Facet(
        "device",
        "Device",
        lambda row, columns: {device_slug(c) for c in columns if c.device_kind},
        _devices,
        is_of_columns=True,
    ),
    Facet(
        "origin",
        "Published or measured",
        lambda row, columns: set(map(origin, columns)),
        lambda board: {PUBLISHED: "published", MEASURED: "measured here"},
        is_of_columns=True,
    ),
)
FACET_KEYS = tuple(facet.key for facet in FACETS)
FIXED_VALUES = {"recipe": Recipe.values, "precision": Precision.values, "origin": [PUBLISHED, MEASURED]}
"""Valid in an address whether or not a row has them."""


def facet_values(board: Board) -> list[dict[str, set[str]]]:
    """For each row of the board its values by facet."""
    return board.derived(_facet_values)


def _facet_values(board: Board) -> list[dict[str, set[str]]]:
    by_key = {column.key: column for column in board.columns}
    return [_values(row, [by_key[key] for key in row.cells]) for row in board.rows]


def valid_values(board: Board) -> dict[str, list[str]]:
    """What an address may choose, by facet, in the order in which a page offers it."""
    return board.derived(_valid_values)


def _valid_values(board: Board) -> dict[str, list[str]]:
    rows = facet_values(board)
    return {
        facet.key: _in_order(facet, board, set().union(*(values[facet.key] for values in rows))) for facet in FACETS
    }


def count_choices(rows: Sequence[Mapping[str, set[str]]], chosen: Chosen) -> dict[str, Counter[str]]:
    """How many of these rows each value of a facet leaves, with the other facets as they are chosen."""
    left: list[Mapping[str, set[str]]] = []
    # What one facet alone leaves out counts for that facet.
    left_out: dict[str, list[Mapping[str, set[str]]]] = {key: [] for key in FACET_KEYS}
    for values in rows:
        failed = [key for key, wanted in chosen.items() if not is_chosen(values[key], wanted)]
        if not failed:
            left.append(values)
        elif len(failed) == 1:
            left_out[failed[0]].append(values)
    return {key: Counter(chain.from_iterable(values[key] for values in (*left, *left_out[key]))) for key in FACET_KEYS}


def is_chosen(values: set[str], chosen: frozenset[str] | None) -> bool:
    return not chosen or not chosen.isdisjoint(values)


def suits(column: Column, chosen: Chosen) -> bool:
    """Whether a column is about the chosen devices and origins; one without a device is about every device."""
    devices, origins = chosen.get("device"), chosen.get("origin")
    is_devices = not devices or not column.device_kind or device_slug(column) in devices
    return is_devices and (not origins or origin(column) in origins)


def _values(row: Row, columns: Sequence[Column]) -> dict[str, set[str]]:
    return {facet.key: facet.of(row, columns) for facet in FACETS}


def _in_order(facet: Facet, board: Board, present: set[str]) -> list[str]:
    if facet.key in FIXED_VALUES:
        return list(FIXED_VALUES[facet.key])
    if facet.key == "width":
        return sorted(present, key=float)
    # A family may be there before its first model has a value.
    return list(facet.labels(board))
