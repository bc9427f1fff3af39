"""Converting what people write to the metric's own unit, exactly."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.metrics import METRICS
from apps.results.stated.units import FACTORS, NotANumber, convert, half_a_digit, read_number


@pytest.mark.parametrize(
    ("text", "unit", "metric", "expected"),
    [
        ("10500", "us", "latency", "10.5"),
        ("10500", "µs", "latency", "10.5"),
        ("10500", "μs", "latency", "10.5"),
        ("10500000", "ns", "latency", "10.5"),
        ("0.0105", "s", "latency", "10.5"),
        ("10.50", "ms", "latency", "10.5"),
        ("10.50", "", "latency", "10.5"),
        ("1.05e1", "", "latency", "10.5"),
        ("71.0", "%", "top1", "0.71"),
        ("0.710", "fraction", "top1", "0.71"),
        ("0.710", "", "top1", "0.71"),
        ("1048576", "B", "storage", "1"),
        ("1024", "KiB", "storage", "1"),
        ("1", "MiB", "storage", "1"),
        ("1.048576", "MB", "storage", "1"),
        ("1048.576", "KB", "storage", "1"),
        ("1048.576", "kB", "storage", "1"),
        ("4231976", "1", "params", "4.231976"),
        ("4231.976", "k", "params", "4.231976"),
        ("4.231976", "M", "params", "4.231976"),
        ("0.004231976", "G", "params", "4.231976"),
        ("1137.5", "M", "flops_2mac", "1.1375"),
    ],
)
def test_value_is_converted_to_the_metrics_unit(text: str, unit: str, metric: str, expected: str) -> None:
    assert convert(read_number(text), unit, METRICS[metric]) == Decimal(expected)


def test_every_metric_has_units_and_its_own_is_one_of_them() -> None:
    for metric in METRICS.values():
        assert FACTORS[metric.unit][metric.unit or "fraction"] == 1


@pytest.mark.parametrize(
    "text", ["", "ten", "10,5", "10.5 ms", "NaN", "Infinity", "1_000", "0x10", "\u0661\u0660", "1e999", "1" * 40]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NotANumber, match="is no number"):
        read_number(text)


@pytest.mark.parametrize(
    ("text", "unit", "metric", "said"),
    [
        ("71.0", "", "top1", 'send "unit": "%"'),
        ("101", "%", "top1", "at most 1"),
        ("-1", "", "latency", "cannot be"),
        ("0", "", "latency", "above zero"),
        ("1e-12", "", "latency", "above zero"),
        ("1e25", "", "latency", "cannot be"),
        ("1", "MB", "latency", "send one of ns, us"),
        ("1", "M", "storage", "send one of B, kB"),
    ],
)
def test_impossible_value_or_unit_is_refused_with_what_would_do(text: str, unit: str, metric: str, said: str) -> None:
    with pytest.raises(NotANumber, match=said):
        convert(read_number(text), unit, METRICS[metric])


@given(st.decimals(min_value="0.001", max_value="1000000", places=3), st.sampled_from(["us", "ms", "s"]))
def test_unit_of_a_time_makes_no_difference(milliseconds: Decimal, unit: str) -> None:
    factor = FACTORS["ms"][unit]
    stated = milliseconds / factor

    assert convert(stated, unit, METRICS["latency"]) == milliseconds


@pytest.mark.parametrize(("text", "half"), [("4.23", "0.005"), ("42", "0.5"), ("4.230", "0.0005"), ("1.5e3", "50")])
def test_digits_say_how_far_a_number_was_rounded(text: str, half: str) -> None:
    assert half_a_digit(text) == Decimal(half)
