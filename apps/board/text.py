"""How values and their origin are written on pages."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from apps.compare.facts import fact_name, flat_facts
from apps.core.metrics import Metric
from apps.results.leaderboard import Cell, Column
from apps.results.models import Evidence, Origin

_THREADS = re.compile(r"-t(\d+)$")

FLAGS = {
    "fp16-slower-than-fp32": "FP16 is more than 5 % slower than FP32",
    "warm-up": "the first samples are slower than the later ones",
    "drift": "the samples drift over time",
    "bimodal": "the samples have two modes",
    "throttling": "later samples are slower than the first",
    "outliers": "some samples are far off",
    "busy-host": "the host was busy with something else",
    "process-spread": "processes differ more than usual",
    "throttled": "the device lowered its clock while it was measured",
    "hot-start": "the phone was warm when it began",
    "low-battery": "the battery was low",
    "unstable-output": "the same input gave different outputs",
    "few-invocations": "fewer processes or invocations than the protocol asks for",
    "few-samples": "fewer timed runs than the protocol asks for",
    "unread-output": "what the benchmark program printed could not be read",
    "unreadable-images": "some images could not be read and are left out",
}


def flag_label(key: str) -> str:
    return FLAGS.get(key, key.replace("-", " "))


def flag_rows(flags: list[str]) -> list[dict[str, str]]:
    return [{"key": key, "label": flag_label(key)} for key in flags]


def value_text(metric: Metric, value: Decimal, printed: str) -> str:
    """Published digits as printed, measured ones rounded by the metric's rule."""
    return printed or metric.text(value)


def interval_text(metric: Metric, value: Decimal, interval: tuple[Decimal, Decimal] | None) -> str:
    """The interval as low to high; nothing without one."""
    return f"{metric.text(interval[0])} to {metric.text(interval[1])}" if interval else ""


def half_width_text(value: Decimal, interval: tuple[Decimal, Decimal] | None) -> str:
    """The interval's half width in percent of the value, short enough for a cell."""
    if interval is None or not value:
        return ""
    return f"±{(interval[1] - interval[0]) / 2 / value * 100:.1f} %"


def protocol_label(column: Column) -> str:
    """What tells columns of the same metric and device apart: "FP16 batch 4", "batch 1, 2 threads", or the images."""
    if column.dataset:
        return column.dataset
    parts = [part for part in column.protocol.split("-") if part in ("fp16", "fp32", "int8", "bs1", "bs4", "bs8")]
    how = " ".join(part.upper() if part.startswith(("fp", "int")) else f"batch {part[2:]}" for part in parts)
    # Only the last part: the T4 is in the middle of its protocols' names.
    threads = _THREADS.search(column.protocol)
    return f"{how}, {threads[1]} thread{'s' if threads[1] != '1' else ''}" if threads else how


def column_label(column: Column) -> str:
    """ "Latency on Tesla T4, FP16 batch 4"; the metric alone where that says enough."""
    where = f" on {column.device_kind}" if column.device_kind else ""
    how = f", {label}" if (label := protocol_label(column)) else ""
    return f"{column.metric.label}{where}{how}"


def full_label(column: Column) -> str:
    """As `column_label`, and with which engine a device measured it: "Latency on Snapdragon 855, batch 1, ncnn"."""
    is_engines = column.is_measured and column.device_kind
    return f"{column_label(column)}, {column.engine}" if is_engines else column_label(column)


def provenance(column: Column, cell: Cell) -> str:
    """One sentence: what the value is, and everything that says where it comes from."""
    value = f"{value_text(column.metric, cell.value, cell.printed)} {column.metric.unit}".strip()
    return f"{column_label(column)}: {value}, {origin_text(column, cell)}."


def origin_text(column: Column, cell: Cell) -> str:
    """Where a value comes from, without the value."""
    parts = [_published(cell) if cell.origin == Origin.PUBLISHED else _measured(column, cell)]
    if cell.interval:
        parts.append(f"95 % interval {interval_text(column.metric, cell.value, cell.interval)} {column.metric.unit}")
    if cell.copied_from:
        parts.append(f"the document repeats the value of {cell.copied_from}")
    parts += [flag_label(flag) for flag in cell.flags]
    return "; ".join(parts)


def _published(cell: Cell) -> str:
    return f"published in {cell.source}" + (f" ({cell.statistic})" if cell.statistic else "")


def _measured(column: Column, cell: Cell) -> str:
    engine = f"{column.engine} {cell.engine_release}".strip()
    # The share of an accuracy names its images itself.
    of = f" of {cell.n:,} samples" if cell.n and "images" not in cell.statistic else ""
    if cell.evidence == Evidence.SUMMARY:
        of = f", as the program itself sums up {cell.n:,} inferences"
    samples = f", {cell.statistic}{of}"
    when = f", {cell.measured_at:%Y-%m-%d}" if cell.measured_at else ""
    shared = f", in the artifact of its architecture {cell.shared_from}" if cell.shared_from else ""
    how = f"by {column.protocol} with {engine}{samples}, weights {cell.weights}{shared}"
    return f"measured in run {cell.run_id} {how}{when}{'' if cell.is_vetted else ', by an unvetted agent'}"


def source_line(cells: Iterable[Cell]) -> str:
    """Where a picture's values come from: documents by name; of runs how many, since each has its own page."""
    documents, runs = dict[str, None](), set[int]()
    for cell in cells:
        if cell.run_id is None:
            documents[cell.source] = None
        else:
            runs.add(cell.run_id)
    agents = [f"{len(runs)} run{'' if len(runs) == 1 else 's'} of this site's agents"] if runs else []
    return f"Source: {'; '.join([*documents, *agents]) or 'no values'}"


def flatten_facts(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Nested facts as rows of (name, text), for a table."""
    return [(fact_name(path), text) for path, text in flat_facts(facts).items()]
