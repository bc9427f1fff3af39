"""Configurations over REST, each with its noise."""

from typing import Any

from apps.catalog.api.views import ConfigurationsView as CatalogueView
from apps.catalog.models.protocol import ProtocolKind
from apps.core.api.listing import described
from apps.results.api import schema
from apps.results.floors import floors_of


@described("configurations", tag="catalogue")
class ConfigurationsView(CatalogueView):
    """A protocol version on an engine and a device kind, with the difference that its latencies show by chance."""

    page = schema.ConfigurationPage
    fields = CatalogueView.fields | {"_kind": "protocol__kind", "_is_origin": "protocol__is_origin"}

    def finished(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        measured = {row["id"] for row in rows if _is_timed(row.pop("_kind"), is_origin=row.pop("_is_origin"))}
        floors = floors_of(measured)
        for row in rows:
            floor = floors.get(row["id"])
            row["aa_floor"] = floor.value if floor else None
            row["aa_pairs"] = floor.pairs if floor else None
            row["aa_is_assumed"] = floor.is_assumed if floor else None
        return rows


def _is_timed(kind: str, *, is_origin: bool) -> bool:
    return kind == ProtocolKind.LATENCY and not is_origin
