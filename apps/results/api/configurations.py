"""Configurations over REST, each with its noise."""

from typing import Any

from drf_spectacular.utils import extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from apps.catalog.api.views import ConfigurationsView as CatalogueView
from apps.catalog.models.protocol import ProtocolKind
from apps.core.api.schema import list_schema
from apps.results.api import schema
from apps.results.floors import floors_of


@extend_schema_view(get=list_schema("configurations", schema.ConfigurationPage, tag="catalogue"))
class ConfigurationsView(CatalogueView):
    """A protocol version on an engine and a device kind, with the difference that its latencies show by chance."""

    fields = CatalogueView.fields | {"_kind": "protocol__kind", "_is_origin": "protocol__is_origin"}

    def get(self, request: Request) -> Response:
        response = super().get(request)
        rows: list[dict[str, Any]] = response.data["results"]
        measured = {row["id"] for row in rows if _is_timed(row.pop("_kind"), is_origin=row.pop("_is_origin"))}
        floors = floors_of(measured)
        for row in rows:
            floor = floors.get(row["id"])
            row["aa_floor"] = floor.value if floor else None
            row["aa_pairs"] = floor.pairs if floor else None
            row["aa_is_assumed"] = floor.is_assumed if floor else None
        return response


def _is_timed(kind: str, *, is_origin: bool) -> bool:
    return kind == ProtocolKind.LATENCY and not is_origin
