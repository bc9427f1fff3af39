from __future__ import annotations

import sys

import pytest

from runners import cpu

X86 = """processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 23
model\t\t: 49
model name\t: AMD EPYC 7R32
stepping\t: 0
flags\t\t: fpu avx avx2 hypervisor sse4_2 unheard_of

processor\t: 1
vendor_id\t: AuthenticAMD
cpu family\t: 23
model\t\t: 49
model name\t: AMD EPYC 7R32
stepping\t: 0
flags\t\t: fpu avx avx2 hypervisor sse4_2 unheard_of
"""

ARM = """processor\t: 0
Features\t: fp asimd evtstrm aes asimdhp asimddp
CPU implementer\t: 0x41
CPU architecture: 8
CPU part\t: 0xd0c
CPU revision\t: 1
"""


def named(brand: str, vendor: str = "AuthenticAMD") -> str:
    return cpu.Cpu(brand=brand, vendor=vendor, family="25", model="17", stepping="1").name


@pytest.mark.parametrize(
    ("brand", "name"),
    [
        ("AMD EPYC 7R32", "AMD EPYC 7R32"),
        ("AMD Ryzen 7 5800X 8-Core Processor", "AMD Ryzen 7 5800X"),
        ("AMD Ryzen 7 5700G with Radeon Graphics", "AMD Ryzen 7 5700G"),
        ("Intel(R) Xeon(R) CPU E5-2676 v3 @ 2.40GHz", "Intel Xeon E5-2676 v3"),
        ("12th Gen Intel(R) Core(TM) i7-12700", "12th Gen Intel Core i7-12700"),
        ("Apple M2 Pro", "Apple M2 Pro"),
    ],
)
def test_name_is_the_brand_without_decoration(brand: str, name: str) -> None:
    assert named(brand) == name


@pytest.mark.parametrize(
    ("brand", "name"),
    [
        ("AMD EPYC", "AMD EPYC family 25 model 17"),
        ("AMD EPYC Processor", "AMD EPYC family 25 model 17"),
        ("QEMU Virtual CPU version 2.5+", "AMD family 25 model 17"),
        ("Common KVM processor", "AMD family 25 model 17"),
        ("", "AMD family 25 model 17"),
    ],
)
def test_name_that_a_hypervisor_hides_has_family_and_model(brand: str, name: str) -> None:
    assert named(brand) == name


def test_name_of_a_cpu_of_which_nothing_is_known_is_not_empty() -> None:
    assert cpu.Cpu(brand="", vendor="", family="", model="", stepping="").name


def test_x86_is_read_from_cpuinfo() -> None:
    found = cpu.from_cpuinfo(X86, 2, 1)

    assert found == cpu.Cpu(
        brand="AMD EPYC 7R32",
        vendor="AuthenticAMD",
        family="23",
        model="49",
        stepping="0",
        flags=["avx", "avx2", "sse4_2"],
        is_virtual=True,
        logical_cores=2,
        physical_cores=1,
    )


def test_arm_without_a_brand_is_named_by_its_part() -> None:
    found = cpu.from_cpuinfo(ARM, 64, 64)

    assert found.name == "ARM model 0xd0c"
    assert found.flags == ["asimd", "asimddp", "asimdhp"]


@pytest.mark.skipif(sys.platform != "linux", reason="compares Linux's own file with py-cpuinfo")
def test_cpuinfo_file_and_py_cpuinfo_name_the_same_cpu() -> None:
    from_file = cpu.read()
    from_library = cpu.from_py_cpuinfo(from_file.logical_cores, from_file.physical_cores)

    assert from_library.name == from_file.name
    assert {"avx2", "asimd"} & set(from_file.flags) == {"avx2", "asimd"} & set(from_library.flags)
