"""Results and sources over REST. Hot lists go from `values()` to JSON without serializers."""

from typing import Any

from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import Coalesce, NullIf
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.catalog.models import Configuration, DeviceKind, Family, Network, Protocol
from apps.catalog.models.network import Precision
from apps.core.api.filters import Choice, Flag, Named, OneOf, Present, Whole
from apps.core.api.listing import described
from apps.core.api.lists import ListView
from apps.core.api.paging import Order, rows_as, same
from apps.core.api.schema import problems
from apps.core.api.views import ApiView
from apps.core.errors import NotFound
from apps.core.metrics import METRICS
from apps.results.api import schema
from apps.results.board_token import results_token
from apps.results.models import Evidence, Origin, Result, Source
from apps.results.samples import raw_samples, stated_samples, summary_record
from runners import wire

RESULT_FIELDS: dict[str, str] = {
    "id": "id",
    "model": "network__name",
    "metric": "metric",
    "configuration": "configuration__slug",
    "protocol": "configuration__protocol__slug",
    "protocol_version": "configuration__protocol__version",
    "device": "configuration__device_kind__slug",
    "engine": "configuration__engine",
    "engine_release": "engine_release",
    "dataset": "configuration__dataset",
    "precision": "executed_precision",
    "batch_size": "configuration__protocol__batch_size",
    "value": "value",
    "printed": "printed",
    "origin": "origin",
    "source": "source__slug",
    "source_edition": "source__edition",
    "run": "attempt__run_id",
    "submission": "submission__sha256",
    "flags": "flags",
    "copied_from": "copied_from__name",
    "evidence": "evidence",
    "statistic": "statistic",
    "interval_low": "interval_low",
    "interval_high": "interval_high",
    "n": "n",
    "trust_tier": "trust_tier",
    "is_simulated": "is_simulated",
    "artifact_sha256": "artifact_sha256",
    "weights": "weights",
    "artifact_of": "artifact_of",
    "measured_at": "measured_at",
    "updated_at": "updated_at",
}

ACCURACIES = ("top1", "top5")


def _engines() -> list[str]:
    """Those that a protocol asks for or a result was measured with."""
    asked = {engine for engines in Protocol.objects.values_list("engines", flat=True) for engine in engines}
    used = Configuration.objects.exclude(engine="").values_list("engine", flat=True).distinct()
    return sorted(asked.union(used))


def _datasets() -> list[str]:
    return list(Configuration.objects.values_list("dataset", flat=True).distinct())


CHOICES: dict[str, Choice] = {
    "model": Named("network__name", Network, "name", "model", "models"),
    "family": Named("network__family__slug", Family, "slug", "family", "families"),
    "metric": OneOf("metric", list(METRICS)),
    "configuration": Named("configuration__slug", Configuration, "slug", "configuration", "configurations"),
    "protocol": Named("configuration__protocol__slug", Protocol, "slug", "protocol", "protocols"),
    "device": Named("configuration__device_kind__slug", DeviceKind, "slug", "device kind", "devices"),
    "engine": Present("configuration__engine", _engines),
    "dataset": Present("configuration__dataset", _datasets),
    "precision": OneOf("executed_precision", Precision.values),
    "batch_size": Whole("configuration__protocol__batch_size", 1, 1024),
    "origin": OneOf("origin", Origin.values),
    "evidence": OneOf("evidence", Evidence.values),
    "is_simulated": Flag("is_simulated"),
    "run": Whole("attempt__run_id", 1, 2**63 - 1),
}


def _with_artifact(results: QuerySet[Result]) -> QuerySet[Result]:
    """`artifact_of`: the model that the measured artifact was made for, else the architecture that it shares.

    Null for one that somebody submitted and this site does not know; its hash and weights are then the sender's word.
    """
    run, sent = "attempt__run__artifact", "submission__artifact"
    made_for = [f"{artifact}__{of}__name" for artifact in (run, sent) for of in ("network", "architecture")]
    return results.annotate(
        artifact_of=Coalesce(*made_for),
        artifact_sha256=Coalesce(f"{run}__sha256", NullIf("submission__artifact_sha256", Value(""))),
        weights=Coalesce(f"{run}__weights", f"{sent}__weights", NullIf("submission__weights", Value(""))),
    )


def _with_precision(results: QuerySet[Result]) -> QuerySet[Result]:
    """An int8 model is executed in int8 under every protocol."""
    is_int8 = When(network__precision=Precision.INT8, then=Value(Precision.INT8))
    return results.annotate(executed_precision=Case(is_int8, default=F("configuration__protocol__precision")))


