"""From the number and unit that a sender states to the metric's own unit."""

import re
from collections.abc import Mapping
from decimal import Decimal

from apps.core.metrics import Metric

PLACES = Decimal("1e-8")
"""What the database keeps."""
LARGEST = Decimal(10**11)
MEBI = Decimal(2**20)

_TIMES = {"ns": "1e-6", "us": "1e-3", "µs": "1e-3", "μs": "1e-3", "ms": "1", "s": "1e3"}
_COUNTS = {"1": "1", "k": "1e3", "M": "1e6", "G": "1e9"}
_BYTES = {"B": 1, "kB": 10**3, "KB": 10**3, "KiB": 2**10, "MB": 10**6, "MiB": 2**20, "GB": 10**9, "GiB": 2**30}

FACTORS: Mapping[str, Mapping[str, Decimal]] = {
    "": {"fraction": Decimal(1), "%": Decimal("0.01")},
    "ms": {name: Decimal(factor) for name, factor in _TIMES.items()},
    "M": {name: Decimal(factor) / 10**6 for name, factor in _COUNTS.items()},
    "G": {name: Decimal(factor) / 10**9 for name, factor in _COUNTS.items()},
    "MiB": {name: Decimal(factor) / MEBI for name, factor in _BYTES.items()},
}
"""By a metric's unit, what one of each unit that may be stated is in it. All are exact."""

_NUMBER = re.compile(r"[+-]?(\d{1,25}(\.\d{0,25})?|\.\d{1,25})([eE][+-]?\d{1,2})?", re.ASCII)


class NotANumber(ValueError):
    """The sentence says which number or unit would do."""


def factor_of(unit: str, metric: Metric) -> Decimal:
    """What a value in `unit` is multiplied with; an empty one is the metric's own. Raises NotANumber."""
    factors = FACTORS[metric.unit]
    if not unit:
        return Decimal(1)
    if unit not in factors:
        own = f"{metric.unit}, the metric's own" if metric.unit else "a fraction, the metric's own"
        raise NotANumber(f"{unit!r} is no unit of {metric.key}: send one of {', '.join(factors)}, or none for {own}.")
    return factors[unit]


def read_number(text: str) -> Decimal:
    """Exactly what is written, with a point as decimal mark. Raises NotANumber."""
    if not _NUMBER.fullmatch(text):
        raise NotANumber(f"{text[:40]!r} is no number: write digits with a point as decimal mark, the unit in `unit`.")
    return Decimal(text)


def convert(number: Decimal, unit: str, metric: Metric) -> Decimal:
    """In the metric's unit, to the places that are kept. Raises NotANumber for what no such metric can be."""
    value = number * factor_of(unit, metric)
    if not 0 <= value < LARGEST:
        raise NotANumber(f"{metric.key} cannot be {number} {unit or metric.unit}".rstrip() + ": check value and unit.")
    if not metric.unit and value > 1:
        raise NotANumber(f'{metric.key} is a fraction, at most 1: send "unit": "%" with per cent.')
    value = value.quantize(PLACES)
    if not value and metric.unit:
        raise NotANumber(f"{metric.key} is above zero: check value and unit.")
    return value


def half_a_digit(text: str) -> Decimal:
    """By how much the truth may differ from a number that was rounded to the digits it is written with."""
    exponent = Decimal(text).as_tuple().exponent
    assert isinstance(exponent, int), "a number that was read is finite"
    return Decimal(5).scaleb(exponent - 1)
