"""Whether offered images are those that a run is to be measured on. Pure: rows come in, no query goes out."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.catalog.models import Dataset

Offered = Mapping[str, Any]
"""Fields of `runners.wire.Dataset`, as the agent that has the images stated them."""
Standards = Mapping[str, Dataset]
"""The standard dataset of each task that has one, by task."""


def standard_datasets() -> dict[str, Dataset]:
    return {dataset.task: dataset for dataset in Dataset.objects.all()}


def is_standard(offered: Offered, standards: Standards) -> bool:
    """Recognised by the digest of its list alone: the name is what the owner of the images chose."""
    standard = standards.get(offered["task"])
    return standard is not None and offered["sha256"] == standard.sha256


def find_offered(datasets: Sequence[Offered], *, task: str, name: str, standards: Standards) -> Offered | None:
    """The one of a task by its name, for an empty name the task's standard one; None where it is missing."""
    for offered in datasets:
        wanted = offered["name"] == name if name else is_standard(offered, standards)
        if offered["task"] == task and wanted:
            return offered
    return None
