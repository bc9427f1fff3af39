"""The raw body of an upload: unpacked within a limit, read as JSON."""

import gzip
import io
import zlib
from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from apps.core.errors import TooLarge, UserError


class Malformed(UserError):
    type = "parse-error"
    title = "Malformed request"


def read_body(request: Request, *, limit_bytes: int, advice: str = "send less") -> bytes:
    """The body, unpacked when it came as gzip. Raises TooLarge before it unpacks more than the limit."""
    try:
        raw: bytes = request._request.body
    except RequestDataTooBig:
        raise _too_large(limit_bytes, advice) from None
    if request.headers.get("Content-Encoding", "").lower() == "gzip":
        try:
            with gzip.open(io.BytesIO(raw)) as packed:
                raw = packed.read(limit_bytes + 1)
        except (OSError, EOFError, zlib.error) as exc:
            raise Malformed(f"The body says gzip, but cannot be unpacked ({exc}): send it again.") from None
    if len(raw) > limit_bytes:
        raise _too_large(limit_bytes, advice)
    return raw


def _too_large(limit_bytes: int, advice: str = "send less") -> TooLarge:
    return TooLarge(f"The body has more than {limit_bytes:,} bytes: {advice}.")


def read_json(body: bytes) -> Any:
    """Raises Malformed, which says where the JSON is broken."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise Malformed(f"The body is not JSON: {exc}.") from None


class LimitedJSONParser(BaseParser):
    """JSON that is never read beyond `MAX_JSON_BYTES`: anybody may post, so nobody may fill the memory."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = stream.read(settings.MAX_JSON_BYTES + 1)
        if len(body) > settings.MAX_JSON_BYTES:
            raise _too_large(settings.MAX_JSON_BYTES)
        return read_json(body)
