from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx.reference import ReferenceEvaluator

from runners.engines.base import EngineError
from runners.engines.onnxruntime_cpu import OnnxRuntimeCpu
from runners.wire import FailureKind
from tests.runners.engines import networks

SHAPE = (1, *networks.INPUT_SHAPE)


def test_logits_are_those_of_the_reference_implementation(tmp_path: Path) -> None:
    content = networks.network()
    session = OnnxRuntimeCpu().load(tmp_path, networks.artifact(tmp_path, content), threads=1)
    x = session.input(SHAPE, seed=0)

    logits = session.run(x)

    expected = np.asarray(ReferenceEvaluator(content).run(None, {"x": x}))[0]
    assert np.allclose(logits, expected, rtol=1e-4, atol=1e-6)


def test_batch_that_the_network_does_not_take_is_refused_with_both_shapes(tmp_path: Path) -> None:
    session = OnnxRuntimeCpu().load(tmp_path, networks.artifact(tmp_path, networks.network(batch=1)), threads=1)

    with pytest.raises(EngineError, match=r"\[1, 3, 8, 8\].*\[4, 3, 8, 8\]") as error:
        session.input((4, *networks.INPUT_SHAPE), seed=0)

    assert error.value.kind == FailureKind.USER


def test_input_that_the_runtime_refuses_is_the_users_fault(tmp_path: Path) -> None:
    session = OnnxRuntimeCpu().load(tmp_path, networks.artifact(tmp_path, networks.network()), threads=1)

    with pytest.raises(EngineError, match="does not execute") as error:
        session.run(np.zeros((1, 5), dtype=np.float32))

    assert error.value.kind == FailureKind.USER
