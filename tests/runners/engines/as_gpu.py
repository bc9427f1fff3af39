"""The engines for GPUs on a machine without one: all of their code, with the CPU's provider in their list."""

from __future__ import annotations

from runners.engines.onnxruntime_base import Plan, Providers
from runners.engines.onnxruntime_gpu import OnnxRuntimeGpu

NAME = "onnxruntime-as-gpu"
PLACE = "tests.runners.engines.as_gpu:AsGpu"


class AsGpu(OnnxRuntimeGpu):
    name = NAME
    provider = "CPUExecutionProvider"
    io_device = "cpu"
    has_fp16_switch = False

    def preload(self) -> None:
        """There is no CUDA to load."""

    def providers(self, plan: Plan) -> Providers:
        return [(self.provider, {})]


class NobodyExecutes(AsGpu):
    """Asks for a provider that ONNX Runtime has everywhere and that executes no operator of its own."""

    provider = "AzureExecutionProvider"


class Absent(AsGpu):
    """Asks for the provider of GPUs without having checked that it is there."""

    def providers(self, plan: Plan) -> Providers:
        return [("CUDAExecutionProvider", {})]
