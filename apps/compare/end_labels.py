"""Labels at the ends of lines, moved apart so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence


def spread(positions: Sequence[float], gap: float) -> list[float]:
    """The positions nearest to the given ones, in their order along the axis, that are at least `gap` apart.

    Units: pixels. Neighbours that come too close share a block around the mean of what its members want.
    """
    order = sorted(range(len(positions)), key=lambda index: positions[index])
    blocks: list[list[int]] = []
    for index in order:
        blocks.append([index])
        while len(blocks) > 1 and _start(blocks[-1], positions, gap) < _end(blocks[-2], positions, gap) + gap:
            last = blocks.pop()
            blocks[-1] += last
    moved = list(positions)
    for block in blocks:
        start = _start(block, positions, gap)
        for place, index in enumerate(block):
            moved[index] = start + place * gap
    return moved


def _start(block: list[int], positions: Sequence[float], gap: float) -> float:
    middle = sum(positions[index] for index in block) / len(block)
    return middle - (len(block) - 1) * gap / 2


def _end(block: list[int], positions: Sequence[float], gap: float) -> float:
    return _start(block, positions, gap) + (len(block) - 1) * gap
