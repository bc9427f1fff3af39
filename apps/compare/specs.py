"""A chart as its Vega-Lite spec.

Altair checks each part against the schema when it is made, which takes a third of the time that a chart takes. What the
code makes does not depend on what visitors send, so the checks are for the tests, which turn them on.
"""

from __future__ import annotations

from typing import Any, cast

from altair.utils import schemapi

from apps.compare.chart_style import chart_config

schemapi.disable_debug_mode()


def to_spec(chart: Any, *, legend_columns: int = 0) -> dict[str, Any]:
    """The spec in the look that all charts share; `legend_columns` as for `chart_config`."""
    styled = chart.configure(**chart_config(legend_columns=legend_columns))
    return cast(dict[str, Any], styled.to_dict(validate=schemapi.DEBUG_MODE))
