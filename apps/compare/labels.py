"""Where the labels of a scatter plot go: next to their points, on nothing else.

Greedy and deterministic: labels are placed in order of priority, each at the cheapest free candidate position. A label
without a free position may push one already placed neighbour to another position; if that does not help it is dropped,
since its point still has a tooltip and a row in the table.

Units: everything is in pixels, x to the right and y down, from the top left corner of the plot.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Align = Literal["left", "center", "right"]
Segment = tuple[tuple[float, float], tuple[float, float]]

GAP = 3.0
"""Free space between a point and its label."""

FARTHEST = 10.0
"""How much further from its point than the gap a label may stand."""

MARGIN = 1.0
"""Free space around every label."""

SEGMENT_COST = 3
"""How many places down the list of candidates a label moves to avoid crossing a line."""


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def is_inside(self, width: float, height: float) -> bool:
        return self.left >= 0 and self.top >= 0 and self.right <= width and self.bottom <= height

    def distance(self, other: Box) -> float:
        """Between the nearest edges; 0 where the boxes touch or overlap."""
        across = max(self.left - other.right, other.left - self.right, 0.0)
        along = max(self.top - other.bottom, other.top - self.bottom, 0.0)
        return math.hypot(across, along)

    def grown(self, by: float) -> Box:
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)


@dataclass(frozen=True)
class Label:
    """A point, the size of the text that names it, and how much it matters (lower is placed earlier)."""

    x: float
    y: float
    radius: float
    width: float
    height: float
    priority: int = 0

    @property
    def point_box(self) -> Box:
        return Box(self.x - self.radius, self.y - self.radius, self.x + self.radius, self.y + self.radius)


@dataclass(frozen=True)
class Placement:
    """Offset of the text's anchor from its point; the baseline is the middle of the text."""

    dx: float
    dy: float
    align: Align

    def box(self, label: Label) -> Box:
        shift = {"left": 0.0, "center": label.width / 2, "right": label.width}[self.align]
        left, middle = label.x + self.dx - shift, label.y + self.dy
        return Box(left, middle - label.height / 2, left + label.width, middle + label.height / 2)


def place_labels(
    labels: Sequence[Label],
    *,
    width: float,
    height: float,
    segments: Sequence[Segment] = (),
    marks: Sequence[Box] | None = None,
) -> list[Placement | None]:
    """Place each label, or drop it (None).

    No label overlaps a label or a point, none is nearer to another point than to its own, none leaves the plot.
    Crossing a segment is avoided where another position is free, not forbidden. `marks` are all points that are drawn,
    where that is more than those with a label.
    """
    points = [label.point_box for label in labels] if marks is None else marks
    options = [_free_options(label, points, width=width, height=height) for label in labels]
    for label, choices in zip(labels, options, strict=True):
        costs = {
            option: rank + SEGMENT_COST * sum(_crosses(option.box(label), segment) for segment in segments)
            for rank, option in enumerate(choices)
        }
        choices.sort(key=costs.__getitem__)
    placed: dict[int, Placement] = {}
    order = sorted(range(len(labels)), key=lambda index: (labels[index].priority, len(options[index]), index))
    for index in order:
        _place(index, labels, options, placed)
    return [placed.get(index) for index in range(len(labels))]


def _free_options(label: Label, points: Sequence[Box], *, width: float, height: float) -> list[Placement]:
    """Candidates inside the plot and clear of every point; points out of the label's reach cannot be in its way."""
    own = label.point_box
    reach = label.width + 3 * label.height + 2 * (GAP + FARTHEST)
    near = [point for point in points if point.distance(own) <= reach]
    options = ((option, option.box(label)) for option in _candidates(label))
    return [option for option, box in options if box.is_inside(width, height) and _is_clear(box, own, near)]


def _candidates(label: Label) -> Iterator[Placement]:
    """Positions around the point, best first: right, left, above, below, the corners, then the same further out."""
    for extra in (0.0, FARTHEST / 2, FARTHEST):
        side = label.radius + GAP + extra
        above = side + label.height / 2
        corner = 0.7 * side
        yield Placement(side, 0, "left")
        yield Placement(-side, 0, "right")
        yield Placement(0, -above, "center")
        yield Placement(0, above, "center")
        for lift in (-1, 1):
            yield Placement(corner, lift * (corner + label.height / 2), "left")
            yield Placement(-corner, lift * (corner + label.height / 2), "right")
        for lift in (-1, 1):
            yield Placement(side, lift * label.height / 2, "left")
            yield Placement(-side, lift * label.height / 2, "right")


def _is_clear(box: Box, own: Box, points: Sequence[Box]) -> bool:
    """Whether the box is on no point and nearest to its own, so that nobody takes it for a neighbour's name."""
    distance = box.distance(own)
    return not any(box.overlaps(point) or (point != own and box.distance(point) < distance) for point in points)


def _place(
    index: int, labels: Sequence[Label], options: Sequence[Sequence[Placement]], placed: dict[int, Placement]
) -> None:
    """Take the first free option, or one that is free once a single neighbour has moved."""
    for option in options[index]:
        if not _blockers(option.box(labels[index]), labels, placed):
            placed[index] = option
            return
    for option in options[index]:
        blockers = _blockers(option.box(labels[index]), labels, placed)
        if len(blockers) == 1 and _try_move(blockers[0], index, option, labels, options, placed):
            return


def _try_move(
    neighbour: int,
    index: int,
    option: Placement,
    labels: Sequence[Label],
    options: Sequence[Sequence[Placement]],
    placed: dict[int, Placement],
) -> bool:
    others = {key: value for key, value in placed.items() if key != neighbour} | {index: option}
    for alternative in options[neighbour]:
        if not _blockers(alternative.box(labels[neighbour]), labels, others):
            placed[index], placed[neighbour] = option, alternative
            return True
    return False


def _blockers(box: Box, labels: Sequence[Label], placed: dict[int, Placement]) -> list[int]:
    grown = box.grown(MARGIN)
    return [index for index, placement in placed.items() if grown.overlaps(placement.box(labels[index]))]


def _crosses(box: Box, segment: Segment) -> bool:
    """Liang-Barsky: whether any part of the segment lies in the box."""
    (x0, y0), (x1, y1) = segment
    enter, leave = 0.0, 1.0
    for delta, low, high in ((x1 - x0, box.left - x0, box.right - x0), (y1 - y0, box.top - y0, box.bottom - y0)):
        if delta == 0:
            if low > 0 or high < 0:
                return False
            continue
        near, far = sorted((low / delta, high / delta))
        enter, leave = max(enter, near), min(leave, far)
    return enter <= leave
