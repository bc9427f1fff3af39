"""ONNX Runtime with its TensorRT provider: TensorRT plans the whole network, CUDA executes what it leaves."""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
from pathlib import Path

import onnx

from runners.engines.base import EngineError, EngineUnavailable
from runners.engines.onnxruntime_base import Plan, Providers
from runners.engines.onnxruntime_gpu import CUDA, CUDA_OPTIONS, OnnxRuntimeGpu, visible_gpu
from runners.wire import FailureKind

TENSORRT = "TensorrtExecutionProvider"
LIBRARY = "libnvinfer.so.10"
"""ONNX Runtime 1.31 was built for TensorRT 10; 11 has another file, and no switch for FP16."""

PARSER = "libnvonnxparser.so.10"
CACHE_FOLDER = "tensorrt"


class OnnxRuntimeTensorrt(OnnxRuntimeGpu):
    """FP16 by the provider's switch, which TensorRT 10 has and 11 has no more."""

    name = "onnxruntime-tensorrt"
    provider = TENSORRT

    def preload(self) -> None:
        super().preload()
        self._tensorrt = library_release(LIBRARY)
        loaded(PARSER)

    def release(self) -> str:
        """TensorRT does the work, so another TensorRT is another engine."""
        return f"{super().release()} TensorRT {self._tensorrt}"

    @property
    def has_fp16_switch(self) -> bool:
        return int(self._tensorrt.partition(".")[0]) < 11

    def providers(self, plan: Plan) -> Providers:
        return [
            (TENSORRT, tensorrt_options(plan, visible_gpu(), has_fp16_switch=self.has_fp16_switch)),
            (CUDA, dict(CUDA_OPTIONS)),
        ]


def tensorrt_options(plan: Plan, gpu: str, *, has_fp16_switch: bool) -> dict[str, str]:
    """Engines and timings are kept beside the artifact's files, for this GPU only: no two pieces are tuned alike.

    Raises: `EngineError` of the user.
    """
    folder = cache_folder(plan.path.parent, gpu)
    folder.mkdir(parents=True, exist_ok=True)
    is_fp16 = plan.precision == "fp16" and has_fp16_switch
    return {
        "device_id": "0",
        "trt_fp16_enable": str(is_fp16),
        "trt_engine_cache_enable": "True",
        "trt_engine_cache_path": str(folder),
        "trt_timing_cache_enable": "True",
        "trt_timing_cache_path": str(folder),
        # A graph replays fixed addresses, which only bound inputs have: the host-to-host time would not use it, and the
        # two times would be of different executions.
        "trt_cuda_graph_enable": "False",
        **_profile(plan),
    }


def cache_folder(artifact_dir: Path, gpu: str) -> Path:
    return artifact_dir / CACHE_FOLDER / hashlib.sha256(gpu.encode()).hexdigest()[:16]


def library_release(name: str) -> str:
    """Release of the TensorRT that loads here, as "10.14.1".

    Raises: `EngineUnavailable`.
    """
    try:
        return readable_release(loaded(name).getInferLibVersion())
    except AttributeError as error:
        raise EngineUnavailable(f"{name} is no TensorRT: {error}.") from error


def loaded(name: str) -> ctypes.CDLL:
    """A library of TensorRT, for the whole process: ONNX Runtime's provider then finds it by its name.

    Raises: `EngineUnavailable`.
    """
    for candidate in (name, *_packaged(name)):
        try:
            return ctypes.CDLL(candidate, mode=ctypes.RTLD_GLOBAL)
        except OSError:
            continue
    raise EngineUnavailable(
        f"TensorRT's {name} does not load here. Install TensorRT 10 for CUDA 13, for example "
        "pip install 'tensorrt-cu13-libs<11', or put its folder into LD_LIBRARY_PATH; see docs/how-to/t4-host.md."
    )


def readable_release(number: int) -> str:
    """101401 is 10.14.1. Source: TensorRT, NvInferVersion.h: two digits each of minor and patch."""
    return f"{number // 10_000}.{number // 100 % 100}.{number % 100}"


def _packaged(name: str) -> list[str]:
    """Where the Python package of TensorRT has its libraries."""
    spec = importlib.util.find_spec("tensorrt_libs")
    folders = spec.submodule_search_locations if spec else None
    return [str(Path(folder) / name) for folder in folders or []]


def _profile(plan: Plan) -> dict[str, str]:
    """One fixed shape to plan for: with a range, TensorRT plans for its middle and executes the others slower."""
    if plan.input_shape is None:
        return {}
    shape = f"{_input_name(plan.path)}:{'x'.join(map(str, plan.input_shape))}"
    return {f"trt_profile_{bound}_shapes": shape for bound in ("min", "opt", "max")}


def _input_name(path: Path) -> str:
    """Raises: `EngineError` of the user."""
    try:
        graph = onnx.load(path, load_external_data=False).graph
    except Exception as error:
        # Whatever protobuf says of a file that is no network.
        raise EngineError(FailureKind.USER, f"TensorRT does not load {path.name}: {error}") from error
    weights = {each.name for each in graph.initializer}
    names = [each.name for each in graph.input if each.name not in weights]
    if len(names) != 1:
        raise EngineError(FailureKind.USER, f"The network must have one input; it has {', '.join(names) or 'none'}.")
    return str(names[0])
