"""ONNX Runtime with its CUDA provider: a kernel of CUDA or cuDNN for each operator."""

from __future__ import annotations

from runners.engines.onnxruntime_base import Plan, Providers
from runners.engines.onnxruntime_gpu import CUDA, CUDA_OPTIONS, OnnxRuntimeGpu


class OnnxRuntimeCuda(OnnxRuntimeGpu):
    """FP16 by a network converted to FP16 before anything is timed: the provider executes what the graph says."""

    name = "onnxruntime-cuda"
    provider = CUDA
    has_fp16_switch = False

    def providers(self, plan: Plan) -> Providers:
        return [(CUDA, dict(CUDA_OPTIONS))]
