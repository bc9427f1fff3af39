"""One value of one metric of one model under one configuration from one origin."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from apps.catalog.models import Configuration, Network
from apps.core.metrics import METRIC_CHOICES
from apps.fleet.models import Device, TrustTier
from apps.results.models.source import Source
from apps.results.models.submission import Submission
from apps.runs.models import Attempt


class Origin(models.TextChoices):
    PUBLISHED = "published", "published"
    RUN = "run", "measured by an agent"
    SUBMISSION = "submission", "sent in"


class Evidence(models.TextChoices):
    PUBLISHED = "published", "a published table"
    SAMPLES = "samples", "raw samples"
    SUMMARY = "summary", "the summary of a program that keeps its samples"
    COUNT = "count", "counted from the graph"


class ResultQuerySet(models.QuerySet["Result"]):
    def standing(self) -> "ResultQuerySet":
        """Not withdrawn: what may fill a cell."""
        return self.filter(withdrawn_at=None)


class Result(models.Model):
    """Never changed and never deleted: a correction is another result, a mistake is withdrawn with a reason.

    Where another index begins with a foreign key, the key has none of its own.
    """

    network = models.ForeignKey(Network, on_delete=models.PROTECT, db_index=False, related_name="results")
    metric = models.CharField(max_length=30, choices=METRIC_CHOICES)
    configuration = models.ForeignKey(Configuration, on_delete=models.PROTECT, db_index=False, related_name="results")
    origin = models.CharField(max_length=12, choices=Origin.choices)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="results"
    )
    attempt = models.ForeignKey(
        Attempt, on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="results"
    )
    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="results"
    )
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, blank=True, related_name="results")
    value = models.DecimalField(max_digits=20, decimal_places=8)
    """In the metric's unit."""
    printed = models.CharField(max_length=40, blank=True)
    """A published value's digits exactly as printed; of a stated one what its sender wrote, with the unit if given."""
    evidence = models.CharField(max_length=12, choices=Evidence.choices)
    statistic = models.CharField(max_length=60, blank=True)
    interval_low = models.DecimalField(max_digits=20, decimal_places=8, null=True, blank=True)
    interval_high = models.DecimalField(max_digits=20, decimal_places=8, null=True, blank=True)
    n = models.PositiveIntegerField(null=True, blank=True)
    """Number of samples behind the value."""
    flags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    copied_from = models.ForeignKey(Network, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """The model whose measured value a document repeats for this one."""
    engine = models.CharField(max_length=40, blank=True)
    engine_release = models.CharField(max_length=100, blank=True)
    trust_tier = models.PositiveSmallIntegerField(choices=TrustTier.choices, default=TrustTier.UNVETTED)
    is_simulated = models.BooleanField(default=False)
    is_submission = models.GeneratedField(
        expression=Q(origin=Origin.SUBMISSION),  # type: ignore[arg-type]  # The stubs forget conditions.
        output_field=models.BooleanField(),
        db_persist=True,
    )
    measured_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(db_index=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_because = models.CharField(max_length=300, blank=True)

    objects = ResultQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    origin=Origin.PUBLISHED,
                    source__isnull=False,
                    attempt=None,
                    submission=None,
                    device=None,
                    evidence=Evidence.PUBLISHED,
                    is_simulated=False,
                    interval_low=None,
                )
                & ~Q(printed="")
                | Q(
                    origin=Origin.RUN,
                    source=None,
                    attempt__isnull=False,
                    submission=None,
                    device__isnull=False,
                    printed="",
                    evidence__in=[Evidence.SAMPLES, Evidence.SUMMARY, Evidence.COUNT],
                )
                | Q(
                    origin=Origin.SUBMISSION,
                    source=None,
                    attempt=None,
                    submission__isnull=False,
                    trust_tier=TrustTier.UNVETTED,
                ),
                name="results_result_origin_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(interval_low=None, interval_high=None)
                | Q(evidence=Evidence.SAMPLES, interval_low__lte=F("value"), interval_high__gte=F("value")),
                name="results_result_interval_needs_samples",
            ),
            models.CheckConstraint(
                condition=~Q(engine="stub") | Q(is_simulated=True), name="results_result_stub_is_simulated"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_because="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_because=""),
                name="results_result_withdrawn_with_a_reason",
            ),
            models.UniqueConstraint(fields=["attempt", "metric"], name="results_result_one_per_attempt_and_metric"),
            models.UniqueConstraint(
                fields=["submission", "metric"], name="results_result_one_per_submission_and_metric"
            ),
            models.UniqueConstraint(
                fields=["source", "network", "metric", "configuration"], name="results_result_one_per_table_cell"
            ),
            # Target of the board's foreign key, which keeps simulated results out of it.
            models.UniqueConstraint(fields=["id", "is_simulated"], name="results_result_id_is_simulated"),
            # And of the one which keeps submissions out of it.
            models.UniqueConstraint(fields=["id", "is_submission"], name="results_result_id_is_submission"),
        ]
        indexes = [
            models.Index(fields=["network", "metric", "configuration"], name="results_result_cell"),
            # What lists are filtered by, in their order: also a rare value is found without reading the others.
            models.Index(fields=["configuration", "id"], name="results_result_list_order"),
            models.Index(fields=["origin", "id"], name="results_result_origin_order"),
            models.Index(fields=["measured_at", "id"], name="results_result_measured_order"),
            # A column's newest, for its noise; and a model's, for its history.
            models.Index(
                fields=["configuration", "metric", "-measured_at", "-id"],
                condition=Q(origin=Origin.RUN, withdrawn_at=None),
                name="results_result_column_newest",
            ),
            models.Index(
                fields=["network", "-measured_at", "-id"],
                condition=Q(origin=Origin.RUN, withdrawn_at=None),
                name="results_result_model_newest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.printed or self.value}"
