"""What a phone is: read once when it is attached, and which kind of device follows from it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from runners.machine import fingerprint
from runners.phone.remote import Remote
from runners.wire import Facts

PROPERTIES = (
    "ro.product.manufacturer",
    "ro.product.model",
    "ro.build.version.release",
    "ro.board.platform",
    "ro.soc.manufacturer",
    "ro.soc.model",
    "ro.product.cpu.abi",
    "ro.serialno",
    "ro.kernel.qemu",
    "ro.boot.qemu",
)
LOOPBACK = re.compile(r"^(127(\.\d+){3}|localhost|\[?::1\]?):\d+$|^emulator-\d+$")
PRIME_CORE = 7
SD855_PLATFORM, SD855_SOC, SD855_PART = "msmnile", "SM8150", "0x804"
SD855_NAMES = {2841600: "Snapdragon 855", 2956800: "Snapdragon 855 Plus"}
"""Highest frequency of the prime core in kHz -> name. Platform, SoC and CPU part are the same for both."""

SOC_FILE = "/sys/devices/soc0/machine"
"""Where Qualcomm's kernels say their SoC: `ro.soc.model` is there from Android 12 on only."""

READ = (
    "".join(f"echo '{name}='$(getprop {name}); " for name in PROPERTIES)
    + "cat /proc/cpuinfo; "
    + "grep -s . /sys/devices/system/cpu/cpu[0-9]*/cpufreq/cpuinfo_max_freq; "
    + f"echo soc-file=$(cat {SOC_FILE} 2>/dev/null); uname -r"
)


@dataclass(frozen=True, slots=True)
class PhoneFacts:
    """Of one phone. `frequencies_khz`: core -> the highest it can run at; `parts`: core -> "CPU part" of its design."""

    adb_serial: str
    properties: dict[str, str]
    parts: dict[int, str]
    frequencies_khz: dict[int, int]
    kernel: str
    soc_model: str
    """Empty where the phone does not say it anywhere."""

    @property
    def serials(self) -> list[str]:
        """What tells this phone from all others, and stays on its host."""
        return [self.adb_serial, *filter(None, [self.properties.get("ro.serialno")])]

    @property
    def is_simulated(self) -> bool:
        """An emulator says what it is; what adb reaches on this very host is no phone either, whatever it says."""
        is_qemu = "1" in (self.properties.get("ro.kernel.qemu"), self.properties.get("ro.boot.qemu"))
        return is_qemu or is_loopback(self.adb_serial)

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.properties.get("ro.product.model") or "phone"

    @property
    def kind_name(self) -> str:
        """The system on chip: by its catalogue name where every fact agrees, else by the name that it gives itself."""
        own = self.soc_model or self.properties.get("ro.board.platform") or "unknown SoC"
        is_855_family = (
            self.properties.get("ro.board.platform") == SD855_PLATFORM
            and self.soc_model == SD855_SOC
            and self.parts.get(PRIME_CORE) == SD855_PART
        )
        if not is_855_family:
            # The bare part number is another name of the 855, which nothing here tells apart from its siblings.
            return f"{own} with cpu7 part {self.parts.get(PRIME_CORE, 'unknown')}" if own == SD855_SOC else own
        khz = self.frequencies_khz.get(PRIME_CORE)
        return SD855_NAMES.get(khz or 0) or f"{own} with cpu7 at {khz} kHz"

    def fingerprint(self, *, is_simulated: bool) -> str:
        """By its serial number: the same phone behind another host, or by another cable, is the same device."""
        category = "simulated phone" if is_simulated else "phone"
        return fingerprint(self.properties.get("ro.serialno") or self.adb_serial, category, self.kind_name)

    def as_facts(self) -> Facts:
        """For the site, which recognises the kind by them: without a serial, and without what the phone hides."""
        facts = {name: value for name, value in self.properties.items() if name != "ro.serialno"} | {
            "ro.soc.model": self.soc_model or None,
            "model": self.name,
            "android": self.properties.get("ro.build.version.release"),
            "kernel": self.kernel,
            "cpu_part": self.parts.get(PRIME_CORE) or self.parts.get(max(self.parts, default=0)),
            "cpu7_max_frequency_khz": self.frequencies_khz.get(PRIME_CORE),
            "max_frequencies_khz": [khz for _, khz in sorted(self.frequencies_khz.items())],
            "adb_serial_is_loopback": is_loopback(self.adb_serial),
        }
        return {name: value for name, value in facts.items() if value is not None}


def read(remote: Remote) -> PhoneFacts:
    """Raises: `runners.phone.adb.AdbError`."""
    return parse(remote.serial, remote.run(READ))


def parse(adb_serial: str, text: str) -> PhoneFacts:
    """The output of `READ`; a property that is empty is one that the phone does not have."""
    properties = {
        name: value.strip() for name, value in re.findall(r"^(ro\.[\w.]+)=(.*)$", text, re.MULTILINE) if value.strip()
    }
    frequencies = re.findall(r"/cpu(\d+)/cpufreq/cpuinfo_max_freq:(\d+)\s*$", text, re.MULTILINE)
    return PhoneFacts(
        adb_serial=adb_serial,
        properties=properties,
        parts=_parts(text),
        frequencies_khz={int(core): int(khz) for core, khz in frequencies},
        kernel=text.strip().splitlines()[-1].strip() if text.strip() else "",
        soc_model=properties.get("ro.soc.model") or _soc_model(text),
    )


def is_loopback(adb_serial: str) -> bool:
    """Whether adb reaches it on this host or calls it an emulator."""
    return LOOPBACK.match(adb_serial) is not None


def _soc_model(text: str) -> str:
    """What the kernel says, for phones without the property."""
    found = re.search(r"^soc-file=(\S+)", text, re.MULTILINE) or re.search(
        r"^Hardware\s*:.*?(\S+)$", text, re.MULTILINE
    )
    return found.group(1) if found else ""


def _parts(cpuinfo: str) -> dict[int, str]:
    parts, core = {}, 0
    for line in cpuinfo.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "processor" and value.strip().isdigit():
            core = int(value)
        elif key.strip() == "CPU part":
            parts[core] = value.strip()
    return parts
