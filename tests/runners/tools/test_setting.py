from __future__ import annotations

from typing import Any

import pytest

from runners import protocols
from runners.tools.setting import Contradiction, Setting, contradictions

T4 = Setting(protocols.find("t4-fp16-bs1"), artifact_precision="fp32", gpu="Tesla T4")
INT8 = Setting(protocols.find("t4-fp32-bs1"), artifact_precision="int8", gpu="Tesla T4")
MADE_BEFORE = Setting(protocols.find("t4-fp16-bs1"), artifact_precision="fp16", gpu="Tesla T4")
FP32 = Setting(protocols.find("t4-fp32-bs8"), artifact_precision="fp32", gpu="NVIDIA GeForce RTX 3090")
PHONE = Setting(protocols.find("sd855-bs1-t1"), artifact_precision="fp32")


@pytest.mark.parametrize(
    ("setting", "facts"),
    [
        (T4, {}),
        (T4, {"threads": 1, "selected_device": "Tesla T4", "precisions": ["fp16", "fp32"]}),
        (T4, {"input_shape": [1, 3, 224, 224]}),
        (FP32, {"input_shape": [8, 3, 224, 224], "batch_size": 8, "precisions": ["fp32"]}),
        (FP32, {"selected_device": "GeForce RTX 3090"}),
        (MADE_BEFORE, {"precisions": ["fp32"]}),
        (MADE_BEFORE, {"precisions": ["fp16", "fp32"]}),
        (INT8, {"precisions": ["fp32", "int8"]}),
        (INT8, {"precisions": ["fp32"]}),
        (PHONE, {"selected_device": "Adreno (TM) 640"}),
    ],
)
def test_what_was_printed_as_stated_or_not_at_all_is_no_contradiction(setting: Setting, facts: dict[str, Any]) -> None:
    assert list(contradictions(facts, setting)) == []


@pytest.mark.parametrize(
    ("setting", "facts", "stated", "printed"),
    [
        (T4, {"threads": 4}, "a protocol of 1 thread", "4"),
        (T4, {"selected_device": "NVIDIA GeForce RTX 3090"}, "the device Tesla T4", "NVIDIA GeForce RTX 3090"),
        (FP32, {"selected_device": "Tesla T4"}, "the device NVIDIA GeForce RTX 3090", "Tesla T4"),
        (T4, {"precisions": ["fp32"]}, "a precision of fp16", "fp32"),
        (T4, {"precisions": ["fp16", "fp32", "int8"]}, "a precision of fp16", "fp16+fp32+int8"),
        (FP32, {"precisions": ["fp16", "fp32"]}, "a precision of fp32", "fp16+fp32"),
        (FP32, {"precisions": ["fp16"]}, "a precision of fp32", "fp16"),
        (MADE_BEFORE, {"precisions": ["fp32", "int8"]}, "a precision of fp16", "fp32+int8"),
        (INT8, {"precisions": ["fp16", "int8"]}, "a precision of int8", "fp16+int8"),
        (T4, {"input_shape": [8, 3, 224, 224]}, "an input of 1x3x224x224", "8x3x224x224"),
        (FP32, {"input_shape": [8, 3, 192, 192]}, "an input of 8x3x224x224", "8x3x192x192"),
        (FP32, {"batch_size": 1}, "a batch of 8", "1"),
    ],
)
def test_what_was_printed_otherwise_is_named_beside_what_is_stated(
    setting: Setting, facts: dict[str, Any], stated: str, printed: str
) -> None:
    assert list(contradictions(facts, setting)) == [Contradiction(stated, printed)]


@pytest.mark.parametrize("odd", [None, "x" * 9_000, 1.5, [None], {"a": 1}, [["fp16"]]])
@pytest.mark.parametrize("name", ["threads", "selected_device", "precisions", "input_shape", "batch_size"])
def test_fact_of_any_form_gives_sentences_at_most(name: str, odd: object) -> None:
    assert all(len(each.printed) <= 100 for each in contradictions({name: odd}, T4))
