from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from apps.compare.device_state import MOST_READINGS, device_state_spec

NO_LEVELS = pd.DataFrame(columns=["quantity", "label", "value"])


def readings(count: int, *quantities: str, processes: int = 2) -> pd.DataFrame:
    rows = [
        {"process": process, "at_s": 10.0 * process + second, "quantity": quantity, "core": "", "value": 30.0 + second}
        for process in range(1, processes + 1)
        for second in range(count)
        for quantity in quantities
    ]
    return pd.DataFrame(rows)


def panels(spec: dict[str, Any]) -> list[str]:
    """Titles of the vertical axes, from top to bottom."""
    return [panel["layer"][-1]["encoding"]["y"]["title"] for panel in spec["vconcat"]]


def drawn(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of the first panel's dots; layers that share their data have it in common, above them."""
    [panel, *_] = spec["vconcat"]
    data = next(each["data"] for each in (panel["layer"][-1], panel, spec) if "data" in each)
    rows: list[dict[str, Any]] = spec["datasets"][data["name"]]
    return rows


def test_temperature_stands_above_the_clock_over_the_same_time() -> None:
    spec = device_state_spec(readings(5, "clock", "temperature"), NO_LEVELS, title="The device", noun="invocation")

    domains = [panel["layer"][-1]["encoding"]["x"]["scale"]["domain"] for panel in spec["vconcat"]]
    assert panels(spec) == ["Temperature (°C)", "Clock (MHz)"]
    assert domains[0] == domains[1]
    assert spec["title"]["subtitle"] == ["10 readings during 2 invocations."]
    assert spec["description"] == "The device. 10 readings during 2 invocations."


def test_what_was_not_read_has_no_panel_and_a_level_is_a_line_across() -> None:
    levels = pd.DataFrame([{"quantity": "temperature", "label": "at rest", "value": 28.0}])

    spec = device_state_spec(readings(5, "temperature", processes=1), levels, title="The device", noun="process")

    [panel] = spec["vconcat"]
    rule, label, *_ = panel["layer"]
    assert panels(spec) == ["Temperature (°C)"]
    assert (rule["mark"]["type"], label["encoding"]["text"]["field"]) == ("rule", "label")
    assert spec["datasets"][rule["data"]["name"]] == [{"label": "at rest", "value": 28.0}]
    assert spec["title"]["subtitle"] == ["5 readings during 1 process."]


def test_processes_are_lines_of_their_own() -> None:
    spec = device_state_spec(readings(5, "clock"), NO_LEVELS, title="The device", noun="process")

    line, _ = spec["vconcat"][0]["layer"]
    assert [each["field"] for each in line["encoding"]["detail"]] == ["process", "core"]
    assert {(row["process"], row["is_odd"]) for row in drawn(spec)} == {(1, True), (2, False)}


@pytest.mark.parametrize(("count", "step"), [(MOST_READINGS, 1), (MOST_READINGS + 1, 2)])
def test_many_readings_are_thinned_and_the_subtitle_says_so(count: int, step: int) -> None:
    spec = device_state_spec(readings(count, "clock", processes=1), NO_LEVELS, title="The device", noun="process")

    assert len(drawn(spec)) == -(-count // step)
    assert ("Drawn: one in 2 values." in " ".join(spec["title"]["subtitle"])) == (step > 1)
