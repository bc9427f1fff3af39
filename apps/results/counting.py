"""What this site counted of a network itself: the bound of its latencies, and what a count sent in must agree with."""

from collections.abc import Collection
from dataclasses import dataclass

from apps.catalog.importing import LARGEST_DIFFERENCE
from apps.catalog.models import Architecture, Artifact
from runners import wire

LARGEST_DIFFERENCES = {
    "macs": LARGEST_DIFFERENCE.macs,
    "params": LARGEST_DIFFERENCE.params,
    "flops_paddle": LARGEST_DIFFERENCE.macs,
    "params_paddle": LARGEST_DIFFERENCE.params,
}
"""In per cent, by field of the record."""

FOREIGN_DIFFERENCES = LARGEST_DIFFERENCES | {"flops_paddle": 8}
"""Of a file that somebody else exported: its batch norms may be folded away and its activations be no Relu, which
Paddle's counter sees. In the catalogue's networks both are 7 per cent at most, and 1 is for another class or two."""

_NAMES = {
    "macs": "MACs",
    "params": "parameters",
    "flops_paddle": "FLOPs as Paddle counts them",
    "params_paddle": "parameters as Paddle counts them",
}


@dataclass(frozen=True)
class SiteCounts:
    """Of one image; None for what only the published document's counter says, of a network without a row there."""

    params: int
    macs: int
    flops_paddle: int | None
    params_paddle: int | None


def site_counts(architecture: Architecture) -> SiteCounts | None:
    """None for a network that the site never counted: nothing an agent says takes the place of its own count."""
    if not architecture.stages:
        return None
    return SiteCounts(
        params=sum(stage["params"] for stage in architecture.stages),
        macs=sum(stage["macs"] for stage in architecture.stages),
        flops_paddle=architecture.flops_paddle,
        params_paddle=architecture.params_paddle,
    )


def count_problems(
    record: wire.ComplexityRecord,
    *,
    architecture: Architecture,
    artifact: Artifact | None,
    sizes_bytes: Collection[int],
) -> list[str]:
    """Where a count contradicts the site's own, each with the two numbers.

    `artifact` is None for one that the site does not know. `sizes_bytes` are the artifact's: of all its files together
    and of each, since tensors may lie beside a graph.
    """
    problems = []
    if known := site_counts(architecture):
        for field, largest in (LARGEST_DIFFERENCES if _is_built_here(artifact) else FOREIGN_DIFFERENCES).items():
            stated, own = getattr(record, field), getattr(known, field)
            if own is not None and abs(stated - own) > own * largest / 100:
                what = _NAMES[field]
                problems.append(f"It counts {stated:,} {what}, this site counts {own:,} of {architecture.name}.")
    if record.storage_bytes not in sizes_bytes:
        problems.append(f"Its storage is {record.storage_bytes:,} bytes, the artifact has {max(sizes_bytes):,}.")
    return problems


def _is_built_here(artifact: Artifact | None) -> bool:
    """By a recipe or by the quantizer, from the very graph that was counted; imported files are of a network."""
    return artifact is not None and not artifact.is_uploaded and artifact.network_id is None
