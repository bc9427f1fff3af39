"""Where in a network its cost lies: layers, MACs and parameters by the size of the feature maps.

`python -m runners.zoo.stages fixtures/architectures.json` writes them down for all architectures of the catalogue, with
what the published document's counter gives for the whole.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import onnx

from runners.zoo import catalogue
from runners.zoo.complexity import NodeCost, count, node_costs

HEAD = "head"
"""What comes after the last feature map: the layers behind the global pooling."""


@dataclass(frozen=True)
class Stage:
    """`name` is the height and width of the feature maps, or `HEAD`; `layers` counts what multiplies by weights.

    Units: `macs` and `params`: 1, one image.
    """

    name: str
    layers: int
    macs: int
    params: int


def stages(model: onnx.ModelProto, *, input_shape: Sequence[int] = (3, 224, 224)) -> list[Stage]:
    """Largest feature maps first. A layer belongs to the size that it gives, and one that works on pooled values in
    between, as squeeze-and-excitation does, to the size around it.

    Raises: `runners.zoo.complexity.UncountableModelError`.
    """
    costs = list(node_costs(model, input_shape=input_shape))
    last_map = max((position for position, cost in enumerate(costs) if _area(cost) > 1), default=-1)
    grouped: dict[tuple[int, ...], list[NodeCost]] = {}
    size: tuple[int, ...] = ()
    for position, cost in enumerate(costs):
        if _area(cost) > 1:
            size = cost.shape[1:]
        grouped.setdefault(size if position <= last_map else (), []).append(cost)
    # The head has no size, hence the smallest.
    sizes = sorted(grouped, key=lambda size: math.prod(size) if size else 0, reverse=True)
    return [_stage(size, grouped[size]) for size in sizes]


def dumps() -> str:
    rows = [_row(architecture) for architecture in catalogue.ARCHITECTURES.values()]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def _row(architecture: catalogue.Architecture) -> dict[str, Any]:
    outline = catalogue.outline(architecture.name)
    counted = count(outline, divides_groups_twice=architecture.divides_groups_twice)
    return {
        "architecture": architecture.name,
        "flops_paddle": counted.flops_paddle,
        "params_paddle": counted.params_paddle,
        "stages": [asdict(stage) for stage in stages(outline)],
    }


def _area(cost: NodeCost) -> int:
    """Of a feature map; 1 for what has no height and width."""
    return math.prod(cost.shape[1:]) if len(cost.shape) == 3 else 1


def _stage(size: tuple[int, ...], costs: list[NodeCost]) -> Stage:
    return Stage(
        name=" × ".join(map(str, size)) or HEAD,
        layers=sum(1 for cost in costs if cost.macs),
        macs=sum(cost.macs for cost in costs),
        params=sum(cost.params for cost in costs),
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m runners.zoo.stages FILE")
    Path(sys.argv[1]).write_text(dumps(), encoding="utf-8")
