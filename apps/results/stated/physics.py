"""What this site knows itself of a model, and no stated value may contradict."""

from collections.abc import Iterator
from decimal import Decimal

from apps.catalog.artifacts import executed_precision
from apps.catalog.models import Network
from apps.core.metrics import Metric
from apps.results.acceptance import peak_flops
from apps.results.counting import FOREIGN_DIFFERENCES, SiteCounts
from apps.results.stated.catalogue import Catalogue, Place
from apps.results.stated.problems import Problem, problem
from runners.statistics.plausibility import FLOPS_PER_MAC, latency_floor_ms

BOUNDED = ("latency", "device_time")
MEGA, GIGA = Decimal(10**6), Decimal(10**9)


def floor_problem(
    value: Decimal, metric: Metric, network: Network, place: Place, catalogue: Catalogue
) -> Iterator[Problem]:
    """A time below what the multiply-accumulates alone take at the device kind's peak."""
    known, kind, protocol = catalogue.counts[network.pk], place.kind, place.protocol
    if metric.key not in BOUNDED or known is None or kind is None:
        return
    precision = executed_precision(network.precision, protocol)
    peak = peak_flops(kind, threads=protocol.threads or 1, precision=precision)
    if peak is None:
        return
    floor_ms = latency_floor_ms(known.macs, protocol.batch_size, peak)
    if float(value) < floor_ms:
        yield problem(
            "value",
            f"{float(value):.4g} ms is below {floor_ms:.4g} ms, which {known.macs:,} MACs x batch "
            f"{protocol.batch_size} take at {kind.title}'s peak of {peak:.3g} FLOP/s. Check value, unit and device.",
        )


def count_problem(
    value: Decimal, rounding: Decimal, metric: Metric, network: Network, catalogue: Catalogue
) -> Iterator[Problem]:
    """A count that is not this site's own, beyond what its rounding and another export explain."""
    known = catalogue.counts[network.pk]
    own = _own_count(known, metric.key) if known else None
    if own is None:
        return
    largest = own * FOREIGN_DIFFERENCES["macs" if metric.key == "flops_2mac" else metric.key] / 100
    if abs(value - own) > largest + rounding:
        yield problem(
            "value",
            f"It is {value.normalize():f} {metric.unit}, this site counts {own.normalize():f} of {network.name}.",
        )


def _own_count(known: SiteCounts, metric: str) -> Decimal | None:
    """In the metric's unit."""
    if metric == "macs":
        return known.macs / MEGA
    if metric == "flops_2mac":
        return FLOPS_PER_MAC * known.macs / GIGA
    if metric == "params":
        return known.params / MEGA
    if metric == "params_paddle" and known.params_paddle is not None:
        return known.params_paddle / MEGA
    if metric == "flops_paddle" and known.flops_paddle is not None:
        return known.flops_paddle / GIGA
    return None
