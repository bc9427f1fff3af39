"""The catalogue over REST: families, models, metrics, protocols, configurations, device kinds, artifacts."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import MayAdminister
from apps.catalog.actions import store_artifact
from apps.catalog.api import schema
from apps.catalog.api.uploads import (
    PRECISION,
    WEIGHTS,
    form_schema,
    read_files,
    read_form,
    read_precision,
    read_weights,
)
from apps.catalog.importing import NOT_STATED, check_architecture, import_model, read_preparation, weights_of
from apps.catalog.inspection import inspect_files
from apps.catalog.models import Architecture, Artifact, Configuration, DeviceKind, Family, Network, Precision, Protocol
from apps.catalog.models.device_kind import Category
from apps.catalog.models.network import Recipe
from apps.catalog.models.protocol import ProtocolKind
from apps.core.api.answers import SHAPE_PARAMETERS, whole_list
from apps.core.api.filters import Flag, Named, OneOf, Present
from apps.core.api.listing import FORMAT, described, fields_parameter, list_responses
from apps.core.api.lists import ListView
from apps.core.api.paging import same
from apps.core.api.parameters import check_known
from apps.core.api.schema import Page, problems
from apps.core.api.views import ApiView
from apps.core.errors import InvalidInput
from apps.core.metrics import METRICS


@described("families", tag="catalogue")
class FamiliesView(ListView):
    """Families with organisation, year, building blocks and paper."""

    page = schema.FamilyPage
    fields = same("id", "slug", "title", "organisation", "year", "building_blocks", "paper", "overview")
    choices = {"slug": Present("slug"), "organisation": Present("organisation")}
    ranges = ("year",)

    def rows(self) -> QuerySet[Any]:
        return Family.objects.all()


MODEL_FIELDS = same("id", "name", "short", "width_multiplier", "activation", "recipe", "precision", "task") | {
    "family": "family__slug",
    "architecture": "architecture__name",
    "base": "base__name",
}


@described("models", tag="catalogue")
class ModelsView(ListView):
    """Every model of the zoo."""

    page = schema.ModelPage
    fields = MODEL_FIELDS
    choices = {
        "name": Present("name"),
        "family": Named("family__slug", Family, "slug", "family", "families"),
        "architecture": Present("architecture__name"),
        "base": Present("base__name"),
        "recipe": OneOf("recipe", Recipe.values),
        "precision": OneOf("precision", Precision.values),
        "activation": Present("activation"),
        "task": Present("task"),
    }
    ranges = ("width_multiplier",)

    def rows(self) -> QuerySet[Any]:
        return Network.objects.all()


class MetricsView(ApiView):
    """Metrics with unit and direction."""

    takes_parameters = ("GET",)

    @extend_schema(
        operation_id="metrics_list",
        parameters=[fields_parameter(list(schema.MetricRow.model_fields)), FORMAT],
        responses=list_responses(schema.MetricPage),
        tags=["catalogue"],
    )
    def get(self, request: Request) -> HttpResponseBase:
        check_known(request.GET, SHAPE_PARAMETERS)
        rows = [asdict(metric) for metric in METRICS.values()]
        return whole_list(request, schema.MetricRow, rows, name="metrics")


@described("protocols", tag="catalogue")
class ProtocolsView(ListView):
    """Versioned ways to measure; `is_origin` marks those that only describe published values."""

    page = schema.ProtocolPage
    fields = same(
        "id", "slug", "version", "title", "kind", "task", "is_origin", "metrics", "engines", "category", "batch_size",
        "threads", "precision", "processes", "warmup", "repeats", "min_duration_s", "statistic", "description",
        "source",
    )  # fmt: skip
    choices = {
        "slug": Present("slug"),
        "kind": OneOf("kind", ProtocolKind.values),
        "task": Present("task"),
        "is_origin": Flag("is_origin"),
        "category": Present("category"),
        "precision": Present("precision"),
    }
    ranges = ("version", "batch_size", "threads")

    def rows(self) -> QuerySet[Any]:
        return Protocol.objects.all()


@described("configurations", tag="catalogue")
class ConfigurationsView(ListView):
    """A protocol version on an engine and a device kind."""

    page: ClassVar[type[Page]] = schema.ConfigurationPage
    fields = same("id", "slug", "engine", "dataset") | {
        "protocol": "protocol__slug",
        "protocol_version": "protocol__version",
        "device": "device_kind__slug",
    }
    choices = {
        "slug": Present("slug"),
        "protocol": Named("protocol__slug", Protocol, "slug", "protocol", "protocols"),
        "engine": Present("engine"),
        "device": Named("device_kind__slug", DeviceKind, "slug", "device kind", "devices"),
        "dataset": Present("dataset"),
    }
    ranges = ("protocol_version",)

    def rows(self) -> QuerySet[Any]:
        return Configuration.objects.all()


@described("devices", tag="catalogue")
class DevicesView(ListView):
    """Device kinds; `simulated:` ones never reach the board."""

    page = schema.DeviceKindPage
    fields = same("id", "slug", "title", "category", "peak_flops", "facts")
    choices = {"slug": Present("slug"), "category": OneOf("category", Category.values)}

    def rows(self) -> QuerySet[Any]:
        return DeviceKind.objects.all()


FORM = form_schema(
    model={}, architecture={}, family={}, task={}, precision=PRECISION, weights=WEIGHTS,
    input_preparation={"contentMediaType": "application/json"},
)  # fmt: skip


@described("artifacts", tag="catalogue")
class ArtifactsView(ListView):
    """Artifacts by sha256; administrators add one by multipart POST: `model.onnx` with its fields.

    With `model` it becomes that model's own, which is made where it is missing and then needs `family`; `task`,
    `weights` and `input_preparation` (JSON) say what accuracy needs. With `architecture` it is the architecture's.
    """

    page = schema.ArtifactPage
    fields = same(
        "id",
        "sha256",
        "format",
        "precision",
        "weights",
        "weights_kind",
        "recipe",
        "input_preparation",
        "is_uploaded",
        "created_at",
    ) | {
        "architecture": "architecture__name",
        "model": "network__name",
    }
    choices = {
        "sha256": Present("sha256"),
        "model": Named("network__name", Network, "name", "model", "models"),
        "architecture": Present("architecture__name"),
        "precision": OneOf("precision", Precision.values),
        "is_uploaded": Flag("is_uploaded"),
    }
    ranges = ("created_at",)
    # An artifact never changes.
    since = "created_at"
    permission_classes = [IsAuthenticatedOrReadOnly, MayAdminister]
    parser_classes = [MultiPartParser]

    def rows(self) -> QuerySet[Any]:
        return Artifact.objects.all()

    @extend_schema(
        request={"multipart/form-data": FORM},
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
            weights=read_weights(form.get("weights", NOT_STATED)),
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
        weights = read_weights(form.get("weights", NOT_STATED))
        files = read_files(request._request)
        stated = inspect_files(files)
        check_architecture(architecture.name, stated)
        words, kind = weights_of(weights, stated)
        return store_artifact(
            architecture=architecture,
            network=None,
            format="onnx",
            precision=precision,
            weights=words,
            weights_kind=kind,
            files=files,
            is_uploaded=True,
            at=timezone.now(),
        )
