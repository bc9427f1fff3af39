"""The 27 architectures of the published tables by name, and the one way to build them."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import onnx

from runners import wire
from runners.statistics.stated_weights import random_weights
from runners.zoo.graph import Graph, Outline, Tensor
from runners.zoo.mobilenet_v1 import mobilenet_v1
from runners.zoo.mobilenet_v2 import mobilenet_v2
from runners.zoo.mobilenet_v3 import mobilenet_v3_large, mobilenet_v3_small
from runners.zoo.shufflenet_v2 import shufflenet_v2

BUILDER = "zooboard-zoo-1"
"""Names these bytes: whatever changes the hash of any file that a recipe builds must change this too."""

FILE_NAME = "model.onnx"

SHORTEST_BEGINNING = 4
"""Of a name; fewer letters begin half of all names."""

Network = Callable[[Graph, Tensor], Tensor]


class UnknownArchitectureError(LookupError):
    """Nobody taught the builder this name."""

    def __init__(self, name: str, known: Collection[str]) -> None:
        # The beginning of a name says more than letters in common: MobileNetV3 is nearer to MobileNetV2 by those.
        begun = [each for each in known if len(name) >= SHORTEST_BEGINNING and each.lower().startswith(name.lower())]
        close = begun or difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        meant = " or ".join(close) if len(close) <= 3 else f"one of {', '.join(close)}"
        hint = f"Did you mean {meant}?" if close else f"Known: {', '.join(known)}."
        super().__init__(f"There is no architecture {name!r}. {hint}")


@dataclass(frozen=True)
class Architecture:
    """A graph that the builder knows.

    `divides_groups_twice` says which release of Paddle's counter the published table used for this row, see
    `runners.zoo.complexity`.
    """

    name: str
    family: str
    width: float
    network: Network
    divides_groups_twice: bool


def _row(
    name: str, family: str, width: float, network: Callable[..., Tensor], *, divides_groups_twice: bool = True
) -> Architecture:
    return Architecture(name, family, width, partial(network, width=width), divides_groups_twice)


def _v3(name: str, width: float) -> Architecture:
    large = name.startswith("MobileNetV3_large")
    family, network = ("MobileNetV3_large", mobilenet_v3_large) if large else ("MobileNetV3_small", mobilenet_v3_small)
    return _row(name, family, width, network, divides_groups_twice=False)


ARCHITECTURES: dict[str, Architecture] = {
    row.name: row
    for row in (
        _row("MobileNetV1_x0_25", "MobileNetV1", 0.25, mobilenet_v1),
        _row("MobileNetV1_x0_5", "MobileNetV1", 0.5, mobilenet_v1),
        _row("MobileNetV1_x0_75", "MobileNetV1", 0.75, mobilenet_v1),
        _row("MobileNetV1", "MobileNetV1", 1.0, mobilenet_v1),
        _row("MobileNetV2_x0_25", "MobileNetV2", 0.25, mobilenet_v2),
        _row("MobileNetV2_x0_5", "MobileNetV2", 0.5, mobilenet_v2),
        _row("MobileNetV2_x0_75", "MobileNetV2", 0.75, mobilenet_v2),
        _row("MobileNetV2", "MobileNetV2", 1.0, mobilenet_v2),
        _row("MobileNetV2_x1_5", "MobileNetV2", 1.5, mobilenet_v2),
        _row("MobileNetV2_x2_0", "MobileNetV2", 2.0, mobilenet_v2),
        _v3("MobileNetV3_large_x0_35", 0.35),
        _v3("MobileNetV3_large_x0_5", 0.5),
        _v3("MobileNetV3_large_x0_75", 0.75),
        _v3("MobileNetV3_large_x1_0", 1.0),
        _v3("MobileNetV3_large_x1_25", 1.25),
        _v3("MobileNetV3_small_x0_35", 0.35),
        _v3("MobileNetV3_small_x0_5", 0.5),
        _v3("MobileNetV3_small_x0_75", 0.75),
        _v3("MobileNetV3_small_x1_0", 1.0),
        _v3("MobileNetV3_small_x1_25", 1.25),
        _row("ShuffleNetV2_x0_25", "ShuffleNetV2", 0.25, shufflenet_v2),
        _row("ShuffleNetV2_x0_33", "ShuffleNetV2", 0.33, shufflenet_v2),
        _row("ShuffleNetV2_x0_5", "ShuffleNetV2", 0.5, shufflenet_v2),
        _row("ShuffleNetV2", "ShuffleNetV2", 1.0, shufflenet_v2),
        _row("ShuffleNetV2_x1_5", "ShuffleNetV2", 1.5, shufflenet_v2),
        _row("ShuffleNetV2_x2_0", "ShuffleNetV2", 2.0, shufflenet_v2),
        _row("ShuffleNetV2_swish", "ShuffleNetV2", 1.0, partial(shufflenet_v2, activation=Graph.swish)),
    )
}


def find(architecture: str) -> Architecture:
    """Raises: `UnknownArchitectureError`."""
    try:
        return ARCHITECTURES[architecture]
    except KeyError:
        raise UnknownArchitectureError(architecture, ARCHITECTURES) from None


def build(architecture: str, *, seed: int = 0) -> onnx.ModelProto:
    """The architecture as an ONNX classifier with random weights: the same bytes for the same name and seed.

    Shapes: input `x` float32 [N, 3, 224, 224], output `logits` float32 [N, 1000].
    Raises: `UnknownArchitectureError`.
    """
    network = find(architecture).network
    graph = Graph(architecture, seed=seed)
    x = graph.input()
    return graph.model(x, network(graph, x), producer_version=BUILDER)


def outline(architecture: str) -> onnx.ModelProto:
    """What `build` gives, without any weights: for counting and comparing, not for an engine.

    Raises: `UnknownArchitectureError`.
    """
    network = find(architecture).network
    graph = Outline(architecture)
    x = graph.input()
    return graph.model(x, network(graph, x), producer_version=BUILDER)


def serialize(model: onnx.ModelProto) -> bytes:
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def write(architecture: str, *, seed: int = 0, path: Path) -> wire.ArtifactFile:
    """Builds the architecture into the file `path` and returns its entry in the artifact's manifest.

    Raises: `UnknownArchitectureError`, `OSError`.
    """
    content = serialize(build(architecture, seed=seed))
    path.write_bytes(content)
    return _entry(content)


def artifact(architecture: str, *, seed: int = 0) -> wire.Artifact:
    """The manifest of what `build` gives, with the recipe by which an agent builds it itself.

    Raises: `UnknownArchitectureError`.
    """
    files = [_entry(serialize(build(architecture, seed=seed)))]
    return wire.Artifact(
        sha256=wire.manifest_sha256(format="onnx", precision="fp32", files=files),
        format="onnx",
        precision="fp32",
        weights=random_weights(seed),
        weights_kind=wire.WeightsKind.RANDOM,
        files=files,
        recipe=wire.Recipe(builder=BUILDER, architecture=architecture, seed=seed),
    )


def _entry(content: bytes) -> wire.ArtifactFile:
    return wire.ArtifactFile(name=FILE_NAME, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))
