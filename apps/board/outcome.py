"""What came out of a run, as its page shows it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.board import charts
from apps.board.device_readings import Watched, read
from apps.board.process_facts import fact_table
from apps.board.statistics import flag_sentences, statistic_rows
from apps.board.text import flag_rows, flatten_facts, interval_text, value_text
from apps.catalog.models import Artifact
from apps.catalog.models.protocol import ProtocolKind
from apps.core.metrics import METRICS
from apps.fleet.models import TrustTier
from apps.results.models import Evidence, Measurement, Result, Samples
from apps.results.samples import summary_record
from apps.runs.models import Attempt, AttemptState, Run

TRUST = {
    TrustTier.UNVETTED: "Unvetted: when agent {agent} measured this, no administrator had vouched for it. A value of a "
    "vetted agent goes before it.",
    TrustTier.VETTED: "Vetted: when agent {agent} measured this, an administrator had vouched for it. It goes before "
    "values of unvetted agents.",
}
STATE_TITLE = "The device while it was measured"
SIMULATED = "It was measured on a simulated device, and never fills a cell of the board."


def outcome(run: Run, attempts: Sequence[Attempt]) -> dict[str, Any]:
    """Values, samples and environment of the accepted attempt; nothing before there is one."""
    accepted = next((attempt for attempt in attempts if attempt.state == AttemptState.ACCEPTED), None)
    if accepted is None:
        return {}
    results = list(Result.objects.filter(attempt=accepted).order_by("id"))
    outcome: dict[str, Any] = {
        "values": [value_row(result) for result in results],
        "trust_sentences": _trust_sentences(results, accepted),
        "withdrawn_sentences": withdrawn_sentences(results),
        **_measured(run, accepted, results),
    }
    measured = Measurement.objects.filter(attempt=accepted)
    measurement = measured.select_related("artifact__network", "artifact__architecture").first()
    if measurement is not None:
        outcome["environment"] = _environment(measurement)
        outcome["artifact_sentence"] = _artifact_sentence(run, measurement.artifact)
        outcome["statistics"] = statistic_rows(measurement.statistics)
        outcome["flag_sentences"] = flag_sentences(measurement.statistics)
    return outcome


def _measured(run: Run, accepted: Attempt, results: Sequence[Result]) -> dict[str, Any]:
    """Of a latency: its samples as a plot, the state of the device around each process, and where both are raw."""
    if run.protocol.kind != ProtocolKind.LATENCY:
        return {}
    behind = next((result for result in results if result.evidence in (Evidence.SAMPLES, Evidence.SUMMARY)), None)
    if behind is None:
        return {}
    shown: dict[str, Any] = {"samples_url": reverse("api-samples", args=[behind.pk])}
    source = f"run {run.pk} by agent {accepted.agent.name}"
    if summary := summary_record(behind):
        watched = [Watched(each.started_at, each.facts) for each in summary.invocations]
        return shown | _state(watched, "invocation", source=source)
    samples = Samples.objects.filter(attempt=accepted).first()
    if samples is None:
        return {}
    entries = samples.unpack()
    title = f"Samples of {run.network.name}, in order"
    shown["samples_chart"] = charts.samples_chart(entries, title=title, source=source, flags=behind.flags)
    # A process that did not say when it began has no place in the course of the device's state.
    began = [entry for entry in entries if entry["started_at"]]
    watched = [Watched(datetime.fromisoformat(entry["started_at"]), entry["facts"]) for entry in began]
    return shown | _state(watched, "process", source=source)


def _state(watched: Sequence[Watched], noun: str, *, source: str) -> dict[str, Any]:
    """What the device did meanwhile: a row for each process, and every reading as a chart where there are some."""
    shown: dict[str, Any] = {"process_facts": fact_table([each.facts for each in watched], noun=noun.capitalize())}
    if readings := read(watched):
        shown["state_chart"] = charts.state_chart(readings, title=STATE_TITLE, noun=noun, source=source)
    return shown


def _trust_sentences(results: Sequence[Result], accepted: Attempt) -> list[str]:
    """What the agent's trust tier, as it was then, means for the values."""
    tiers = sorted({TrustTier(result.trust_tier) for result in results})
    sentences = [TRUST[tier].format(agent=accepted.agent.name) for tier in tiers]
    return [*sentences, SIMULATED] if any(result.is_simulated for result in results) else sentences


def _artifact_sentence(run: Run, artifact: Artifact) -> str:
    """Whose artifact and weights stand behind the values; a model may be measured with what siblings share."""
    weights = f"weights: {artifact.weights}"
    if artifact.made_for == run.network.name:
        return f"Measured with an artifact of {run.network.name}; {weights}."
    return f"Measured with the artifact of {artifact.made_for}, whose architecture it shares; {weights}."


def withdrawn_sentences(results: Sequence[Result]) -> list[str]:
    """When a person took values off the board, and why: once for all that went together."""
    gone = [(r.withdrawn_at, r.withdrawn_because) for r in results if r.withdrawn_at is not None]
    return [f"Withdrawn on {at:%Y-%m-%d}: {because}" for at, because in dict.fromkeys(gone)]


def _environment(measurement: Measurement) -> list[tuple[str, str]]:
    provenance = {
        "engine_release": measurement.engine_release,
        "runner_version": measurement.runner_version,
        "artifact_sha256": measurement.artifact.sha256,
        "weights": measurement.artifact.weights,
    }
    return flatten_facts(provenance | measurement.environment)


def value_row(result: Result) -> dict[str, Any]:
    """One value, for `board/_run_values.html`."""
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
        "trust_tier": result.get_trust_tier_display(),
        "flags": flag_rows(result.flags),
        "withdrawn_because": result.withdrawn_because,
    }
