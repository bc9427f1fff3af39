"""Figures of the Tesla T4: latency and throughput by batch size, and FP16 against FP32."""

from functools import partial
from typing import Any

from apps.board.figures.base import NARROW_PX, WIDE_PX, Figure, Specs, family_titles
from apps.board.figures.content import Content, Field, Line, board_content, computed
from apps.compare.sentence import Change, growth_sentence, speedup_sentence, throughput_sentence
from apps.results.leaderboard import Board

BATCHES = (1, 4, 8)
FIRST, LAST = BATCHES[0], BATCHES[-1]
PANEL_PX = 255


def latency_key(precision: str, batch: int) -> str:
    return f"latency.paddleclas-t4-{precision}-bs{batch}"


FP16 = tuple(latency_key("fp16", batch) for batch in BATCHES)
FP32 = tuple(latency_key("fp32", batch) for batch in BATCHES)


def _throughput_key(batch: int) -> str:
    return f"throughput-fp16-bs{batch}"


def _speedup_key(batch: int) -> str:
    return f"speedup-bs{batch}"


def throughput_content(board: Board) -> Content:
    content = board_content(board, FP16)
    for batch, key in zip(BATCHES, FP16, strict=True):
        field = Field(_throughput_key(batch), f"Throughput, batch {batch}", "images/s")
        content = computed(content, field, partial(_per_second, key=key, batch=batch), ",.0f")
    return content


def speedup_content(board: Board) -> Content:
    content = board_content(board, (*FP16, *FP32))
    for batch in BATCHES:
        field = Field(_speedup_key(batch), f"FP16 speed-up, batch {batch}", "times")
        content = computed(content, field, partial(_speedup, batch=batch), ".2f")
    return content


def _per_second(line: Line, key: str, batch: int) -> float | None:
    latency_ms = line.number(key)
    return batch * 1000 / latency_ms if latency_ms else None


def _speedup(line: Line, batch: int) -> float | None:
    fp16_ms, fp32_ms = line.number(latency_key("fp16", batch)), line.number(latency_key("fp32", batch))
    return fp32_ms / fp16_ms if fp16_ms and fp32_ms else None


def changes(content: Content, before: str, after: str) -> list[Change]:
    """Of the models that have both values."""
    pairs = [(line.row.model, line.number(before), line.number(after)) for line in content.lines]
    return [Change(model, first, last) for model, first, last in pairs if first is not None and last is not None]


def _growth(content: Content) -> str:
    return growth_sentence(changes(content, FP16[0], FP16[-1]), first=FIRST, last=LAST)


def _throughput(content: Content) -> str:
    both = changes(content, _throughput_key(FIRST), _throughput_key(LAST))
    return throughput_sentence(both, first=FIRST, last=LAST)


def _speedups(content: Content) -> str:
    return speedup_sentence({batch: changes(content, *keys) for batch, *keys in zip(BATCHES, FP16, FP32, strict=True)})


def _batch_specs(board: Board, shown: Content, keys: dict[int, str], title: str, y: tuple[str, str, str]) -> Specs:
    import pandas as pd

    from apps.compare.axis import Axis
    from apps.compare.batch_lines import batch_lines_spec

    axis_title, unit, direction = y
    points = [
        _point(line, batch, key, unit) for line in shown.lines for batch, key in keys.items() if key in line.values
    ]
    options: dict[str, Any] = {
        "y": Axis(axis_title, unit, "min" if direction == "min" else "max", "log"),
        "title": title,
        "subtitle": "Tesla T4, TensorRT, FP16. Both axes are logarithmic; labels are width multipliers.",
        "families": family_titles(board),
    }
    frame = pd.DataFrame(points).astype({"value": float})
    return {
        "spec": batch_lines_spec(frame, columns=3, panel_width=PANEL_PX, **options),
        "narrow_spec": batch_lines_spec(frame, columns=1, panel_width=NARROW_PX - 30, **options),
    }


def _point(line: Line, batch: int, key: str, unit: str) -> dict[str, Any]:
    value = line.values[key]
    return {
        "model": line.row.model,
        "label": line.row.short.partition(" ")[2] or line.row.short,
        "family_title": line.row.family_title,
        "text": f"{value.text} {unit}",
        "batch": batch,
        "value": value.number,
    }


def _latency_specs(board: Board, everything: Content, shown: Content) -> Specs:
    keys = dict(zip(BATCHES, FP16, strict=True))
    return _batch_specs(board, shown, keys, LATENCY.title, ("Latency", "ms", "min"))


def _throughput_specs(board: Board, everything: Content, shown: Content) -> Specs:
    keys = {batch: _throughput_key(batch) for batch in BATCHES}
    return _batch_specs(board, shown, keys, THROUGHPUT.title, ("Throughput", "images/s", "max"))


def _speedup_specs(board: Board, everything: Content, shown: Content) -> Specs:
    import pandas as pd

    from apps.compare.dot_rows import dot_rows_spec, step_marks

    keys = {f"batch {batch}": _speedup_key(batch) for batch in BATCHES}
    last = _speedup_key(LAST)
    lines = sorted(shown.lines, key=lambda line: line.number(last) or 0, reverse=True)
    dots = [_dot(line, name, key) for line in lines for name, key in keys.items() if key in line.values]
    frame = pd.DataFrame(dots).astype({"value": float})
    options: dict[str, Any] = {
        "marks": step_marks(*keys),
        "x_title": "FP32 latency over FP16 latency, higher is better",
        "number_format": "~g",
        "title": SPEEDUP.title,
        "subtitle": "Tesla T4, TensorRT. Left of the dashed line FP16 is the slower one.",
        "reference": 1.0,
    }
    return {
        "spec": dot_rows_spec(frame, width=WIDE_PX - 120, **options),
        "narrow_spec": dot_rows_spec(frame, width=NARROW_PX - 80, **options),
    }


def _dot(line: Line, name: str, key: str) -> dict[str, Any]:
    value = line.values[key]
    row = line.row
    return {
        "model": row.model,
        "short": row.short,
        "mark": name,
        "text": f"{value.text} times",
        "end": "",
        "value": value.number,
    }


LATENCY = Figure(
    slug="t4-latency-by-batch",
    title="T4 latency by batch size",
    about="Time of one inference of the whole batch, FP16. The flatter a line, the less more images cost.",
    content=lambda board: board_content(board, FP16),
    sentence=_growth,
    specs=_latency_specs,
    is_drawable=lambda content: bool(content.lines),
)
SPEEDUP = Figure(
    slug="t4-fp16-speedup",
    title="FP16 against FP32 on a T4",
    about="How many times as fast the same network runs in FP16 as in FP32, at each batch size; 1 is no difference.",
    content=speedup_content,
    sentence=_speedups,
    specs=_speedup_specs,
    is_drawable=lambda content: any(_speedup_key(batch) in line.values for line in content.lines for batch in BATCHES),
)
THROUGHPUT = Figure(
    slug="t4-throughput-by-batch",
    title="T4 throughput by batch size",
    about="Images per second, FP16: the batch size over the published latency of the batch.",
    content=throughput_content,
    sentence=_throughput,
    specs=_throughput_specs,
    is_drawable=lambda content: bool(content.lines),
)
