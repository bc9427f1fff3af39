"""What a kind of device is, as terms and their meaning."""

from typing import Any

from django.utils.text import capfirst

from apps.board.text import flatten_facts
from apps.catalog.models import DeviceKind, Precision

_LABELS = {"cores": "Cores", "names": "Also called", "not_to_be_confused_with": "Not to be confused"}
_NATURES = {"peak_source", "peak_is_per", "recognised_by", *_LABELS}


def fact_rows(kind: DeviceKind) -> list[tuple[str, str]]:
    """Of a simulated kind those of what it simulates are not told: it has none of them."""
    facts: dict[str, Any] = kind.facts
    others = [name for name in facts.get("names", []) if name != kind.title]
    stated = facts | {"names": others}
    rows = [("Category", capfirst(kind.get_category_display()))]
    rows += [(label, _text(stated[key])) for key, label in _LABELS.items() if stated.get(key)]
    rows += _peaks(kind)
    rows += flatten_facts({key: value for key, value in facts.items() if key not in _NATURES})
    return rows


def recognition_rows(kind: DeviceKind) -> list[tuple[str, str]]:
    """The facts by which an agent's device is taken for this kind; none where its name alone decides."""
    return flatten_facts(kind.facts.get("recognised_by", {}))


def _peaks(kind: DeviceKind) -> list[tuple[str, str]]:
    """Upper bounds of arithmetic, against which every latency is checked."""
    per = f" per {kind.facts['peak_is_per']}" if kind.facts.get("peak_is_per") else ""
    return [
        (f"Upper bound, {Precision(precision).label}", f"{flops / 1e9:,.0f} GFLOP/s{per}")
        for precision in Precision.values
        if (flops := kind.peak_flops.get(precision))
    ]


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
