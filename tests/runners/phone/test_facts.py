from __future__ import annotations

import pytest

from runners.phone.facts import PhoneFacts, is_loopback, parse

SERIAL = "9A2B13F7"


def text(
    *, platform: str = "msmnile", soc: str = "SM8150", soc_file: str = "", part: str = "0x804", prime_khz: int = 2841600
) -> str:
    """What a phone answers; composed by hand after the properties and files of an SM8150."""
    return f"""ro.product.manufacturer=OnePlus
ro.product.model=GM1913
ro.build.version.release=11
ro.board.platform={platform}
ro.soc.manufacturer=
ro.soc.model={soc}
ro.product.cpu.abi=arm64-v8a
ro.serialno=9a2b13f7
ro.kernel.qemu=
ro.boot.qemu=
Processor\t: AArch64 Processor rev 14 (aarch64)
processor\t: 0
CPU part\t: 0x805

processor\t: 7
CPU part\t: {part}

Hardware\t: Qualcomm Technologies, Inc SM8150
/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq:1785600
/sys/devices/system/cpu/cpu4/cpufreq/cpuinfo_max_freq:2419200
/sys/devices/system/cpu/cpu7/cpufreq/cpuinfo_max_freq:{prime_khz}
soc-file={soc_file}
4.14.190-perf+
"""


@pytest.mark.parametrize(
    ("changed", "kind_name"),
    [
        ({}, "Snapdragon 855"),
        ({"prime_khz": 2956800}, "Snapdragon 855 Plus"),
        ({"prime_khz": 2600000}, "SM8150 with cpu7 at 2600000 kHz"),
        ({"part": "0x803"}, "SM8150 with cpu7 part 0x803"),
        ({"platform": "kona", "soc": "SM8250"}, "SM8250"),
        ({"soc": "", "soc_file": "SM8150"}, "Snapdragon 855"),
        ({"soc": ""}, "Snapdragon 855"),
    ],
)
def test_kind_is_named_only_where_every_fact_agrees(changed: dict[str, str | int], kind_name: str) -> None:
    facts = parse(SERIAL, text(**changed))  # type: ignore[arg-type]

    assert facts.kind_name == kind_name


def test_phone_without_any_name_of_its_soc_has_none() -> None:
    facts = parse(SERIAL, text(platform="", soc="").replace("Hardware", "Nothing"))

    assert facts.kind_name == "unknown SoC"


def test_facts_for_the_site_have_its_keys_and_no_serial() -> None:
    facts = parse(SERIAL, text(soc="", soc_file="SM8150")).as_facts()

    assert facts["ro.board.platform"] == "msmnile"
    assert facts["ro.soc.model"] == "SM8150"
    assert facts["cpu_part"] == "0x804"
    assert facts["cpu7_max_frequency_khz"] == 2841600
    assert (facts["model"], facts["android"], facts["adb_serial_is_loopback"]) == ("GM1913", "11", False)
    assert not [key for key, value in facts.items() if value is None or "9a2b13f7" in str(value).lower()]


def test_same_phone_is_the_same_device_on_another_cable_and_its_simulation_is_not() -> None:
    usb, network = parse(SERIAL, text()), parse("192.168.1.9:5555", text())

    assert usb.fingerprint(is_simulated=False) == network.fingerprint(is_simulated=False)
    assert usb.fingerprint(is_simulated=False) != usb.fingerprint(is_simulated=True)


@pytest.mark.parametrize("name", ["ro.kernel.qemu", "ro.boot.qemu"])
def test_emulator_that_says_so_is_simulated(name: str) -> None:
    assert not parse(SERIAL, text()).is_simulated
    assert parse(SERIAL, text().replace(f"{name}=", f"{name}=1")).is_simulated


@pytest.mark.parametrize(
    ("serial", "expected"),
    [
        ("127.0.0.1:5555", True),
        ("127.8.0.1:5555", True),
        ("localhost:5555", True),
        ("[::1]:5555", True),
        ("::1:5555", True),
        ("emulator-5554", True),
        ("192.168.1.9:5555", False),
        ("9A2B13F7", False),
        ("127AB", False),
    ],
)
def test_loopback_is_known_by_the_serial(serial: str, expected: bool) -> None:
    assert is_loopback(serial) is expected


def test_rubbish_gives_no_facts_and_no_crash() -> None:
    assert parse(SERIAL, "") == PhoneFacts(SERIAL, {}, {}, {}, "", "")
