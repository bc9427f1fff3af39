"""The NVIDIA GPUs of this host."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from runners.gpu.device import Gpu
from runners.gpu.nvml import GpuLostError, Nvml, opened
from runners.gpu.settings import GpuSettings, load
from runners.hardware.base import Hardware, HardwareAbsentError


def discover(*, state_dir: Path) -> Sequence[Hardware]:
    """Raises: `HardwareAbsentError` where there is no driver or no GPU."""
    settings = load(state_dir)
    return listed(opened(), settings)


def listed(nvml: Nvml, settings: GpuSettings) -> Sequence[Hardware]:
    """Every GPU that the driver describes. Raises: `HardwareAbsentError`."""
    found, lost = [], []
    for index, uuid in enumerate(nvml.uuids()):
        try:
            found.append(Gpu(nvml, nvml.facts(uuid), settings, index=index))
        except GpuLostError as error:
            lost.append(f"GPU {index}: {error}.")
    if not found:
        raise HardwareAbsentError(" ".join(lost) or "The NVIDIA driver is there and knows no GPU: see nvidia-smi.")
    return found
