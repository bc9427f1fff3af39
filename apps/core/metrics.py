"""The table of metrics: key, unit, direction, and how a value is written."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Direction = Literal["max", "min"]


@dataclass(frozen=True)
class Metric:
    """What is measured. `direction` says which end is better; `decimals` is how a measured value is written."""

    key: str
    label: str
    unit: str
    direction: Direction
    decimals: int
    help: str

    def text(self, value: Decimal) -> str:
        """A measured value as pages show it; a published value shows its printed text instead."""
        return f"{value:,.{self.decimals}f}"


_METRICS = (
    Metric("top1", "Top-1", "", "max", 4, "Share of images whose first guess is right, as a fraction"),
    Metric("top5", "Top-5", "", "max", 4, "Share of images with the right class among five guesses, as a fraction"),
    Metric("reference_top1", "Reference top-1", "", "max", 4, "Top-1 of the paper's own implementation"),
    Metric("reference_top5", "Reference top-5", "", "max", 4, "Top-5 of the paper's own implementation"),
    Metric("macs", "MACs", "M", "min", 2, "Multiply-accumulates of convolutions and fully connected layers, 1 image"),
    Metric("flops_2mac", "FLOPs (2 × MACs)", "G", "min", 3, "Floating-point operations, two per multiply-accumulate"),
    Metric("flops_paddle", "FLOPs (document)", "G", "min", 3, "The published document's own counter"),
    Metric("params", "Parameters", "M", "min", 3, "Trainable parameters"),
    Metric("params_paddle", "Parameters (document)", "M", "min", 3, "The published document's own counter"),
    Metric("storage", "Storage", "MiB", "min", 2, "Size of the model file; a published M is read as MiB"),
    Metric("latency", "Latency", "ms", "min", 3, "Time of one inference of the whole batch"),
    Metric("device_time", "Device time", "ms", "min", 3, "Time of one inference on the GPU alone, without the copies"),
    Metric("cpu_time", "CPU time", "ms", "min", 3, "CPU time of one inference, all threads together, 10th percentile"),
)

METRICS: dict[str, Metric] = {metric.key: metric for metric in _METRICS}
METRIC_CHOICES = [(metric.key, metric.label) for metric in _METRICS]
