"""Readable files below `fixtures/` as plain data."""

import json
from functools import cache
from typing import Any

from django.conf import settings


def read_fixture(name: str) -> Any:
    return json.loads((settings.FIXTURES_DIR / name).read_text(encoding="utf-8"))


@cache
def _cpu_bounds() -> list[dict[str, Any]]:
    bounds: list[dict[str, Any]] = read_fixture("device_kinds.json")["cpu_bounds"]
    return bounds


def cpu_core_peak_flops(kind_name: str) -> dict[str, int]:
    """Upper bound of FLOP/s of ONE core by precision, for a CPU of this name. Source: `fixtures/device_kinds.json`."""
    bound = next(bound for bound in _cpu_bounds() if kind_name.startswith(bound["name_prefix"]))
    return {key: per_cycle * bound["frequency_hz"] for key, per_cycle in bound["flops_per_cycle"].items()}
