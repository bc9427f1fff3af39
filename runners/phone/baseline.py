"""The temperature of each phone at rest, kept in the state folder: what "cool" means for it."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from runners.spool import write_durably

DAYS = 7
"""One night in winter must not make a phone too warm for all of a summer."""
CEILING_C = 40.0
"""No core at rest is warmer in a room where people work: a phone that is hot when it is first seen has to cool down."""

_LOWEST = TypeAdapter(dict[str, dict[date, float]])


class Baselines:
    """Fingerprint -> day -> the lowest temperature of that day. Units: degrees Celsius.

    Days on which a phone was not seen do not count: what is known of it does not run out while it lies in a drawer.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def lower(self, fingerprint: str, temperature_c: float) -> float:
        """Note a temperature; the baseline with it."""
        known = self._read()
        days = known.get(fingerprint, {})
        today = datetime.fromtimestamp(time.time(), UTC).date()
        if temperature_c < days.get(today, float("inf")):
            days = dict(sorted((days | {today: temperature_c}).items())[-DAYS:])
            # Without it the phone waits against another baseline after the next start: no reason to measure nothing.
            with suppress(OSError):
                write_durably(self._path, _LOWEST.dump_json(known | {fingerprint: days}))
        return min(CEILING_C, *days.values())

    def _read(self) -> dict[str, dict[date, float]]:
        try:
            return _LOWEST.validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            return {}
