"""What the made-up zoo consists of: families with widths, kinds of devices, and the table's values of each model."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from apps.results.synthetic import PREFIX

WIDTHS = ("0.25", "0.35", "0.50", "0.75", "1.00", "1.25", "1.50", "2.00", "2.50", "3.00")
RECIPES = ("plain", "ssld")
DEVICES_PER_KIND = 5
MOST_KINDS = 10
PHONE_EVERY = 3
"""Every third kind is a phone."""


@dataclass(frozen=True)
class Model:
    """`printed` has the digits of its table by (metric, configuration); `macs_m` is in millions."""

    name: str
    short: str
    family: int
    width: str
    recipe: str
    architecture: str
    macs_m: float
    printed: dict[tuple[str, str], str]


@dataclass(frozen=True)
class Kind:
    slug: str
    title: str
    is_phone: bool
    macs_per_ms_m: float
    overhead_ms: float


@dataclass(frozen=True)
class Column:
    """A configuration in which models are measured again and again: each attempt gives a value of each metric."""

    protocol: str
    engine: str
    kind: int
    metrics: tuple[str, ...]
    efficiency: float


@dataclass(frozen=True)
class Zoo:
    families: list[str]
    models: list[Model]
    kinds: list[Kind]
    columns: list[Column]
    device_kinds: list[int]
    """The kind of each device."""


def make_zoo(*, models: int, devices: int, rng: np.random.Generator) -> Zoo:
    """A zoo of a size. The same random state makes the same one."""
    sizes = list(product(WIDTHS, RECIPES))
    families = [f"{PREFIX}{number:03d}" for number in range(-(-models // len(sizes)))]
    bases = rng.lognormal(np.log(300), 0.8, len(families))
    gains = rng.normal(0, 0.012, len(families))
    kinds = _kinds(min(MOST_KINDS, max(1, devices // DEVICES_PER_KIND)), rng)
    made = [
        _model(family, width, recipe, base_m=bases[family], gain=gains[family], rng=rng)
        for family in range(len(families))
        for width, recipe in sizes
    ]
    device_kinds = [device % len(kinds) for device in range(devices)]
    return Zoo(families, made[:models], kinds, _columns(kinds, rng), device_kinds)


def _model(family: int, width: str, recipe: str, *, base_m: float, gain: float, rng: np.random.Generator) -> Model:
    """Accuracy grows with the arithmetic and levels off; arithmetic grows with the square of the width."""
    factor = 0.12 * float(width) + 0.88 * float(width) ** 2
    macs_m, params_m = base_m * factor, 1.2 + base_m * factor / 95
    top1 = 0.83 - 0.75 * macs_m**-0.36 + gain + (0.022 if recipe == "ssld" else 0) + rng.normal(0, 0.003)
    top1 = float(np.clip(top1, 0.3, 0.9))
    phone_ms = 0.4 + macs_m / 9.5 * rng.lognormal(0, 0.25)
    architecture = f"{PREFIX}{family:03d}_x{width.rstrip('0').rstrip('.').replace('.', '_')}"
    return Model(
        name=architecture if recipe == "plain" else f"{architecture}_{recipe}",
        short=f"synth {family:03d} ×{width}" + ("" if recipe == "plain" else f" {recipe.upper()}"),
        family=family,
        width=width,
        recipe=recipe,
        architecture=architecture,
        macs_m=macs_m,
        printed={
            ("top1", "paddleclas-accuracy"): f"{top1:.4f}",
            ("top5", "paddleclas-accuracy"): f"{1 - (1 - top1) * 0.42:.4f}",
            ("flops_paddle", "paddleclas-complexity"): f"{macs_m * 2.03 / 1000:.3f}",
            ("params_paddle", "paddleclas-complexity"): f"{params_m:.3f}",
            ("storage", "paddleclas-storage"): f"{params_m * 4 / 1.048576:.1f}",
            ("latency", "paddleclas-sd855-bs1"): f"{phone_ms:.3f}",
        },
    )


def _kinds(count: int, rng: np.random.Generator) -> list[Kind]:
    kinds = []
    for number in range(count):
        is_phone = number % PHONE_EVERY == PHONE_EVERY - 1
        name = f"{'phone' if is_phone else 'cpu'}-{number:02d}"
        speed = rng.uniform(8, 20) if is_phone else rng.uniform(25, 90)
        kinds.append(Kind(f"{PREFIX}{name}", f"Synth {name}", is_phone, speed, rng.uniform(0.1, 0.6)))
    return kinds


def _columns(kinds: list[Kind], rng: np.random.Generator) -> list[Column]:
    columns = []
    for number, kind in enumerate(kinds):
        protocols = ("phone-bs1-t1", "phone-bs1-t4") if kind.is_phone else ("cpu-fp32-bs1",)
        engines = ("paddle-lite",) if kind.is_phone else ("onnxruntime", "openvino")
        metrics = ("latency",) if kind.is_phone else ("latency", "cpu_time")
        for protocol, engine in product(protocols, engines):
            efficiency = rng.uniform(0.7, 1.1) * (2.6 if protocol.endswith("t4") else 1)
            columns.append(Column(protocol, engine, number, metrics, efficiency))
    return columns
