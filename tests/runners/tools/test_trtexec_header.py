"""The lines before the measurement, of several releases and ways to start it."""

from __future__ import annotations

from typing import Any

import pytest

from runners.tools import find, messages
from runners.tools.base import Summary
from runners.tools.reading import split
from runners.tools.trtexec_header import facts
from tests.runners.tools.printed import printed

COMMAND = "&&&& RUNNING TensorRT.trtexec [TensorRT v101401] [b48] # /usr/bin/trtexec"


def read(*lines: str) -> dict[str, Any]:
    return facts(split("".join(f"{line}\n" for line in lines)))


def test_whole_header_says_gpu_precisions_and_input() -> None:
    assert facts(split(printed("trtexec"))) == {
        "selected_device": "Tesla T4",
        "precisions": ["fp16", "fp32"],
        "input_shape": [1, 3, 224, 224],
    }


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("[I] Selected Device: NVIDIA GeForce RTX 3090", {"selected_device": "NVIDIA GeForce RTX 3090"}),
        ("[I] Precision: FP32", {"precisions": ["fp32"]}),
        ("[I] Precision: FP16", {"precisions": ["fp16"]}),
        ("[I] Precision: FP32+FP16+INT8 (obey precision constraints)", {"precisions": ["fp16", "fp32", "int8"]}),
        ("[I] Input inference shape: x=8x3x224x224", {"input_shape": [8, 3, 224, 224]}),
        ("[I] Input inference shape : x=8x3x224x224", {"input_shape": [8, 3, 224, 224]}),
        ("[I] Input inference shapes: model", {}),
        ("[I] Input build shape (profile 0): x=1x3x224x224+4x3x224x224+8x3x224x224", {}),
        ("[I] Batch: 8", {"batch_size": 8}),
        ("[I] Batch: Explicit", {}),
        (f"{COMMAND} --shapes=x:4x3x224x224 --fp16", {"input_shape": [4, 3, 224, 224]}),
        (f"{COMMAND} --optShapes=x:0:4x3x224x224", {"input_shape": [4, 3, 224, 224]}),
        (f"{COMMAND} --minShapes=x:1x3x224x224 --optShapes='x:4x3x224x224'", {"input_shape": [4, 3, 224, 224]}),
        (f"{COMMAND} --shapes=a:1x3x224x224,b:1x2", {}),
        (f"{COMMAND} --loadEngine=model.plan", {}),
    ],
)
def test_each_line_is_read_as_the_releases_print_it(line: str, says: dict[str, Any]) -> None:
    assert read(line) == says


def test_shape_that_is_measured_goes_before_the_command() -> None:
    found = read(f"{COMMAND} --optShapes=x:4x3x224x224", "[I] Input inference shape: x=8x3x224x224")

    assert found == {"input_shape": [8, 3, 224, 224]}


def test_precision_says_nothing_of_an_engine_that_was_built_before() -> None:
    assert read("[I] Precision: FP32", "[I] Load engine: model.plan") == {}
    assert read("[I] Precision: FP32", "[I] Load engine: ", "[I] Save engine: x.plan") == {"precisions": ["fp32"]}


def test_shapes_of_two_inputs_tell_nobody_which_is_the_image() -> None:
    assert read("[I] Input inference shape: x=1x3x224x224", "[I] Input inference shape: y=1x2") == {}


def test_header_is_kept_of_an_output_that_is_too_long_to_keep_whole() -> None:
    whole = printed("trtexec") + "[I] a line about a layer\n" * 2_000
    parsed = find("trtexec").parse(whole)
    assert isinstance(parsed, Summary)

    kept = messages.evidence(whole, parsed)

    assert "[the lines that were read of" in kept
    assert facts(split(kept)) == facts(split(whole))
