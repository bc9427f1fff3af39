from __future__ import annotations

import json
from pathlib import Path

import pytest

from runners import protocols
from runners.machine import local_device
from runners.wire import DeviceOffer, EngineOffer, ProtocolKind

FIXTURE = Path(__file__).parents[2] / "fixtures" / "protocols.json"
KINDS = FIXTURE.with_name("device_kinds.json")
FIELDS = ("version", "kind", "task", "batch_size", "processes")
EMPTY_IN_THE_FIXTURE = {"threads": 1, "precision": "fp32", "warmup": 0, "repeats": 1, "min_duration_s": 0.0}


@pytest.mark.parametrize("slug", protocols.PROTOCOLS)
def test_protocol_has_the_numbers_that_a_site_has(slug: str) -> None:
    protocol = protocols.find(slug).model_dump()

    stated = max(
        (p for p in json.loads(FIXTURE.read_text())["protocols"] if p["slug"] == slug), key=lambda p: int(p["version"])
    )

    assert {key: protocol[key] for key in FIELDS} == {key: stated[key] for key in FIELDS}
    for key, default in EMPTY_IN_THE_FIXTURE.items():
        assert protocol[key] == (stated[key] or default), key


@pytest.mark.parametrize("slug", protocols.PROTOCOLS)
def test_protocol_is_followed_where_a_site_has_it(slug: str) -> None:
    fixture = json.loads(FIXTURE.read_text())["protocols"]
    stated = max((p for p in fixture if p["slug"] == slug), key=lambda p: int(p["version"]))
    titles = {kind["slug"]: kind["title"] for kind in json.loads(KINDS.read_text())["kinds"]}

    hardware = protocols.hardware_for(protocols.find(slug))

    if stated["kind"] != ProtocolKind.LATENCY:
        assert hardware is None
        return
    assert hardware is not None
    assert (hardware.category, hardware.kind_name) == (stated["category"], titles.get(stated["device_kind"]))
    assert sorted(hardware.engines) == sorted(set(stated["engines"]) - {"stub"})


def test_unknown_protocol_is_told_the_nearest() -> None:
    with pytest.raises(protocols.UnknownProtocolError, match=r"Did you mean cpu-fp32-bs\d\?"):
        protocols.find("cpu-fp33-bs1")


def test_beginning_of_protocols_is_told_all_that_begin_so() -> None:
    with pytest.raises(protocols.UnknownProtocolError, match=r"There are sd855-bs1-t1, sd855-bs1-t2, sd855-bs1-t4\."):
        protocols.find_for_host("sd855-bs1")


def test_accuracy_is_sent_to_its_own_command() -> None:
    with pytest.raises(protocols.UnknownProtocolError, match=r"zooboard-runner accuracy .* --images FOLDER"):
        protocols.find_for_host("accuracy-imagenet1k")


def test_this_machine_is_told_only_the_protocols_that_it_can_be_measured_by() -> None:
    with pytest.raises(protocols.UnknownProtocolError) as refusal:
        protocols.find_for_host("???")

    assert str(refusal.value).endswith(f"Known: {', '.join(protocols.HOST)}.")
    assert "sd855" not in str(refusal.value)


@pytest.mark.parametrize("slug", ["sd855-bs1-t1", "t4-fp16-bs8", "phone-bs1-t1", "gpu-fp16-bs8"])
def test_protocol_of_other_hardware_is_not_for_this_machine(slug: str) -> None:
    with pytest.raises(protocols.UnknownProtocolError, match="is measured on hardware of its own"):
        protocols.find_for_host(slug)


def test_device_has_the_protocols_of_its_kind_and_no_others() -> None:
    assert protocols.for_device(phone("Snapdragon 855")) == ["sd855-bs1-t1", "sd855-bs1-t2", "sd855-bs1-t4"]
    assert protocols.for_device(phone("Snapdragon 855 Plus")) == ["phone-bs1-t1", "phone-bs1-t2", "phone-bs1-t4"]
    assert protocols.for_device(local_device()) == protocols.HOST


def phone(kind_name: str) -> DeviceOffer:
    return DeviceOffer(
        fingerprint="0" * 64,
        category="phone",
        kind_name=kind_name,
        engines=[EngineOffer(name="ncnn", release="20240820")],
    )
