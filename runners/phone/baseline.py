"""The temperature of each phone at rest, kept in the state folder: what "cool" means for it."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, TypeAdapter, ValidationError

from runners.spool import write_durably

LASTS_S = 7 * 24 * 3600
"""The lowest of a week: one night in winter must not make a phone too warm for all of a summer."""


class _Lowest(BaseModel):
    temperature_c: float
    seen_at_s: float


_LOWEST = TypeAdapter(dict[str, _Lowest])


class Baselines:
    """Fingerprint -> the lowest temperature of the last days. Units: degrees Celsius."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def lower(self, fingerprint: str, temperature_c: float) -> float:
        """Note a temperature; the baseline with it."""
        known = self._read()
        now_s = time.time()
        before = known.get(fingerprint)
        if before is not None and before.temperature_c <= temperature_c and now_s - before.seen_at_s < LASTS_S:
            return before.temperature_c
        known[fingerprint] = _Lowest(temperature_c=temperature_c, seen_at_s=now_s)
        # Without it the phone waits against another baseline after the next start: no reason to measure nothing.
        with suppress(OSError):
            write_durably(self._path, _LOWEST.dump_json(known))
        return temperature_c

    def _read(self) -> dict[str, _Lowest]:
        try:
            return _LOWEST.validate_json(self._path.read_bytes())
        except (OSError, ValidationError):
            return {}
