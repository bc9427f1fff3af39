"""NVIDIA's management library: the one place that calls it. The module is handed in, so no import needs a driver."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, TypeVar

from runners.gpu import throttle
from runners.gpu.facts import GpuFacts
from runners.gpu.state import GpuState
from runners.hardware.base import HardwareAbsentError

T = TypeVar("T")

MW_PER_W = 1e3
NO_LIBRARY = "The agent cannot ask for GPUs: {error}. Install it: pip install 'zooboard-runner[gpu]'."
NO_DRIVER = (
    "There is no NVIDIA driver here ({error}), so no GPU can be used. Install NVIDIA's driver, release 580 or newer "
    "for CUDA 13; then `nvidia-smi` lists the GPUs."
)


class GpuLostError(Exception):
    """The driver does not answer for this GPU any more; the text says what it said."""


class Nvml:
    """Units: as the fields of what it returns are named. What a GPU or its driver does not tell is None."""

    def __init__(self, library: Any) -> None:
        """`library` is `pynvml` or something of its shape, after `nvmlInit`."""
        self._library = library

    def uuids(self) -> list[str]:
        """The GPUs of this host in the driver's order. Raises: `HardwareAbsentError`."""
        library = self._library
        try:
            handles = [library.nvmlDeviceGetHandleByIndex(index) for index in range(library.nvmlDeviceGetCount())]
            return [_text(library.nvmlDeviceGetUUID(handle)) for handle in handles]
        except library.NVMLError as error:
            raise HardwareAbsentError(f"The NVIDIA driver does not list its GPUs: {error}.") from error

    def facts(self, uuid: str) -> GpuFacts:
        """Raises: `GpuLostError`."""
        library, handle = self._library, self._handle(uuid)
        try:
            major, minor = library.nvmlDeviceGetCudaComputeCapability(handle)
            name, driver = library.nvmlDeviceGetName(handle), library.nvmlSystemGetDriverVersion()
            cuda = int(library.nvmlSystemGetCudaDriverVersion_v2())
            memory_bytes = int(library.nvmlDeviceGetMemoryInfo(handle).total)
        except library.NVMLError as error:
            raise GpuLostError(f"The driver does not describe the GPU: {error}") from error
        return GpuFacts(
            uuid=uuid,
            name=_text(name),
            compute_capability=f"{major}.{minor}",
            driver=_text(driver),
            cuda=f"{cuda // 1000}.{cuda % 1000 // 10}",
            memory_bytes=memory_bytes,
            is_ecc_on=self._optional(lambda: bool(library.nvmlDeviceGetEccMode(handle)[0])),
            sm_max_mhz=self._optional(lambda: int(library.nvmlDeviceGetMaxClockInfo(handle, library.NVML_CLOCK_SM))),
            memory_max_mhz=self._optional(
                lambda: int(library.nvmlDeviceGetMaxClockInfo(handle, library.NVML_CLOCK_MEM))
            ),
            power_limit_w=self._optional(lambda: library.nvmlDeviceGetEnforcedPowerLimit(handle) / MW_PER_W),
        )

    def state(self, uuid: str) -> GpuState:
        """Raises: `GpuLostError`."""
        library, handle = self._library, self._handle(uuid)
        clock, asked = library.nvmlDeviceGetClockInfo, library.nvmlDeviceGetApplicationsClock
        sm, memory = library.NVML_CLOCK_SM, library.NVML_CLOCK_MEM
        try:
            temperature = library.nvmlDeviceGetTemperature(handle, library.NVML_TEMPERATURE_GPU)
        except library.NVMLError as error:
            raise GpuLostError(f"The driver does not tell the GPU's temperature: {error}") from error
        bits = self._optional(lambda: int(library.nvmlDeviceGetCurrentClocksEventReasons(handle)))
        return GpuState(
            temperature_c=float(temperature),
            sm_mhz=self._optional(lambda: int(clock(handle, sm))),
            memory_mhz=self._optional(lambda: int(clock(handle, memory))),
            sm_application_mhz=self._optional(lambda: int(asked(handle, sm))),
            memory_application_mhz=self._optional(lambda: int(asked(handle, memory))),
            power_w=self._optional(lambda: library.nvmlDeviceGetPowerUsage(handle) / MW_PER_W),
            throttle_reasons=None if bits is None else throttle.words(bits),
            processes=self._optional(lambda: len(library.nvmlDeviceGetComputeRunningProcesses(handle))),
        )

    def uncorrected_errors(self, uuid: str) -> int | None:
        """Of its memory since the driver was loaded; None without ECC. Raises: `GpuLostError`."""
        library, handle = self._library, self._handle(uuid)
        kind, since_load = library.NVML_MEMORY_ERROR_TYPE_UNCORRECTED, library.NVML_VOLATILE_ECC
        return self._optional(lambda: int(library.nvmlDeviceGetTotalEccErrors(handle, kind, since_load)))

    def _handle(self, uuid: str) -> Any:
        """Raises: `GpuLostError`."""
        try:
            return self._library.nvmlDeviceGetHandleByUUID(uuid)
        except self._library.NVMLError as error:
            raise GpuLostError(f"The driver has this GPU no more: {error}") from error

    def _optional(self, read: Callable[[], T]) -> T | None:
        """Many GPUs do not have everything, and a driver that is older than the module lacks functions."""
        try:
            return read()
        except self._library.NVMLError:
            return None


def opened() -> Nvml:
    """The driver of this host. It stays open as long as the process: a GPU may be asked for at any time.

    Raises: `HardwareAbsentError`.
    """
    try:
        library = importlib.import_module("pynvml")
    except ImportError as error:
        raise HardwareAbsentError(NO_LIBRARY.format(error=error)) from error
    try:
        library.nvmlInit()
    except library.NVMLError as error:
        raise HardwareAbsentError(NO_DRIVER.format(error=error)) from error
    return Nvml(library)


def _text(value: str | bytes) -> str:
    """Older releases of the module give bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value
