"""Which CPU this is, under the name that tells one device kind from another."""

from __future__ import annotations

import platform
import re
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

import psutil

from runners.wire import Facts

CPUINFO_PATH = Path("/proc/cpuinfo")

FLAGS = frozenset({
    "sse4_2", "avx", "avx2", "f16c", "fma", "avx_vnni",
    "avx512f", "avx512bw", "avx512vl", "avx512_bf16", "avx512_vnni", "avx512_fp16",
    "amx_tile", "amx_int8", "amx_bf16",
    "neon", "asimd", "asimdhp", "asimddp", "i8mm", "bf16", "sve", "sve2",
})  # fmt: skip
"""Instruction sets that change how fast a network is, by Linux's names."""

VENDORS = {"AuthenticAMD": "AMD", "GenuineIntel": "Intel", "0x41": "ARM", "0x61": "Apple", "0x51": "Qualcomm"}

NOISE = re.compile(
    r"\((R|TM|r|tm)\)|@.*$|\([^)]*\)|\b\d+-Core\b|\bProcessor\b|\bCPU\b|\bw(?:ith|/) Radeon.*$", re.ASCII
)
HIDDEN = re.compile(r"\b(QEMU|KVM|Virtual)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cpu:
    """What the system says of its CPU; on ARM `family` is empty and `model` the part number."""

    brand: str
    vendor: str
    family: str
    model: str
    stepping: str
    flags: list[str] = field(default_factory=list)
    is_virtual: bool = False
    logical_cores: int = 1
    physical_cores: int | None = None

    @property
    def name(self) -> str:
        """The brand without decoration, "AMD EPYC 7R32".

        Where a hypervisor hides the model number, "AMD EPYC", family and model are put in its place: without them,
        different generations would be one device kind.
        """
        cleaned = " ".join(NOISE.sub(" ", self.brand).split())
        if re.search(r"\d", cleaned) and not HIDDEN.search(cleaned):
            return cleaned
        hidden = not cleaned or HIDDEN.search(cleaned)
        vendor = VENDORS.get(self.vendor, self.vendor) or platform.machine() or "unknown"
        known = [f"family {self.family}" if self.family else "", f"model {self.model}" if self.model else ""]
        return " ".join(filter(None, [vendor if hidden else cleaned, *known]))

    def facts(self) -> Facts:
        return asdict(self)


@cache
def read() -> Cpu:
    """The CPU of this machine; asked for once, it does not change."""
    cores = psutil.cpu_count(), psutil.cpu_count(logical=False)
    if CPUINFO_PATH.exists():
        return from_cpuinfo(CPUINFO_PATH.read_text(), *cores)
    return from_py_cpuinfo(*cores)


def from_cpuinfo(text: str, logical_cores: int | None, physical_cores: int | None) -> Cpu:
    """Parse Linux's /proc/cpuinfo, of which the last CPU's block counts: on ARM it is the fastest kind of core."""
    fields: dict[str, str] = dict(re.findall(r"^([^\t:]+?)\s*: ?(.*)$", text, re.MULTILINE))
    flags = set(fields.get("flags", fields.get("Features", "")).split())
    return Cpu(
        brand=fields.get("model name", ""),
        vendor=fields.get("vendor_id", fields.get("CPU implementer", "")),
        family=fields.get("cpu family", ""),
        model=fields.get("model", fields.get("CPU part", "")),
        stepping=fields.get("stepping", fields.get("CPU revision", "")),
        flags=sorted(flags & FLAGS),
        is_virtual="hypervisor" in flags,
        logical_cores=logical_cores or 1,
        physical_cores=physical_cores,
    )


def from_py_cpuinfo(logical_cores: int | None, physical_cores: int | None) -> Cpu:
    """Systems without /proc/cpuinfo."""
    # It takes a second to import and ask, which Linux is spared.
    import cpuinfo

    info = cpuinfo.get_cpu_info()
    flags = set(info.get("flags", []))
    return Cpu(
        brand=str(info.get("brand_raw", "")),
        vendor=str(info.get("vendor_id_raw", "")),
        family=str(info.get("family", "")),
        model=str(info.get("model", "")),
        stepping=str(info.get("stepping", "")),
        flags=sorted(flags & FLAGS),
        is_virtual="hypervisor" in flags,
        logical_cores=logical_cores or 1,
        physical_cores=physical_cores,
    )
