"""An object of the shape of `pynvml`, on machines without a driver.

Its values are COMPOSED from NVIDIA's NVML API reference and the data sheet of the T4, not read from a GPU: names and
types of the functions, units (MHz, mW, bytes, degrees), the bits of the reasons, 13000 for CUDA 13.0.
"""

# ruff: noqa: N802 - the functions have the names of the module that they stand in for.
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

T4_UUID = "GPU-8f6d7c1e-2f5b-4a8e-9d57-3f0c5e1b7a42"
RTX_UUID = "GPU-1b0c9d3a-77e4-4c0d-8a19-6e2f4d5c8b91"
IDLE, POWER_CAP, HW_SLOWDOWN, HW_THERMAL = 0x1, 0x4, 0x8, 0x40


class NotTold(Exception):
    """In place of `NVMLError` and all of its kinds."""


@dataclass
class Card:
    """What one GPU says; None for what it does not have."""

    uuid: str = T4_UUID
    name: str | bytes = "Tesla T4"
    capability: tuple[int, int] = (7, 5)
    memory_bytes: int = 16_106_127_360
    temperature_c: int = 46
    clocks_mhz: tuple[int, int] = (1590, 5000)
    application_mhz: tuple[int, int] | None = (585, 5000)
    power_mw: int | None = 68_730
    reasons: int | None = 0
    processes: int = 0
    ecc: tuple[int, int] | None = (1, 1)
    uncorrected: int = 0
    is_lost: bool = False
    states: list[dict[str, Any]] = field(default_factory=list)
    """What changes with each reading of the temperature, the first call of a state."""


class Library:
    NVMLError = NotTold
    NVML_CLOCK_SM, NVML_CLOCK_MEM, NVML_TEMPERATURE_GPU = 1, 2, 0
    NVML_MEMORY_ERROR_TYPE_UNCORRECTED, NVML_VOLATILE_ECC = 1, 0

    def __init__(self, *cards: Card) -> None:
        self.cards = list(cards)

    def nvmlDeviceGetCount(self) -> int:
        return len(self.cards)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Card:
        return self.cards[index]

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> Card:
        found = [card for card in self.cards if card.uuid == uuid and not card.is_lost]
        if not found:
            raise NotTold("GPU is lost")
        return found[0]

    def nvmlSystemGetDriverVersion(self) -> bytes:
        return b"580.95.05"

    def nvmlSystemGetCudaDriverVersion_v2(self) -> int:
        return 13000

    def nvmlDeviceGetTemperature(self, card: Card, sensor: int) -> int:
        if card.states:
            vars(card).update(card.states.pop(0))
        return card.temperature_c

    def nvmlDeviceGetMemoryInfo(self, card: Card) -> SimpleNamespace:
        return SimpleNamespace(total=card.memory_bytes, free=card.memory_bytes, used=0)

    def nvmlDeviceGetComputeRunningProcesses(self, card: Card) -> list[SimpleNamespace]:
        return [SimpleNamespace(pid=4000 + number, usedGpuMemory=None) for number in range(card.processes)]

    def nvmlDeviceGetClockInfo(self, card: Card, which: int) -> int:
        return card.clocks_mhz[which - 1]

    def nvmlDeviceGetMaxClockInfo(self, card: Card, which: int) -> int:
        return (1590, 5001)[which - 1]

    def nvmlDeviceGetApplicationsClock(self, card: Card, which: int) -> int:
        return int(told(card.application_mhz)[which - 1])

    def nvmlDeviceGetTotalEccErrors(self, card: Card, kind: int, counter: int) -> int:
        told(card.ecc)
        return card.uncorrected

    def nvmlDeviceGetEccMode(self, card: Card) -> list[int]:
        return list(told(card.ecc))

    def __getattr__(self, function: str) -> Callable[[Card], Any]:
        """The functions that only tell what a card holds."""
        simple = {
            "nvmlDeviceGetUUID": lambda card: card.uuid,
            "nvmlDeviceGetName": lambda card: card.name,
            "nvmlDeviceGetCudaComputeCapability": lambda card: card.capability,
            "nvmlDeviceGetPowerUsage": lambda card: told(card.power_mw),
            "nvmlDeviceGetEnforcedPowerLimit": lambda card: 70_000,
            "nvmlDeviceGetCurrentClocksEventReasons": lambda card: told(card.reasons),
        }
        return simple[function]


def told(value: Any) -> Any:
    """Raises: `NotTold` for what the card does not have, as the driver does."""
    if value is None:
        raise NotTold("Not Supported")
    return value


def rtx(**more: Any) -> Card:
    """A GPU of the T4's architecture that is none, and that lacks what only cards for servers have."""
    told: dict[str, Any] = {
        "uuid": RTX_UUID,
        "name": "NVIDIA GeForce RTX 2080 Ti",
        "application_mhz": None,
        "ecc": None,
    }
    return Card(**(told | more))
