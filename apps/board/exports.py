"""What can be downloaded: tables, their columns with type, unit and meaning, and how their rows are read."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, Max, QuerySet, Value, When
from django.db.models.functions import Coalesce, NullIf

from apps.catalog.models import Network
from apps.catalog.models.network import Precision
from apps.core.copied_csv import copied_csv
from apps.core.metrics import METRICS
from apps.core.tables import CHUNK_ROWS, FORMATS, Row, TableColumn
from apps.results.models import Result


@dataclass(frozen=True)
class Export:
    """A table. A missing value is empty in CSV and null elsewhere, never nought."""

    slug: str
    title: str
    help: str
    columns: tuple[TableColumn, ...]

    def rows(self) -> Iterator[Row]:
        """Rows in a stable order, read as they are asked for."""
        paths = [column.path for column in self.columns]
        return self._query().values_list(*paths).iterator(chunk_size=CHUNK_ROWS)

    def pieces(self, extension: str) -> Iterator[bytes]:
        """The same rows as a file in one of `FORMATS`."""
        if extension == "csv":
            return copied_csv(self._query(), self.columns)
        return FORMATS[extension].write(self.columns, self.rows())

    def _query(self) -> QuerySet[Any]:
        return _QUERIES[self.slug]().order_by("pk")

    def state(self) -> tuple[int, str]:
        """How many rows there are, and a digest that changes with them. Runs one query."""
        return _STATES[self.slug]()

    def etag(self, digest: str, extension: str) -> str:
        """Of one format of this content; other columns make another one."""
        said = f"{self.slug}.{extension} {digest} {[(column.name, column.kind) for column in self.columns]}"
        return f'"{hashlib.sha256(said.encode()).hexdigest()[:32]}"'


RESULT_COLUMNS = (
    TableColumn("result", "integer", "id", "Number of the result; /api/v1/results/<number>/ has everything about it"),
    TableColumn("model", "text", "network__name", "The model"),
    TableColumn("family", "text", "network__family__slug", "The model's family"),
    TableColumn("width_multiplier", "number", "network__width_multiplier", "Factor on the channels of its layers"),
    TableColumn("recipe", "text", "network__recipe", "How it was trained: plain or ssld"),
    TableColumn("model_precision", "text", "network__precision", "Number format of its weights"),
    TableColumn("metric", "text", "metric", "What the value is of; /api/v1/metrics/ explains each"),
    TableColumn("value", "number", "value", "The value", "as the column unit says"),
    TableColumn("unit", "text", "unit", "Unit of value and interval; empty for a share of 1"),
    TableColumn("printed", "text", "printed_text", "Digits of a published value as they stand in the document"),
    TableColumn("interval_low", "number", "interval_low", "Lower end of the 95 % interval", "as the column unit says"),
    TableColumn(
        "interval_high", "number", "interval_high", "Upper end of the 95 % interval", "as the column unit says"
    ),
    TableColumn("n", "integer", "n", "Samples or images behind the value", "1"),
    TableColumn("statistic", "text", "statistic", "How samples became the value"),
    TableColumn("flags", "texts", "flags", "What is odd about it; separated by blanks in CSV"),
    TableColumn("origin", "text", "origin", "published, run (an agent under a lease) or submission (sent in)"),
    TableColumn("evidence", "text", "evidence", "published, samples, summary or count"),
    TableColumn("source_document", "text", "source__document", "Document of a published value"),
    TableColumn("source_section", "text", "source__section", "Its section"),
    TableColumn("source_table", "text", "source__table", "Its table"),
    TableColumn("source_edition", "integer", "source__edition", "Edition of what was read from it"),
    TableColumn("copied_from", "text", "copied_from__name", "Model whose value the document repeats here"),
    TableColumn("run", "integer", "attempt__run_id", "Run that measured it; /runs/<number> shows it"),
    TableColumn(
        "column", "text", "configuration__slug", "Configuration: the column of the board is <metric>.<configuration>"
    ),
    TableColumn(
        "protocol", "text", "configuration__protocol__slug", "How it was measured; /about/method explains each"
    ),
    TableColumn("protocol_version", "integer", "configuration__protocol__version", "Version of the protocol"),
    TableColumn("batch_size", "integer", "configuration__protocol__batch_size", "Images in one inference", "1"),
    TableColumn("threads", "integer", "configuration__protocol__threads", "Threads of the engine", "1"),
    TableColumn("precision", "text", "executed_precision", "Number format of the arithmetic"),
    TableColumn("dataset", "text", "dataset_name", "Images of an accuracy that are not the task's standard dataset"),
    TableColumn("device", "text", "configuration__device_kind__slug", "Kind of hardware"),
    TableColumn("engine", "text", "configuration__engine", "Software that executed the network"),
    TableColumn("engine_release", "text", "engine_release", "Its release"),
    TableColumn("trust_tier", "integer", "trust_tier", "0: nobody vetted the agent; higher ones go before it"),
    TableColumn("artifact_sha256", "text", "artifact_sha256", "The network's files, by the sha256 of their manifest"),
    TableColumn("weights", "text", "weights", "Where their weights come from"),
    TableColumn("measured_at", "time", "measured_at", "When it was measured", "UTC"),
    TableColumn("updated_at", "time", "updated_at", "When the row changed last", "UTC"),
)

MODEL_COLUMNS = (
    TableColumn("model", "text", "name", "The model"),
    TableColumn("short", "text", "short", "Its name in charts"),
    TableColumn("family", "text", "family__slug", "Its family"),
    TableColumn("family_title", "text", "family__title", "The family's name"),
    TableColumn("organisation", "text", "family__organisation", "Who designed the family"),
    TableColumn("year", "integer", "family__year", "When"),
    TableColumn("architecture", "text", "architecture__name", "Graph that it shares with its SSLD and int8 siblings"),
    TableColumn("base", "text", "base__name", "Plain FP32 model with the same architecture"),
    TableColumn("width_multiplier", "number", "width_multiplier", "Factor on the channels of its layers"),
    TableColumn("activation", "text", "activation", "Activation function"),
    TableColumn("recipe", "text", "recipe", "How it was trained: plain or ssld"),
    TableColumn("precision", "text", "precision", "Number format of its weights"),
    TableColumn("task", "text", "task", "What it is asked to do"),
)

EXPORTS = {
    export.slug: export
    for export in (
        Export(
            "results",
            "Results",
            "Every standing value of every model: published, measured here and sent in. "
            "What simulated devices gave is left out.",
            RESULT_COLUMNS,
        ),
        Export("models", "Models", "Every model and its family.", MODEL_COLUMNS),
    )
}


def _results() -> QuerySet[Result]:
    run, sent = "attempt__run__artifact", "submission__artifact"
    units = [When(metric=metric.key, then=Value(metric.unit)) for metric in METRICS.values()]
    # An int8 model is executed in int8 under every protocol.
    is_int8 = When(network__precision=Precision.INT8, then=Value(Precision.INT8))
    return _standing().annotate(
        unit=Case(*units),
        printed_text=NullIf("printed", Value("")),
        dataset_name=NullIf("configuration__dataset", Value("")),
        executed_precision=NullIf(Case(is_int8, default=F("configuration__protocol__precision")), Value("")),
        artifact_sha256=Coalesce(f"{run}__sha256", NullIf("submission__artifact_sha256", Value(""))),
        weights=Coalesce(f"{run}__weights", f"{sent}__weights", NullIf("submission__weights", Value(""))),
    )


def _standing() -> QuerySet[Result]:
    return Result.objects.standing().filter(is_simulated=False)


def _models() -> QuerySet[Network]:
    return Network.objects.all()


def _results_state() -> tuple[int, str]:
    found = _standing().aggregate(count=Count("pk"), last=Max("pk"), updated_at=Max("updated_at"))
    return found["count"], f"{found['count']} {found['last']} {found['updated_at']}"


def _models_state() -> tuple[int, str]:
    """Models carry no time of change, and are few."""
    rows = list(_models().order_by("pk").values_list(*(column.path for column in MODEL_COLUMNS)))
    return len(rows), hashlib.sha256(repr(rows).encode()).hexdigest()


_QUERIES: dict[str, Callable[[], QuerySet[Any]]] = {"results": _results, "models": _models}
_STATES: dict[str, Callable[[], tuple[int, str]]] = {"results": _results_state, "models": _models_state}
