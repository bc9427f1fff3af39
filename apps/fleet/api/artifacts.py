"""Artifact files for agents, with Range so that a broken download goes on where it stopped."""

import re
from collections.abc import Iterator
from typing import IO

from django.core.files.storage import storages
from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.catalog.building import CannotBuild, build_from_recipe
from apps.catalog.models import ArtifactFile
from apps.core.api.errors import error_body
from apps.core.api.schema import problems
from apps.core.errors import NotFound
from apps.fleet.api.base import AgentView

BYTES = "application/octet-stream"
CHUNK_BYTES = 256 * 1024
_RANGE = re.compile(r"bytes=([0-9]{1,15})-")


class ArtifactFileView(AgentView):
    """One file of an artifact, built when it is first asked for if it has a recipe. The agent checks its sha256."""

    @extend_schema(
        parameters=[OpenApiParameter("Range", str, "header", description="`bytes=<first>-`: from that byte on.")],
        responses={
            (200, BYTES): OpenApiTypes.BINARY,
            (206, BYTES): OpenApiTypes.BINARY,
            **problems(404, 416),
        },
        tags=["agent"],
    )
    def get(self, request: Request, sha256: str, name: str) -> HttpResponseBase:
        file, storage = _find(sha256, name), storages["artifacts"]
        start = _start(request.headers.get("Range", ""))
        # What is there, not what should be: a damaged file has to arrive whole for the agent to see its hash.
        size_bytes = storage.size(file.storage_name)
        if start >= size_bytes > 0:
            return _beyond(size_bytes)
        response = StreamingHttpResponse(
            _read(storage.open(file.storage_name), start),
            status=206 if start else 200,
            content_type=BYTES,
            headers={
                "Content-Length": str(size_bytes - start),
                "Accept-Ranges": "bytes",
                "ETag": f'"{file.sha256}"',
            },
        )
        if start:
            response["Content-Range"] = f"bytes {start}-{size_bytes - 1}/{size_bytes}"
        return response


def _find(sha256: str, name: str) -> ArtifactFile:
    """A file whose bytes are in the storage. Raises NotFound, which says why there are none."""
    file = ArtifactFile.objects.filter(artifact__sha256=sha256, name=name).first()
    if file is None:
        raise NotFound(f"There is no artifact {sha256} with a file {name}: take both from the order.")
    if not storages["artifacts"].exists(file.storage_name):
        try:
            build_from_recipe(file)
        except CannotBuild as reason:
            raise NotFound(
                f"The site does not store {name} of artifact {sha256} and cannot build it: {reason}."
            ) from None
    return file


def _start(header: str) -> int:
    """First byte asked for. Other kinds of ranges get the whole file, as HTTP allows."""
    match = _RANGE.fullmatch(header.strip())
    return int(match[1]) if match else 0


def _beyond(size_bytes: int) -> Response:
    detail = f"The file has {size_bytes:,} bytes, and none from there on: ask for it from the beginning."
    body = error_body(type="wrong-offset", title="Wrong offset", detail=detail)
    return Response(body, status=416, headers={"Content-Range": f"bytes */{size_bytes}"})


def _read(file: IO[bytes], start: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
