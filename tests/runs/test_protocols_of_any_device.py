"""Phones and GPUs of other kinds than the published ones: measured in the same way, in columns of their own."""

import pytest

from apps.core.errors import InvalidInput
from apps.results.models import BoardCell
from apps.runs.asking import read_wanted
from apps.runs.models import Run
from apps.runs.presets import PRESETS, Preset
from runners import wire
from tests.devices import PLUS_FACTS, RTX_FACTS, gpu, gpu_record, phone, summary_record
from tests.factories import (
    MODEL,
    attach,
    lease,
    make_agent,
    make_leased,
    make_runs,
    make_user,
    measure_latency,
    result_message,
)

PLUS = phone(kind_name="Snapdragon 855 Plus", facts=PLUS_FACTS)
RTX = gpu(kind_name="NVIDIA GeForce RTX 2080", facts=RTX_FACTS)

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.mark.parametrize(
    ("protocol", "device", "record", "column"),
    [
        ("phone-bs1-t1", PLUS, summary_record(), "phone-bs1-t1.ncnn.snapdragon-855-plus"),
        ("gpu-fp16-bs1", RTX, gpu_record(), "gpu-fp16-bs1.onnxruntime-tensorrt.nvidia-geforce-rtx-2080"),
    ],
)
def test_value_stands_in_the_column_of_its_own_device(
    protocol: str, device: wire.DeviceOffer, record: wire.Record, column: str
) -> None:
    attempt = make_leased(protocol=protocol, device=device)

    result = measure_latency(attempt, result_message(attempt, record))

    assert result.configuration.slug == column
    assert set(BoardCell.objects.values_list("configuration__slug", flat=True)) == {column}


@pytest.mark.parametrize(("protocol", "device"), [("sd855-bs1-t1", PLUS), ("t4-fp16-bs1", RTX)])
def test_protocol_of_one_kind_takes_no_other(protocol: str, device: wire.DeviceOffer) -> None:
    user = make_user()
    [attachment] = attach(make_agent(owner=user)[0], device)

    with pytest.raises(InvalidInput, match="is another kind of device"):
        read_wanted(
            requested_by=user,
            model_names=[MODEL],
            protocol_slugs=[protocol],
            device_kind=attachment.device.kind.slug,
        )


def test_run_for_one_kind_is_not_given_to_another_phone() -> None:
    user = make_user()
    agent, _ = make_agent(owner=user)
    plus, other = attach(agent, PLUS, phone())
    make_runs(requested_by=user, protocols=["phone-bs1-t1"], engine="ncnn", device_kind=plus.device.kind.slug)

    assert Run.objects.executable_by(agent, other).count() == 0
    assert lease(agent, [other, plus]).device == plus.device


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_preset_names_protocols_that_can_be_asked_for(preset: Preset) -> None:
    user = make_user()

    wanted = read_wanted(requested_by=user, model_names="all", protocol_slugs=preset.protocols)

    assert len(wanted.model_names) == 32
