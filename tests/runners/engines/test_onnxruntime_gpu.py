"""The engines for GPUs, executed by the CPU's provider; and their refusal where there is no GPU."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from runners import process
from runners.engines import ENGINES, get_engine
from runners.engines.base import EngineError, EngineUnavailable, Precision, Session
from runners.engines.onnxruntime_base import Plan
from runners.engines.onnxruntime_cpu import OnnxRuntimeCpu
from runners.engines.onnxruntime_cuda import OnnxRuntimeCuda
from runners.engines.onnxruntime_tensorrt import cache_folder, library_release, readable_release, tensorrt_options
from runners.orders import ChildOrder
from runners.wire import FailureKind
from tests.runners.engines import as_gpu, networks
from tests.runners.engines.loading import load

SHAPE = (4, *networks.INPUT_SHAPE)


def loaded(folder: Path, engine: as_gpu.AsGpu | None = None, **how: Any) -> Session:
    return load(engine or as_gpu.AsGpu(), folder, networks.artifact(folder, networks.network()), SHAPE, **how)


@pytest.mark.parametrize("name", ["onnxruntime-cuda", "onnxruntime-tensorrt"])
def test_asked_for_a_gpu_where_there_is_none_the_engine_says_why_and_how_to_get_it(name: str) -> None:
    with pytest.raises(EngineUnavailable, match=r"has no \w+ExecutionProvider, only .*zooboard-runner\[gpu\]"):
        get_engine(name)


def test_provider_that_did_not_start_is_refused_and_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="could not start CUDAExecutionProvider and would use CPU"):
        loaded(tmp_path, as_gpu.Absent())


def test_provider_that_executes_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"AzureExecutionProvider executes not one node.*CPUExecutionProvider"):
        loaded(tmp_path, as_gpu.NobodyExecutes())


def test_session_states_where_each_node_went(tmp_path: Path) -> None:
    session = loaded(tmp_path)

    assert session.facts["provider"] == "CPUExecutionProvider"
    assert session.facts["nodes_by_provider"] == {"CPUExecutionProvider": 3}
    assert session.facts["nodes_elsewhere"] == 0
    assert session.facts["nodes_left_to_cpu"] == 3


def test_inference_on_the_device_gives_the_same_logits_without_the_copies(tmp_path: Path) -> None:
    session = loaded(tmp_path)
    x = session.input(SHAPE, seed=0)
    run = session.on_device(x)
    assert run is not None

    binding: Any = run()

    assert np.array_equal(binding.copy_outputs_to_cpu()[0], session.run(x))


def test_engine_on_the_cpu_has_no_device_times(tmp_path: Path) -> None:
    session = OnnxRuntimeCpu().load(tmp_path, networks.artifact(tmp_path, networks.network()), threads=1)

    assert session.on_device(session.input(SHAPE, seed=0)) is None
    assert "nodes_by_provider" not in session.facts


def test_process_times_the_device_apart_after_the_timed_loop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(ENGINES, as_gpu.NAME, as_gpu.PLACE)
    order = networks.order(networks.artifact(tmp_path, networks.network()), engine=as_gpu.NAME, repeats=7)
    child_order = ChildOrder(
        order=order,
        artifact_dir=tmp_path,
        seed=0,
        cpus=[],
        answer_path=tmp_path / "answer.json",
        error_path=tmp_path / "error.json",
        parent_pid=0,
    )

    samples = process.measure_process(child_order, "not pinned").samples

    assert len(samples.wall_ns) == len(samples.device_ns) == 7
    assert isinstance(samples.started_at, datetime)
    assert samples.facts["engine"]["precision"] == "fp32"


def test_fp16_without_a_switch_executes_a_converted_network_whose_ends_stay_fp32(tmp_path: Path) -> None:
    single, half = loaded(tmp_path), loaded(tmp_path, precision="fp16")
    x = single.input(SHAPE, seed=0)

    logits = half.run(x)

    [converted] = (tmp_path / f"converted for {as_gpu.NAME}").iterdir()
    model = onnx.load(converted)
    assert {each.data_type for each in model.graph.initializer} == {TensorProto.FLOAT16}
    assert logits.dtype == np.float32
    assert 0 < np.abs(logits - single.run(x)).max() < 0.01
    assert half.facts["precision"] == "fp16"


def test_file_that_cannot_be_converted_to_fp16_is_the_users_fault(tmp_path: Path) -> None:
    artifact = networks.artifact(tmp_path, b"\x00not a network")

    with pytest.raises(EngineError, match=r"model\.onnx cannot be converted to FP16") as error:
        load(as_gpu.AsGpu(), tmp_path, artifact, SHAPE, precision="fp16")

    assert error.value.kind == FailureKind.USER


def test_fp32_protocol_takes_no_network_in_another_precision(tmp_path: Path) -> None:
    artifact = networks.artifact(tmp_path, networks.network()).model_copy(update={"precision": "int8"})

    with pytest.raises(EngineError, match="asks for fp32, and the artifact is int8"):
        load(as_gpu.AsGpu(), tmp_path, artifact, SHAPE)


def plan(folder: Path, *, precision: Precision = "fp32") -> Plan:
    networks.artifact(folder, networks.network())
    return Plan(folder / networks.FILE_NAME, precision, SHAPE)


def test_tensorrt_plans_for_the_one_shape_of_the_protocol(tmp_path: Path) -> None:
    options = tensorrt_options(plan(tmp_path), "GPU-1", has_fp16_switch=True)

    assert {options[f"trt_profile_{bound}_shapes"] for bound in ("min", "opt", "max")} == {"x:4x3x8x8"}
    assert options["trt_fp16_enable"] == "False"
    assert options["trt_cuda_graph_enable"] == "False"


@pytest.mark.parametrize(("has_switch", "expected"), [(True, "True"), (False, "False")])
def test_tensorrt_reaches_fp16_by_the_switch_where_it_has_one(tmp_path: Path, has_switch: bool, expected: str) -> None:
    options = tensorrt_options(plan(tmp_path, precision="fp16"), "GPU-1", has_fp16_switch=has_switch)

    assert options["trt_fp16_enable"] == expected


def test_tensorrt_keeps_its_plans_per_artifact_and_gpu(tmp_path: Path) -> None:
    first = tensorrt_options(plan(tmp_path), "GPU-1", has_fp16_switch=True)
    second = tensorrt_options(plan(tmp_path), "GPU-2", has_fp16_switch=True)

    folder = cache_folder(tmp_path, "GPU-1")
    assert folder.is_dir()
    assert first["trt_engine_cache_path"] == first["trt_timing_cache_path"] == str(folder)
    assert first["trt_engine_cache_path"] != second["trt_engine_cache_path"]
    assert "GPU-1" not in str(folder)


def test_network_that_is_none_is_the_users_fault_for_tensorrt_too(tmp_path: Path) -> None:
    broken = plan(tmp_path)
    broken.path.write_bytes(b"\x00not a network")

    with pytest.raises(EngineError, match=r"does not load model\.onnx"):
        tensorrt_options(broken, "GPU-1", has_fp16_switch=True)


def test_tensorrt_that_is_not_there_is_named_with_what_to_install() -> None:
    with pytest.raises(EngineUnavailable, match=r"libnvinfer\.so\.10 does not load here.*tensorrt-cu13-libs<11"):
        library_release("libnvinfer.so.10")


@pytest.mark.skipif(sys.platform != "linux", reason="the name of the C library is Linux's")
def test_library_that_is_no_tensorrt_is_not_taken_for_it() -> None:
    with pytest.raises(EngineUnavailable, match="is no TensorRT"):
        library_release("libc.so.6")


@pytest.mark.parametrize(("number", "text"), [(101401, "10.14.1"), (100000, "10.0.0"), (110401, "11.4.1")])
def test_tensorrt_release_is_readable(number: int, text: str) -> None:
    assert readable_release(number) == text


def test_cuda_is_asked_for_fp32_that_is_no_tf32(tmp_path: Path) -> None:
    [(name, options)] = OnnxRuntimeCuda.providers(OnnxRuntimeCuda.__new__(OnnxRuntimeCuda), plan(tmp_path))

    assert name == "CUDAExecutionProvider"
    assert options["use_tf32"] == "0"
