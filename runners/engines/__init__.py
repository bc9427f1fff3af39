"""The one table that names every engine; nothing is imported before it is asked for."""

from __future__ import annotations

import importlib

from runners.engines.base import Engine, EngineUnavailable

ENGINES = {
    "ncnn": "runners.engines.ncnn_cpu:Ncnn",
    "onnxruntime": "runners.engines.onnxruntime_cpu:OnnxRuntimeCpu",
    "onnxruntime-cuda": "runners.engines.onnxruntime_cuda:OnnxRuntimeCuda",
    "onnxruntime-tensorrt": "runners.engines.onnxruntime_tensorrt:OnnxRuntimeTensorrt",
    "openvino": "runners.engines.openvino_cpu:OpenVino",
    "stub": "runners.engines.stub:Stub",
}
"""Name as the site knows it -> module and class. The agent starts on machines that lack some of them."""


EXTRAS = {"onnxruntime-cuda": "gpu", "onnxruntime-tensorrt": "gpu"}
"""Extra of the package that brings an engine's library, where it does not have the engine's name."""


def how_to_get(name: str) -> str:
    """Every engine with a library of its own is an extra of the package."""
    return f"Install it: pip install 'zooboard-runner[{EXTRAS.get(name, name)}]'."


def get_engine(name: str) -> Engine:
    """The engine of that name.

    Raises: `EngineUnavailable` when it is unknown, or when its library is missing or does not load here.
    """
    if name not in ENGINES:
        raise EngineUnavailable(f"This agent has no engine {name!r}; it has: {', '.join(sorted(ENGINES))}.")
    module_name, _, class_name = ENGINES[name].partition(":")
    try:
        module = importlib.import_module(module_name)
    except (ImportError, OSError) as error:
        raise EngineUnavailable(f"Engine {name!r} does not load here: {error}. {how_to_get(name)}") from error
    engine: Engine = getattr(module, class_name)()
    return engine
