"""Which GPU this is, and under which name its results stand."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass

from runners.machine import fingerprint
from runners.wire import Facts

T4, T4_CAPABILITY = "Tesla T4", "7.5"


@dataclass(frozen=True, slots=True)
class GpuFacts:
    """What stays the same while the driver is loaded. Units: as the names say; None for what it does not tell."""

    uuid: str
    name: str
    compute_capability: str
    driver: str
    cuda: str
    memory_bytes: int
    is_ecc_on: bool | None = None
    sm_max_mhz: int | None = None
    memory_max_mhz: int | None = None
    power_limit_w: float | None = None

    @property
    def kind_name(self) -> str:
        """The driver's name for it. What calls itself a T4 and has not a T4's architecture is no T4."""
        if self.name == T4 and self.compute_capability != T4_CAPABILITY:
            return f"{self.name} (compute capability {self.compute_capability})"
        return self.name

    @property
    def uuid_sha256(self) -> str:
        return hashlib.sha256(self.uuid.encode()).hexdigest()

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.uuid, "gpu", self.kind_name)

    def as_facts(self) -> Facts:
        """Without the UUID, by which a GPU could be recognised elsewhere."""
        told = {key: value for key, value in asdict(self).items() if key != "uuid"}
        return told | {"category": "gpu", "uuid_sha256": self.uuid_sha256}
