"""What changes on a GPU while it works."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from runners.wire import Facts


@dataclass(frozen=True, slots=True)
class GpuState:
    """Units: as the names say; None for what the GPU does not tell. `processes` counts those that compute on it."""

    temperature_c: float
    sm_mhz: int | None
    memory_mhz: int | None
    sm_application_mhz: int | None
    memory_application_mhz: int | None
    power_w: float | None
    throttle_reasons: list[str] | None
    processes: int | None

    def as_facts(self) -> Facts:
        return asdict(self)
