"""Artifact files for agents, with Range so that a broken download goes on where it stopped."""

import re
from collections.abc import Iterator
from typing import IO

from django.core.files.storage import storages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from apps.catalog.building import CannotBuild, build_from_recipe
from apps.catalog.models import ArtifactFile
from apps.core.api.schema import problems
from apps.core.errors import NotFound
from apps.fleet.api.base import AgentView

CHUNK_BYTES = 256 * 1024
_RANGE = re.compile(r"bytes=(\d+)-")


class ArtifactFileView(AgentView):
    """One file of an artifact, built when it is first asked for if it has a recipe. The agent checks its sha256."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """Bytes have no renderer: what the agent accepts would be refused, and errors are JSON whatever it says."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        responses={200: OpenApiTypes.BINARY, 206: OpenApiTypes.BINARY, 416: None, **problems(401, 404)}, tags=["agent"]
    )
    def get(self, request: Request, sha256: str, name: str) -> HttpResponseBase:
        file, storage = _find(sha256, name), storages["artifacts"]
        start = _start(request.headers.get("Range", ""))
        # What is there, not what should be: a damaged file has to arrive whole for the agent to see its hash.
        size_bytes = storage.size(file.storage_name)
        if start >= size_bytes > 0:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size_bytes}"})
        response = StreamingHttpResponse(
            _read(storage.open(file.storage_name), start),
            status=206 if start else 200,
            content_type="application/octet-stream",
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


def _read(file: IO[bytes], start: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
