"""The catalogue over REST: families, models, metrics, protocols, configurations, device kinds, artifacts."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.permissions import MayAdminister
from apps.catalog.actions import store_artifact
from apps.catalog.api import schema
from apps.catalog.importing import check_architecture, import_model, read_preparation
from apps.catalog.inspection import FILE_NAME, inspect_files
from apps.catalog.models import Architecture, Artifact, Configuration, DeviceKind, Family, Network, Precision, Protocol
from apps.core.api.errors import storage_problem
from apps.core.api.paging import PAGE_PARAMETERS, Fields, page_by_id, rows_as, same
from apps.core.api.parameters import check_known
from apps.core.api.schema import list_schema, problems
from apps.core.errors import InvalidInput, NotFound, TooLarge
from apps.core.metrics import METRICS

MAX_WEIGHTS_CHARACTERS = 300


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
        form = _form(request._request)
        artifact = self._of_model(request, form) if "model" in form else self._of_architecture(request, form)
        return Response({"sha256": artifact.sha256}, status=201)

    def _of_model(self, request: Request, form: QueryDict) -> Artifact:
        return import_model(
            name=form.get("model", ""),
            family=form.get("family", ""),
            task=form.get("task", ""),
            precision=_precision(form.get("precision", "")) if "precision" in form else "",
            preparation=read_preparation(form.get("input_preparation", "")) if "input_preparation" in form else None,
            weights=_weights(form.get("weights", "not stated")),
            files=_files(request._request),
            is_uploaded=True,
            at=timezone.now(),
        )

    def _of_architecture(self, request: Request, form: QueryDict) -> Artifact:
        architecture = Architecture.objects.filter(name=form.get("architecture", "")).first()
        if architecture is None:
            message = "Send the field `model`, or `architecture` with the name of one that /api/v1/models/ lists."
            raise InvalidInput(message, [{"field": "architecture", "message": message}])
        precision = _precision(form.get("precision", Precision.FP32))
        weights = _weights(form.get("weights", "not stated"))
        files = _files(request._request)
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


def _form(request: HttpRequest) -> QueryDict:
    """The fields of the form. Raises InvalidInput for a body that is not one."""
    try:
        form = request.POST
    except MultiPartParserError as exc:
        raise InvalidInput(f"The body is not a multipart form ({exc}): send it as multipart/form-data.") from None
    if storage_problem(list(form.values())):
        raise InvalidInput("A field has a NUL character in it, which no text field stores: leave it out.")
    return form


def _files(request: HttpRequest) -> dict[str, bytes]:
    """The uploaded files by field name. Raises InvalidInput and TooLarge before it reads one."""
    uploads = {name: upload for name, upload in request.FILES.items() if isinstance(upload, UploadedFile)}
    for name, upload in uploads.items():
        if not FILE_NAME.fullmatch(name):
            message = f"{name!r} cannot name a file: use up to 100 letters, digits, dots, underscores and hyphens."
            raise InvalidInput(message, [{"field": "name", "message": message}])
        if upload.size is None or upload.size > settings.MAX_ARTIFACT_FILE_BYTES:
            raise TooLarge(f"{name} has more than {settings.MAX_ARTIFACT_FILE_BYTES:,} bytes.")
    return {name: upload.read() for name, upload in uploads.items()}


def _weights(text: str) -> str:
    if len(text) > MAX_WEIGHTS_CHARACTERS:
        message = f"weights says in at most {MAX_WEIGHTS_CHARACTERS} characters where they come from."
        raise InvalidInput(message, [{"field": "weights", "message": message}])
    return text


def _precision(value: str) -> str:
    if value not in Precision.values:
        message = f"precision={value!r} is not known. Valid: {', '.join(Precision.values)}."
        raise InvalidInput(message, [{"field": "precision", "message": message}])
    return value
