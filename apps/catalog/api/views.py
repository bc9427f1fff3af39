"""The catalogue over REST: families, models, metrics, protocols, configurations, device kinds, artifacts."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.permissions import MayAdminister
from apps.catalog.actions import store_artifact
from apps.catalog.api import schema
from apps.catalog.api.uploads import read_files, read_form, read_precision, read_weights
from apps.catalog.importing import check_architecture, import_model, read_preparation
from apps.catalog.inspection import inspect_files
from apps.catalog.models import Architecture, Artifact, Configuration, DeviceKind, Family, Network, Precision, Protocol
from apps.core.api.paging import PAGE_PARAMETERS, Fields, page_by_id, rows_as, same
from apps.core.api.parameters import check_known
from apps.core.api.schema import list_schema, problems
from apps.core.errors import InvalidInput, NotFound
from apps.core.metrics import METRICS


class ListView(APIView):
    """A page of plain rows; a subclass says which."""

    fields: ClassVar[Fields]

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def get(self, request: Request) -> Response:
        check_known(request.GET, PAGE_PARAMETERS)
        page = page_by_id(request, self.rows(), self.fields)
        return Response({"next": page.next, "results": page.rows})


@extend_schema_view(get=list_schema("families", schema.FamilyPage, tag="catalogue"))
class FamiliesView(ListView):
    """Families with organisation, year, building blocks and paper."""

    fields = same("id", "slug", "title", "organisation", "year", "building_blocks", "paper", "overview")

    def rows(self) -> QuerySet[Any]:
        return Family.objects.all()


MODEL_FIELDS = same("id", "name", "short", "width_multiplier", "activation", "recipe", "precision", "task") | {
    "family": "family__slug",
    "architecture": "architecture__name",
    "base": "base__name",
}


@extend_schema_view(get=list_schema("models", schema.ModelPage, tag="catalogue"))
class ModelsView(ListView):
    """Every model of the zoo."""

    fields = MODEL_FIELDS

    def rows(self) -> QuerySet[Any]:
        return Network.objects.all()


class ModelView(APIView):
    """One model."""

    @extend_schema(responses={200: schema.ModelRow, **problems(400, 404)}, tags=["catalogue"])
    def get(self, request: Request, name: str) -> Response:
        check_known(request.GET, ())
        rows = rows_as(Network.objects.filter(name=name), MODEL_FIELDS)
        if not rows:
            raise NotFound(f"There is no model {name!r}; /api/v1/models/ lists them.")
        return Response(rows[0])


class MetricsView(APIView):
    """Metrics with unit and direction."""

    @list_schema("metrics", schema.MetricPage, tag="catalogue", parameters=())
    def get(self, request: Request) -> Response:
        check_known(request.GET, ())
        return Response({"next": None, "results": [asdict(metric) for metric in METRICS.values()]})


@extend_schema_view(get=list_schema("protocols", schema.ProtocolPage, tag="catalogue"))
class ProtocolsView(ListView):
    """Versioned ways to measure; `is_origin` marks those that only describe published values."""

    fields = same(
        "id", "slug", "version", "title", "kind", "task", "is_origin", "metrics", "engines", "category", "batch_size",
        "threads", "precision", "processes", "warmup", "repeats", "min_duration_s", "statistic", "description",
        "source",
    )  # fmt: skip

    def rows(self) -> QuerySet[Any]:
        return Protocol.objects.all()


@extend_schema_view(get=list_schema("configurations", schema.ConfigurationPage, tag="catalogue"))
class ConfigurationsView(ListView):
    """A protocol version on an engine and a device kind."""

    fields = same("id", "slug", "engine", "dataset") | {
        "protocol": "protocol__slug",
        "protocol_version": "protocol__version",
        "device": "device_kind__slug",
    }

    def rows(self) -> QuerySet[Any]:
        return Configuration.objects.all()


@extend_schema_view(get=list_schema("devices", schema.DeviceKindPage, tag="catalogue"))
class DevicesView(ListView):
    """Device kinds; `simulated:` ones never reach the board."""

    fields = same("id", "slug", "title", "category", "peak_flops", "facts")

    def rows(self) -> QuerySet[Any]:
        return DeviceKind.objects.all()


@extend_schema_view(get=list_schema("artifacts", schema.ArtifactPage, tag="catalogue"))
class ArtifactsView(ListView):
    """Artifacts by sha256; administrators add one by multipart POST: `model.onnx` with its fields.

    With `model` it becomes that model's own, which is made where it is missing and then needs `family`; `task`,
    `weights` and `input_preparation` (JSON) say what accuracy needs. With `architecture` it is the architecture's.
    """

    fields = same(
        "id",
        "sha256",
        "format",
        "precision",
        "weights",
        "recipe",
        "input_preparation",
        "is_uploaded",
        "created_at",
    ) | {
        "architecture": "architecture__name",
        "model": "network__name",
    }
    permission_classes = [MayAdminister]
    parser_classes = [MultiPartParser]

    def rows(self) -> QuerySet[Any]:
        return Artifact.objects.all()

    @extend_schema(
        request={"multipart/form-data": dict},
        responses={201: schema.StoredArtifact, **problems(400, 401, 403, 413, 422)},
        tags=["catalogue"],
    )
    def post(self, request: Request) -> Response:
        form = read_form(request._request)
        artifact = self._of_model(request, form) if "model" in form else self._of_architecture(request, form)
        return Response({"sha256": artifact.sha256}, status=201)

    def _of_model(self, request: Request, form: QueryDict) -> Artifact:
        return import_model(
            name=form.get("model", ""),
            family=form.get("family", ""),
            task=form.get("task", ""),
            precision=read_precision(form.get("precision", "")) if "precision" in form else "",
            preparation=read_preparation(form.get("input_preparation", "")) if "input_preparation" in form else None,
            weights=read_weights(form.get("weights", "not stated")),
            files=read_files(request._request),
            is_uploaded=True,
            at=timezone.now(),
        )

    def _of_architecture(self, request: Request, form: QueryDict) -> Artifact:
        architecture = Architecture.objects.filter(name=form.get("architecture", "")).first()
        if architecture is None:
            message = "Send the field `model`, or `architecture` with the name of one that /api/v1/models/ lists."
            raise InvalidInput(message, [{"field": "architecture", "message": message}])
        precision = read_precision(form.get("precision", Precision.FP32))
        weights = read_weights(form.get("weights", "not stated"))
        files = read_files(request._request)
        check_architecture(architecture.name, inspect_files(files))
        return store_artifact(
            architecture=architecture,
            network=None,
            format="onnx",
            precision=precision,
            weights=weights,
            files=files,
            is_uploaded=True,
            at=timezone.now(),
        )
