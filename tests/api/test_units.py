"""Every number that the API answers with says its unit: beside it, in its name, or in docs/rest-api.md."""

import re
from typing import Any

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator

UNITS_IN_NAMES = ("_s", "_ms", "_ns", "_bytes", "_hours")
ELSEWHERE = {"ChartValue": "the unit is that of the chart's field"}
INSIDE = ("anyOf", "prefixItems")


def test_every_number_says_its_unit() -> None:
    [section] = re.findall(r"## Units\n(.*?)\n## ", (settings.BASE_DIR / "docs" / "rest-api.md").read_text(), re.DOTALL)
    explained = set(re.findall(r"`(\w+)`", section))
    generated: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]

    unexplained = [
        f"{shape}.{name}"
        for shape, described in generated["components"]["schemas"].items()
        if shape not in ELSEWHERE and "unit" not in described.get("properties", {})
        for name, value in described.get("properties", {}).items()
        if is_number(value) and not name.endswith(UNITS_IN_NAMES) and name not in explained
    ]

    assert unexplained == [], "give it a unit, or say in docs/rest-api.md why it has none"


def is_number(value: dict[str, Any]) -> bool:
    """Whether it is a number that need not be whole, or has one in it; whole ones count things."""
    inner = [each for key in INSIDE for each in value.get(key, [])]
    inner += [value[key] for key in ("items", "additionalProperties") if isinstance(value.get(key), dict)]
    return value.get("type") == "number" or any(map(is_number, inner))
