"""The chart of an architecture: where its layers, MACs and parameters lie."""

from collections.abc import Sequence
from typing import Any

from apps.board.compare_chart import Specs, cached_chart
from apps.catalog.models import Network

Stages = Sequence[dict[str, Any]]
"""Fields of `runners.zoo.stages.Stage`."""

PANELS = (("macs", "MACs (M)"), ("params", "Parameters (k)"), ("layers", "Layers with weights"))
SCALES = {"macs": 1e6, "params": 1e3, "layers": 1}
WIDE_COLUMNS, WIDE_PX, NARROW_PX = 3, 225, 190


def stage_block(network: Network) -> dict[str, Any] | None:
    """`chart`, `totals` and a table's `rows`; None for an architecture that nobody counted."""
    stages: Stages = network.architecture.stages
    if len(stages) < 2:
        return None
    title = "MACs, parameters and layers by stage"
    chart = cached_chart("stages", [title, list(stages)], lambda: _build(stages, title))
    return {
        "chart": {**chart, "source": f"Source: counted from the graph of {network.architecture.name}"},
        "layers": sum(stage["layers"] for stage in stages),
        "macs": f"{sum(stage['macs'] for stage in stages) / 1e6:,.2f}",
        "params": f"{sum(stage['params'] for stage in stages) / 1e6:,.3f}",
    }


def _summary(stages: Stages) -> str:
    """One sentence of what to see."""
    parts = []
    for key, what in (("macs", "MACs"), ("params", "parameters")):
        total = sum(stage[key] for stage in stages)
        most = max(stages, key=lambda stage: stage[key])
        where = "its head" if most["name"] == "head" else f"the {most['name']} maps"
        parts.append(f"{where} hold{'s' if most['name'] == 'head' else ''} {most[key] / total:.0%} of the {what}")
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}. Stages are named by the size of their feature maps for one image."


def _build(stages: Stages, title: str) -> Specs:
    import pandas as pd

    from apps.compare.stage_bars import stage_bars_spec

    frame = pd.DataFrame([_bar(stages, stage, key) for key, _ in PANELS for stage in stages])
    panels = list(PANELS)
    return {
        "title": title,
        "summary": _summary(stages),
        "spec": stage_bars_spec(frame, panels, title=title, columns=WIDE_COLUMNS, panel_width=WIDE_PX),
        "narrow_spec": stage_bars_spec(frame, panels, title=title, columns=1, panel_width=NARROW_PX),
    }


def _bar(stages: Stages, stage: dict[str, Any], key: str) -> dict[str, Any]:
    value = stage[key] / SCALES[key]
    share = stage[key] / (sum(each[key] for each in stages) or 1)
    text = f"{value:,.0f}" if key == "layers" else f"{value:,.1f} ({_percent(share)})"
    return {"panel": key, "stage": stage["name"], "value": float(value), "text": text}


def _percent(share: float) -> str:
    """A little is not nothing."""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"
