from __future__ import annotations

from pathlib import Path

import pytest

from runners.counting import architecture, count_graph
from runners.engines.base import EngineError
from runners.orders import ChildOrder
from runners.wire import FailureKind, ProtocolKind, Recipe, RunOrder
from tests.runners.engines import networks


def asked(order: RunOrder, folder: Path) -> ChildOrder:
    return ChildOrder(
        order=order,
        artifact_dir=folder,
        seed=0,
        cpus=[],
        answer_path=folder / "answer.json",
        error_path=folder / "error.json",
        parent_pid=1,
    )


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("MobileNetV1", "MobileNetV1"),
        ("MobileNetV1_ssld", "MobileNetV1"),
        ("MobileNetV3_large_x1_0_ssld_int8", "MobileNetV3_large_x1_0"),
    ],
)
def test_architecture_follows_from_the_model(tmp_path: Path, model: str, expected: str) -> None:
    order = networks.order(networks.artifact(tmp_path, b"")).model_copy(update={"model": model})

    assert architecture(order) == expected


def test_architecture_of_the_recipe_goes_first(tmp_path: Path) -> None:
    recipe = Recipe(builder="zoo", architecture="ShuffleNetV2_x1_0", seed=0)
    artifact = networks.artifact(tmp_path, b"").model_copy(update={"recipe": recipe})

    assert architecture(networks.order(artifact)) == "ShuffleNetV2_x1_0"


def test_storage_is_that_of_the_whole_artifact(tmp_path: Path) -> None:
    content = networks.network()
    order = networks.order(networks.artifact(tmp_path, content), engine="onnx", kind=ProtocolKind.COMPLEXITY)

    counted = count_graph(asked(order, tmp_path))

    assert counted.record.storage_bytes == len(content)
    assert counted.record.params == networks.CLASSES * 3 * 3 * 3


@pytest.mark.parametrize(
    ("content", "name", "format", "reason"),
    [
        pytest.param(b"\xff\xff", "model.onnx", "onnx", "is not an ONNX file", id="no protobuf"),
        pytest.param(networks.network()[:40], "model.onnx", "onnx", "model.onnx", id="truncated"),
        pytest.param(b"7767517", "model.param", "ncnn", "format onnx", id="other format"),
        pytest.param(b"", "model.onnx", "onnx", "cannot be counted", id="empty graph"),
    ],
)
def test_what_cannot_be_counted_is_the_users_fault(
    tmp_path: Path, content: bytes, name: str, format: str, reason: str
) -> None:
    artifact = networks.artifact(tmp_path, content, name=name, format=format)
    order = networks.order(artifact, engine="onnx", kind=ProtocolKind.COMPLEXITY)

    with pytest.raises(EngineError, match=reason) as error:
        count_graph(asked(order, tmp_path))

    assert error.value.kind == FailureKind.USER
