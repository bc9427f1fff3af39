"""Why a GPU does not run at its highest clock, in words."""

from __future__ import annotations

REASONS = {
    0x0001: "gpu_idle",
    0x0002: "applications_clocks_setting",
    0x0004: "sw_power_cap",
    0x0008: "hw_slowdown",
    0x0010: "sync_boost",
    0x0020: "sw_thermal_slowdown",
    0x0040: "hw_thermal_slowdown",
    0x0080: "hw_power_brake_slowdown",
    0x0100: "display_clock_setting",
}
"""Source: NVML API reference, NvmlClocksEventReasons (in older releases NvmlClocksThrottleReasons)."""


def words(bits: int) -> list[str]:
    """One word for each bit that is set; a bit that no release here knows keeps its number, for it may be a reason."""
    known = [word for bit, word in REASONS.items() if bits & bit]
    unknown = bits & ~sum(REASONS)
    return known + [f"unknown_{1 << place:#x}" for place in range(unknown.bit_length()) if unknown >> place & 1]
