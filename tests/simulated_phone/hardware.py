"""What a phone is made of: its system on chip, its cores and its properties."""

from dataclasses import dataclass, field

SILVER_KHZ, GOLD_KHZ = 1785600, 2419200
FEATURES = "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp"


@dataclass(frozen=True)
class Core:
    """Units: maximum_khz in kHz. `part` is the "CPU part" of /proc/cpuinfo."""

    part: str
    maximum_khz: int
    minimum_khz: int


@dataclass(frozen=True)
class PhoneHardware:
    """One sort of phone. `chip` is what /proc/cpuinfo calls the hardware."""

    chip: str
    cores: tuple[Core, ...]
    properties: dict[str, str] = field(default_factory=dict)

    def cpuinfo(self) -> str:
        """The text of /proc/cpuinfo."""
        blocks = ["Processor\t: AArch64 Processor rev 14 (aarch64)"]
        blocks += [_core_text(index, core) for index, core in enumerate(self.cores)]
        return "\n\n".join(blocks).replace("(aarch64)\n\n", "(aarch64)\n", 1) + f"\n\nHardware\t: {self.chip}\n"


def _core_text(index: int, core: Core) -> str:
    facts = {
        "processor\t": index,
        "BogoMIPS\t": "38.40",
        "Features\t": FEATURES,
        "CPU implementer\t": "0x51",
        "CPU architecture": 8,
        "CPU variant\t": "0xd",
        "CPU part\t": core.part,
        "CPU revision\t": 14,
    }
    return "\n".join(f"{name}: {value}" for name, value in facts.items())


def _phone(platform: str, soc: str, model: str, chip: str, parts: tuple[str, str], prime_khz: int) -> PhoneHardware:
    little, big = parts
    cores = (
        *[Core(little, SILVER_KHZ, 300000)] * 4,
        *[Core(big, GOLD_KHZ, 710400)] * 3,
        Core(big, prime_khz, 825600),
    )
    return PhoneHardware(chip, cores, _properties(platform, soc, model))


def _properties(platform: str, soc: str, model: str) -> dict[str, str]:
    return {
        "ro.board.platform": platform,
        "ro.build.version.release": "11",
        "ro.build.version.sdk": "30",
        "ro.hardware": "qcom",
        # A simulated phone says that it is one, as an emulator does.
        "ro.kernel.qemu": "1",
        "ro.product.cpu.abi": "arm64-v8a",
        "ro.product.device": "simulated",
        "ro.product.manufacturer": "zooboard",
        "ro.product.model": model,
        "ro.product.name": "simulated",
        "ro.serialno": "51zb0855",
        "ro.soc.manufacturer": "QTI",
        "ro.soc.model": soc,
        "sys.boot_completed": "1",
    }


_SM8150 = "Qualcomm Technologies, Inc SM8150"
SNAPDRAGON_855 = _phone("msmnile", "SM8150", "Simulated 855", _SM8150, ("0x805", "0x804"), 2841600)
# It says everything that an 855 says; only its fastest core tells them apart.
SNAPDRAGON_855_PLUS = _phone("msmnile", "SM8150", "Simulated 855", _SM8150, ("0x805", "0x804"), 2956800)
SNAPDRAGON_845 = _phone(
    "sdm845", "SDM845", "Simulated 845", "Qualcomm Technologies, Inc SDM845", ("0x803", "0x802"), 2803200
)
