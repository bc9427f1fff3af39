"""Whether a stated value may stand: against the catalogue, its own samples and physics. A consistent lie passes."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from statistics import fmean, median
from typing import Any

import orjson

from apps.catalog.models import Network
from apps.core.errors import FieldError
from apps.core.metrics import METRICS, Metric
from apps.results.models import Evidence
from apps.results.stated.catalogue import Catalogue, Place
from apps.results.stated.physics import count_problem, floor_problem
from apps.results.stated.placing import place_of
from apps.results.stated.problems import Problem, problem
from apps.results.stated.reading import Row
from apps.results.stated.shape import StatedValue
from apps.results.stated.units import NotANumber, convert, factor_of, half_a_digit, read_number
from apps.results.submitted import CLOCK_TOLERANCE

COUNTED = ("macs", "flops_2mac", "flops_paddle", "params", "params_paddle", "storage")
TIMED = ("latency", "device_time", "cpu_time")
STATISTICS: Mapping[str, Callable[[list[float]], float]] = {"median": median, "mean": fmean}
"""What a value with samples may be of them."""
FLOAT_NOISE = Decimal("1e-9")


@dataclass(frozen=True)
class Checked:
    """A value that may be stored. `body` is its one form, whatever format and unit it came in, `sha256` its digest."""

    number: int
    name: str
    network: Network
    metric: Metric
    place: Place
    value: Decimal
    printed: str
    stated: StatedValue
    statistic: str
    n: int | None
    body: bytes
    sha256: str


def check_row(row: Row, catalogue: Catalogue, *, at: datetime) -> Checked | list[FieldError]:
    """The row as it may be stored, or everything that speaks against it."""
    if row.value is None:
        return row.problems
    stated = row.value
    network, metric = catalogue.networks.get(stated.model), METRICS.get(stated.metric)
    place = place_of(stated, catalogue)
    found: list[Problem] = []
    if network is None:
        found.append(problem("model", catalogue.hint("model", stated.model, "models")))
    if metric is None:
        found.append(problem("metric", catalogue.hint("metric", stated.metric, "metrics", METRICS)))
    if not isinstance(place, Place):
        found += place
    found += _evidence_problems(stated)
    if stated.measured_at and stated.measured_at > at + CLOCK_TOLERANCE:
        found.append(problem("measured_at", "It was measured in the future: set the machine's clock with NTP."))
    if network is None or metric is None or not isinstance(place, Place):
        return found
    found += _fit_problems(network, metric, place)
    try:
        value = convert(read_number(row.text), stated.unit, metric)
        rounding = half_a_digit(row.text) * factor_of(stated.unit, metric)
    except NotANumber as exc:
        return [*found, problem("value", str(exc))]
    found += _sample_problems(stated, read_number(row.text), half_a_digit(row.text))
    found += floor_problem(value, metric, network, place, catalogue)
    found += count_problem(value, rounding, metric, network, catalogue)
    return found or _checked(row, stated, network, metric, place, value)


def _evidence_problems(stated: StatedValue) -> Iterator[Problem]:
    """What each sort of evidence asks for, so that no number stands without its origin."""
    evidence = Evidence(stated.evidence)
    if (evidence is Evidence.SAMPLES) != bool(stated.samples):
        yield problem("samples", 'Samples come with "evidence": "samples", and the other way round.')
    if stated.samples and stated.metric not in TIMED:
        yield problem("samples", f"Samples are of {', '.join(TIMED)}; say of {stated.metric} what sums it up.")
    if evidence is Evidence.PUBLISHED and not stated.citation.strip():
        yield problem("citation", "Say where it is published: document, table and address. Nobody fetches it.")
    if evidence is Evidence.COUNT and stated.metric not in COUNTED:
        yield problem("evidence", f"A count is of {', '.join(COUNTED)}: {stated.metric} is measured.")
    if evidence is Evidence.SUMMARY and not stated.statistic and stated.metric not in COUNTED:
        yield problem("statistic", "Say what the summary is, such as median, or mean of 30 after 10.")


def _fit_problems(network: Network, metric: Metric, place: Place) -> Iterator[Problem]:
    protocol = place.protocol
    if metric.key not in protocol.metrics:
        yield problem("metric", f"{protocol} is about {', '.join(protocol.metrics)}, not about {metric.key}.")
    if protocol.task != network.task:
        yield problem("model", f"{protocol} is about {protocol.task}, {network.name} is for {network.task}.")


def _sample_problems(stated: StatedValue, number: Decimal, rounding: Decimal) -> Iterator[Problem]:
    """The value must follow from its samples, as far as its digits go."""
    if not stated.samples:
        return
    if stated.n not in (None, len(stated.samples)):
        yield problem("n", f"n is {stated.n:,}, there are {len(stated.samples):,} samples: send all of them.")
    if min(stated.samples) <= 0:
        yield problem("samples", "Every sample is above zero.")
    statistic = STATISTICS.get(stated.statistic or "median")
    if statistic is None:
        yield problem("statistic", f"A value with samples is their {' or '.join(STATISTICS)}, not {stated.statistic}.")
        return
    own = statistic(stated.samples)
    if abs(Decimal(own) - number) > rounding + abs(number) * FLOAT_NOISE:
        name = stated.statistic or "median"
        yield problem("value", f"The value is {number}, the {name} of its samples {own:.6g}: send all samples.")


def _checked(row: Row, stated: StatedValue, network: Network, metric: Metric, place: Place, value: Decimal) -> Checked:
    statistic = stated.statistic or ("median" if stated.samples else "")
    n = len(stated.samples) or stated.n
    content: dict[str, Any] = {
        "model": network.name,
        "metric": metric.key,
        "configuration": place.slug,
        "value": f"{value.normalize():f}",
        "unit": metric.unit,
        "evidence": stated.evidence,
        "statistic": statistic,
        "n": n,
        "samples": _samples(stated, metric),
        "engine_release": stated.engine_release,
        "citation": stated.citation,
        "measured_at": stated.measured_at.astimezone(UTC) if stated.measured_at else None,
        "corrects": stated.corrects,
    }
    body = orjson.dumps({name: said for name, said in content.items() if said not in (None, "", [])})
    sha256 = hashlib.sha256(body).hexdigest()
    return Checked(
        number=row.number,
        name=stated.record_id or sha256,
        network=network,
        metric=metric,
        place=place,
        value=value,
        printed=f"{row.text} {stated.unit}".rstrip(),
        stated=stated,
        statistic=statistic,
        n=n,
        body=body,
        sha256=sha256,
    )


def _samples(stated: StatedValue, metric: Metric) -> list[float]:
    factor = factor_of(stated.unit, metric)
    if factor == 1:
        return stated.samples
    # Through the digits, so that 10500 us are 10.5 ms and not a neighbour of it.
    return [float(Decimal(repr(sample)) * factor) for sample in stated.samples]
