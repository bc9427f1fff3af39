"""A chart as a small picture for an overview: the marks alone, without words that nobody could read."""

from __future__ import annotations

from typing import Any

_BARE_AXIS = {"labels": False, "ticks": False, "title": None, "domain": False, "grid": False}


def thumbnail_spec(spec: dict[str, Any], *, width: int, height: int) -> dict[str, Any]:
    """The same Vega-Lite spec without titles, legends, axis labels and texts, in the given size.

    Several panels share the size: they stand side by side.

    Units: `width` and `height` are pixels of the whole plot.
    """
    bare = _bare(spec)
    bare["padding"] = 4
    panels = bare.get("concat")
    if panels:
        bare["columns"], bare["spacing"] = len(panels), 8
    for part in panels or [bare]:
        part["width"], part["height"] = (width - 8 * len(panels or [])) / len(panels or [part]), height
    return bare


def _bare(part: dict[str, Any]) -> dict[str, Any]:
    """A copy; the rows of datasets are shared, since nothing here changes them."""
    kept = {name: value for name, value in part.items() if name not in ("title", "params")}
    for name in ("layer", "concat"):
        if name in kept:
            kept[name] = [_bare(each) for each in kept[name] if _mark_type(each) != "text"]
    if "encoding" in kept:
        kept["encoding"] = {channel: _bare_channel(channel, value) for channel, value in kept["encoding"].items()}
    return kept


def _bare_channel(channel: str, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if channel in ("x", "y"):
        return {**value, "axis": _BARE_AXIS, "title": None}
    if channel in ("color", "fill", "stroke", "shape", "size") and "field" in value:
        return {**value, "legend": None}
    # What depends on the legend's selection is drawn as if nothing were selected.
    return {"value": _unselected(value)} if _asks_a_parameter(value) else value


def _asks_a_parameter(value: dict[str, Any]) -> bool:
    condition = value.get("condition")
    conditions = condition if isinstance(condition, list) else [condition]
    return any(isinstance(each, dict) and "param" in str(each) for each in conditions)


def _unselected(value: dict[str, Any]) -> Any:
    condition = value["condition"]
    first = condition[0] if isinstance(condition, list) else condition
    return first["value"]


def _mark_type(part: dict[str, Any]) -> str:
    mark = part.get("mark")
    return str(mark["type"] if isinstance(mark, dict) else mark)
