"""What the two engines on NVIDIA GPUs share."""

from __future__ import annotations

import os
from abc import abstractmethod
from pathlib import Path
from typing import ClassVar, Literal

import onnxruntime as ort

from runners.engines.base import Converter, EngineError, Precision, onnx_file
from runners.engines.onnxruntime_base import OnnxRuntime, check_available
from runners.wire import Artifact, FailureKind

VISIBLE = "CUDA_VISIBLE_DEVICES"
"""The agent lets a process see the one GPU that it measures, so that this is device 0."""

CUDA = "CUDAExecutionProvider"
CUDA_OPTIONS = {
    "device_id": "0",
    "cudnn_conv_algo_search": "EXHAUSTIVE",
    "do_copy_in_default_stream": "1",
    "use_tf32": "0",
}
"""TF32 would be another precision under the name of FP32; the others are ONNX Runtime's own defaults, stated."""

GET_GPU = (
    "Install it in an environment without onnxruntime: pip install 'zooboard-runner[gpu]', pip uninstall onnxruntime, "
    "then pip install --force-reinstall onnxruntime-gpu; see docs/how-to/t4-host.md."
)


class OnnxRuntimeGpu(OnnxRuntime):
    """FP32 or FP16 on device 0. A subclass says how FP16 is reached: by a switch, or by a converted network."""

    category: ClassVar[Literal["cpu", "gpu", "phone"]] = "gpu"
    io_device: ClassVar[str | None] = "cuda"
    provider: ClassVar[str]
    tolerance = 1e-3

    def __init__(self) -> None:
        check_available(self.provider, advice=GET_GPU)
        self.preload()

    def preload(self) -> None:
        """Load CUDA and cuDNN where they came as Python packages, which no loader of the system finds."""
        ort.preload_dlls()

    @property
    @abstractmethod
    def has_fp16_switch(self) -> bool:
        """Whether the provider itself makes an FP32 network FP16."""

    def converter(self, precision: Precision = "fp32") -> Converter | None:
        if precision != "fp16" or self.has_fp16_switch:
            return None
        # Only here, because nothing else of the engine needs the package onnx.
        from runners.engines import onnxruntime_float16

        return onnxruntime_float16.converter()

    def prepare(
        self,
        artifact_dir: Path,
        artifact: Artifact,
        out_dir: Path,
        *,
        image_shape: tuple[int, ...],
        precision: Precision = "fp32",
    ) -> None:
        if self.converter(precision) is None:
            super().prepare(artifact_dir, artifact, out_dir, image_shape=image_shape, precision=precision)
        from runners.engines import onnxruntime_float16

        name = onnx_file("ONNX Runtime", artifact)
        onnxruntime_float16.convert(artifact_dir / name, out_dir / name)

    def check_artifact(self, precision: Precision, artifact: Artifact) -> None:
        """FP16 starts from FP32; every other precision is the artifact's own."""
        if precision == artifact.precision or (precision, artifact.precision) == ("fp16", "fp32"):
            return
        reason = (
            f"The protocol asks for {precision}, and the artifact is {artifact.precision}: ask for a protocol in its "
            "precision, or give a network in FP32."
        )
        raise EngineError(FailureKind.USER, reason)


def visible_gpu() -> str:
    """What names the one GPU in this process: its UUID, or its number where nobody chose it."""
    return os.environ.get(VISIBLE, "0")
