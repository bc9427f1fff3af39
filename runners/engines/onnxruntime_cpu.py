"""ONNX Runtime on the CPU."""

from __future__ import annotations

from typing import ClassVar, Literal

from runners.engines.onnxruntime_base import OnnxRuntime, Plan, Providers


class OnnxRuntimeCpu(OnnxRuntime):
    name = "onnxruntime"
    category: ClassVar[Literal["cpu", "gpu", "phone"]] = "cpu"

    def providers(self, plan: Plan) -> Providers:
        return [("CPUExecutionProvider", {})]
