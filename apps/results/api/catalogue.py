"""What the catalogue's addresses say that only results know: the noise of configurations, and what changed."""

from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.catalog.api.schema import ModelRow
from apps.catalog.api.views import MODEL_FIELDS
from apps.catalog.api.views import ConfigurationsView as CatalogueView
from apps.catalog.models import Network
from apps.catalog.models.protocol import ProtocolKind
from apps.core.api.conditional import etag_of, kept_while, shape_sha256, unchanged
from apps.core.api.listing import described
from apps.core.api.schema import problems
from apps.core.api.views import ApiView
from apps.core.errors import NotFound
from apps.core.prepared import Lookup
from apps.results.api import schema
from apps.results.board_token import BOARD_TOKEN, board_token
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


def _model_named(name: str) -> QuerySet[Any, tuple[Any, ...]]:
    """With the state in which it was read: whatever changes of a model changes the board's row."""
    return Network.objects.filter(name=name).annotate(state=BOARD_TOKEN).values_list(*MODEL_FIELDS.values(), "state")


class ModelView(ApiView):
    """One model."""

    _named = Lookup(_model_named)

    @extend_schema(responses={200: ModelRow, **problems(400, 404)}, tags=["catalogue"])
    def get(self, request: Request, name: str) -> HttpResponseBase:
        rows = self._named(name)
        if not rows:
            raise NotFound(f"There is no model {name!r}; /api/v1/models/ lists them.")
        *values, said = rows[0]
        etag = etag_of(request, said, shape_sha256(ModelRow))
        answer = unchanged(request, etag) or Response(dict(zip(MODEL_FIELDS, values, strict=True)))
        return kept_while(answer, board_token, said=said, etag=etag)


def _is_timed(kind: str, *, is_origin: bool) -> bool:
    return kind == ProtocolKind.LATENCY and not is_origin
