"""Artifacts that the owner of an agent brings: what the programs of phones load, and nobody makes of an ONNX file."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.catalog.api.uploads import (
    PRECISION,
    WEIGHTS,
    form_schema,
    read_files,
    read_form,
    read_precision,
    read_weights,
)
from apps.catalog.uploading import MAX_FILE_BYTES, SUFFIXES, upload_artifact
from apps.core.api.schema import problems
from apps.fleet.api.base import AgentView
from runners import wire

FORM = form_schema(
    ("model", "format", "precision", "sha256"),
    model={},
    format={"enum": list(SUFFIXES)},
    precision=PRECISION,
    weights=WEIGHTS,
    sha256={"pattern": "^[0-9a-f]{64}$"},
)


class ArtifactUploadView(AgentView):
    """A multipart form: `model`, `format`, `precision`, `weights`, the manifest's `sha256`, and the files by name."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        request={"multipart/form-data": FORM},
        responses={201: wire.ArtifactAnswer, **problems(401, 409, 413, 422)},
        tags=["agent"],
    )
    def post(self, request: Request) -> Response:
        form = read_form(request._request)
        artifact = upload_artifact(
            model=form.get("model", ""),
            format=form.get("format", ""),
            precision=read_precision(form.get("precision", "")),
            weights=read_weights(form.get("weights", "not stated")),
            files=read_files(request._request, MAX_FILE_BYTES),
            sha256=form.get("sha256", ""),
            by=self.agent(request).owner,
            at=timezone.now(),
        )
        return Response(wire.ArtifactAnswer(sha256=artifact.sha256).model_dump(mode="json"), status=201)
