"""Campaigns that people ask for again and again, under a name."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """All models under these protocols, each with its protocol's first engine unless another one is chosen."""

    key: str
    title: str
    protocols: tuple[str, ...]


_T4 = tuple(f"t4-{precision}-bs{batch}" for precision in ("fp16", "fp32") for batch in (1, 4, 8))
_SD855 = tuple(f"sd855-bs1-t{threads}" for threads in (1, 2, 4))
_GPU = tuple(slug.replace("t4-", "gpu-", 1) for slug in _T4)

PRESETS = (
    Preset("t4", "Tesla T4, FP16 and FP32, batch 1, 4 and 8, all models", _T4),
    Preset("sd855", "Snapdragon 855, 1 thread, all models", _SD855[:1]),
    Preset("sd855-threads", "Snapdragon 855, 1, 2 and 4 threads, all models", _SD855),
    Preset("gpu", "Any other GPU, FP16 and FP32, batch 1, 4 and 8, all models", _GPU),
    Preset("phone", "Any other phone, 1 thread, all models", ("phone-bs1-t1",)),
    Preset("cpu", "CPU, batch 1, all models", ("cpu-fp32-bs1",)),
    Preset("complexity", "MACs and parameters, all models", ("complexity-224",)),
)
BY_KEY = {preset.key: preset for preset in PRESETS}
