"""What came out of a run, as its page shows it."""

from collections.abc import Sequence
from typing import Any

from apps.board import charts
from apps.board.statistics import flag_sentences, statistic_rows
from apps.board.text import flag_rows, flatten_facts, interval_text, value_text
from apps.catalog.models import Artifact
from apps.catalog.models.protocol import ProtocolKind
from apps.core.metrics import METRICS
from apps.results.models import Measurement, Result, Samples
from apps.runs.models import Attempt, AttemptState, Run


def outcome(run: Run, attempts: Sequence[Attempt]) -> dict[str, Any]:
    """Values, samples and environment of the accepted attempt; nothing before there is one."""
    accepted = next((attempt for attempt in attempts if attempt.state == AttemptState.ACCEPTED), None)
    if accepted is None:
        return {}
    outcome: dict[str, Any] = {}
    measured = Measurement.objects.filter(attempt=accepted)
    measurement = measured.select_related("artifact__network", "artifact__architecture").first()
    samples = Samples.objects.filter(attempt=accepted).first()
    outcome["values"] = [_value_row(result) for result in Result.objects.filter(attempt=accepted)]
    if measurement is not None:
        outcome["environment"] = _environment(measurement)
        outcome["artifact_sentence"] = _artifact_sentence(run, measurement.artifact)
        outcome["statistics"] = statistic_rows(measurement.statistics)
        outcome["flag_sentences"] = flag_sentences(measurement.statistics)
    if samples is not None and run.protocol.kind == ProtocolKind.LATENCY:
        outcome["samples_chart"] = charts.samples_chart(
            samples.unpack(), title=f"Samples of {run.network.name}, in order"
        )
    return outcome


def _artifact_sentence(run: Run, artifact: Artifact) -> str:
    """Whose artifact and weights stand behind the values; a model may be measured with what siblings share."""
    weights = f"weights: {artifact.weights}"
    if artifact.made_for == run.network.name:
        return f"Measured with an artifact of {run.network.name}; {weights}."
    return f"Measured with the artifact of {artifact.made_for}, whose architecture it shares; {weights}."


def _environment(measurement: Measurement) -> list[tuple[str, str]]:
    provenance = {
        "engine_release": measurement.engine_release,
        "runner_version": measurement.runner_version,
        "artifact_sha256": measurement.artifact.sha256,
        "weights": measurement.artifact.weights,
    }
    return flatten_facts(provenance | measurement.environment)


def _value_row(result: Result) -> dict[str, Any]:
    metric = METRICS[result.metric]
    low, high = result.interval_low, result.interval_high
    interval = (low, high) if low is not None and high is not None else None
    return {
        "metric_label": metric.label,
        "text": value_text(metric, result.value, result.printed),
        "unit": metric.unit,
        "interval_text": interval_text(metric, result.value, interval),
        "statistic": result.statistic,
        "n": result.n,
        "flags": flag_rows(result.flags),
    }
