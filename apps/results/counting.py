"""What this site counted of a network itself: the bound of its latencies, and what a count sent in must agree with."""

from collections.abc import Collection

from apps.catalog.importing import LARGEST_DIFFERENCE
from apps.catalog.inspection import Counts
from apps.catalog.models import Architecture
from runners import wire


def site_counts(architecture: Architecture) -> Counts | None:
    """None for a network that the site never counted: nothing an agent says takes the place of its own count."""
    if not architecture.stages:
        return None
    return Counts(
        params=sum(stage["params"] for stage in architecture.stages),
        macs=sum(stage["macs"] for stage in architecture.stages),
    )


def count_problems(
    record: wire.ComplexityRecord, *, architecture: Architecture, sizes_bytes: Collection[int]
) -> list[str]:
    """Where a count contradicts the site's own, each with the two numbers.

    `sizes_bytes` are the artifact's: of all its files together and of each, since tensors may lie beside a graph.
    """
    problems = []
    if known := site_counts(architecture):
        for field, what in (("macs", "MACs"), ("params", "parameters")):
            stated, own = getattr(record, field), getattr(known, field)
            if abs(stated - own) > own * getattr(LARGEST_DIFFERENCE, field) / 100:
                problems.append(f"It counts {stated:,} {what}, this site counts {own:,} of {architecture.name}.")
    if record.storage_bytes not in sizes_bytes:
        problems.append(f"Its storage is {record.storage_bytes:,} bytes, the artifact has {max(sizes_bytes):,}.")
    return problems
