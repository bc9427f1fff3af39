"""The least that answers the same questions: `values()` written by orjson, and no middleware.

Settings and addresses of a Django of its own, which the same server program runs with as many processes and threads.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from itertools import islice
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path

from benchmarks.api.questions import Question, questions

CHUNK_ROWS = 2_000


def answer(request: HttpRequest, number: int) -> HttpResponseBase:
    question = _questions()[number]
    if question.is_export:
        return StreamingHttpResponse(_lines(question), content_type="text/csv")
    return HttpResponse(orjson.dumps(list(question.rows()), default=_plain), content_type="application/json")


_asked: list[Question] = []


def _questions() -> list[Question]:
    if not _asked:
        _asked.extend(questions())
    return _asked


def _lines(question: Question) -> Iterator[bytes]:
    rows = (tuple(row.values()) for row in question.rows().iterator(chunk_size=CHUNK_ROWS))
    while chunk := list(islice(rows, CHUNK_ROWS)):
        text = StringIO()
        csv.writer(text).writerows(chunk)
        yield text.getvalue().encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)


urlpatterns = [path("<int:number>", answer)]