def _with_measurement(results: QuerySet[Result]) -> QuerySet[Result]:
    """How and with what it was measured, under a lease or without one."""
    shared = ("statistics", "environment", "runner_version")
    return results.annotate(
        **{name: Coalesce(f"attempt__measurement__{name}", f"submission__{name}") for name in shared}
    )


def _with_unit(row: dict[str, Any]) -> dict[str, Any]:
    low, high = row.pop("interval_low"), row.pop("interval_high")
    row["unit"] = METRICS[row["metric"]].unit
    row["interval"] = None if low is None else [low, high]
    row["printed"] = row["printed"] or None
    row["dataset"] = row["dataset"] or None
    return row


@described("results", tag="results")
class ResultsView(ListView):
    """Every standing result, oldest first: value as a number, `printed` the published digits as text."""

    page = schema.ResultPage
    fields = RESULT_FIELDS
    choices = CHOICES
    ranges = ("value", "n", "trust_tier", "measured_at", "updated_at")
    sorts = ("model", "metric", "value", "measured_at", "updated_at")
    since = "updated_at"

    def rows(self) -> QuerySet[Any]:
        return _with_precision(_with_artifact(Result.objects.standing()))

    def finished(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [_with_unit(row) for row in rows]

    @staticmethod
    def state() -> str:
        return results_token()


@described("history", tag="results")
class HistoryView(ResultsView):
    """What agents measured under leases, as it was measured: a series for each model, metric and configuration."""

    choices = {name: choice for name, choice in CHOICES.items() if name not in ("origin", "is_simulated")}
    order = Order("measured_at", "measured_at", False)

    def rows(self) -> QuerySet[Any]:
        return super().rows().filter(origin=Origin.RUN, is_simulated=False)


class ResultView(ApiView):
    """One result, also a withdrawn one, which says why it was."""

    @extend_schema(responses={200: schema.OneResult, **problems(400, 404)}, tags=["results"])
    def get(self, request: Request, result_id: int) -> Response:
        fields = RESULT_FIELDS | same("withdrawn_at", "withdrawn_because")
        fields |= same("statistics", "environment", "runner_version")
        result = _with_precision(_with_artifact(Result.objects.filter(pk=result_id)))
        rows = rows_as(_with_measurement(result), fields)
        if not rows:
            raise NotFound(f"There is no result {result_id}; /api/v1/results/ lists them.")
        return Response(_with_unit(rows[0]))


class SamplesView(ApiView):
    """Raw samples of a measured result, in the order they were taken.

    A latency has one entry per process, in nanoseconds; an accuracy what the network said of each image. Where a
    program keeps its samples, its own summary of each invocation stands instead.
    """

    @extend_schema(responses={200: schema.RawSamples, **problems(400, 404)}, tags=["results"])
    def get(self, request: Request, result_id: int) -> Response:
        result = Result.objects.filter(pk=result_id).first()
        body = _samples_body(result) if result else None
        if body is None:
            raise NotFound(
                f"There are no samples of result {result_id}: it is published, summed up, counted, or does not exist."
            )
        return Response({"result": result_id} | body)


def _samples_body(result: Result) -> dict[str, Any] | None:
    """All that stands behind the value; None where that is a document or a count."""
    if summary := summary_record(result):
        return _NO_SAMPLES | {"summary": _summary_rows(summary), "note": _note(summary)}
    if values := stated_samples(result):
        return _NO_SAMPLES | {"unit": METRICS[result.metric].unit, "count": len(values), "values": values}
    samples = raw_samples(result)
    if samples is None:
        return None
    entries, count = samples
    if result.metric in ACCURACIES:
        return _NO_SAMPLES | {"unit": "class index", "count": count, "images": entries[0]}
    return _NO_SAMPLES | {"count": count, "processes": entries}


_NO_SAMPLES: dict[str, Any] = {
    "unit": "ns", "count": 0, "processes": [], "images": None, "values": None, "summary": None,
    "note": "",
}  # fmt: skip


def _summary_rows(summary: wire.SummaryRecord) -> dict[str, Any]:
    return summary.model_dump(mode="json", include={"tool", "tool_release", "invocations"})


def _note(summary: wire.SummaryRecord) -> str:
    runs = sum(invocation.runs for invocation in summary.invocations)
    return f"{summary.tool} gave no samples: it printed its own summary of {runs:,} timed runs, which stands here."


@described("sources", tag="results")
class SourcesView(ListView):
    """The documents behind published values, every edition."""

    page = schema.SourcePage
    fields = same("id", "slug", "edition", "document", "section", "table", "repository", "digest", "created_at")
    choices = {"slug": Present("slug"), "document": Present("document"), "table": Present("table")}
    ranges = ("edition", "created_at")
    # Another edition is another source.
    since = "created_at"

    def rows(self) -> QuerySet[Any]:
        return Source.objects.all()
