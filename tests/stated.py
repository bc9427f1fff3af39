"""Stated values as tests send them in."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from apps.accounts.models import User
from apps.results.actions.store_stated import Reported, store_stated
from apps.results.stated.reading import read_rows
from tests.factories import MODEL, NOW

LATENCY: dict[str, Any] = {
    "model": MODEL,
    "metric": "latency",
    "protocol": "sd855-bs1-t1",
    "engine": "ncnn",
    "device": "snapdragon-855",
    "value": 12.5,
    "evidence": "summary",
    "statistic": "mean of 30 after 10",
}
SLUG = "sd855-bs1-t1.ncnn.snapdragon-855"
TOP1: dict[str, Any] = {
    "model": MODEL,
    "metric": "top1",
    "protocol": "accuracy-imagenet1k",
    "engine": "onnxruntime",
    "value": 51.2,
    "unit": "%",
    "evidence": "published",
    "citation": "A report, table 3",
}


def ndjson(records: Sequence[dict[str, Any]]) -> bytes:
    return b"\n".join(json.dumps(record).encode() for record in records)


def many(count: int, *, prefix: str = "r", **changes: Any) -> list[dict[str, Any]]:
    """Different records, each with a name of its own."""
    return [
        LATENCY | {"record_id": f"{prefix}{number}", "value": 10 + number / 1000} | changes for number in range(count)
    ]


def state(owner: User, *records: dict[str, Any], is_partial: bool = False, at: datetime = NOW) -> list[Reported]:
    """Store records as a call would."""
    rows = read_rows(ndjson(records), "application/x-ndjson")
    return store_stated(owner=owner, rows=rows, is_partial=is_partial, at=at)
