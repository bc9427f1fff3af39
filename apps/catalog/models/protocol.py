"""Protocols (versioned ways to measure) and configurations (a protocol on an engine and a device kind)."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from apps.catalog.models.device_kind import Category, DeviceKind
from apps.catalog.models.network import Precision, is_name
from apps.core.metrics import METRIC_CHOICES


class ProtocolKind(models.TextChoices):
    LATENCY = "latency", "latency"
    COMPLEXITY = "complexity", "complexity"
    ACCURACY = "accuracy", "accuracy"
    STORAGE = "storage", "storage"


class ProtocolQuerySet(models.QuerySet["Protocol"]):
    def executable(self) -> "ProtocolQuerySet":
        """Those that agents can run; the others only describe published values."""
        return self.filter(is_origin=False)

    def newest(self) -> "ProtocolQuerySet":
        return self.order_by("slug", "-version").distinct("slug")


class Protocol(models.Model):
    """A way to measure. A version never changes once a result names it: a change is a new version."""

    slug = models.CharField(max_length=60, validators=[is_name])
    version = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=ProtocolKind.choices)
    task = models.CharField(max_length=40)
    is_origin = models.BooleanField(default=False)
    metrics = ArrayField(models.CharField(max_length=30, choices=METRIC_CHOICES))
    engines = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    category = models.CharField(max_length=10, choices=Category.choices, blank=True)
    device_kind = models.ForeignKey(
        DeviceKind, on_delete=models.PROTECT, null=True, blank=True, related_name="protocols"
    )
    batch_size = models.PositiveSmallIntegerField(default=1)
    threads = models.PositiveSmallIntegerField(null=True, blank=True)
    precision = models.CharField(max_length=10, choices=Precision.choices, blank=True)
    processes = models.PositiveSmallIntegerField(null=True, blank=True)
    warmup = models.PositiveIntegerField(null=True, blank=True)
    repeats = models.PositiveIntegerField(null=True, blank=True)
    min_duration_s = models.FloatField(null=True, blank=True)
    statistic = models.CharField(max_length=60, blank=True)
    description = models.TextField(blank=True)
    source = models.TextField(blank=True)

    objects = ProtocolQuerySet.as_manager()

    class Meta:
        ordering = ["slug", "version"]
        constraints = [
            models.UniqueConstraint(fields=["slug", "version"], name="catalog_protocol_slug_version"),
            models.CheckConstraint(condition=Q(batch_size__gte=1), name="catalog_protocol_batch_positive"),
            models.CheckConstraint(
                condition=Q(is_origin=True) | Q(engines__len__gt=0, processes__gte=1),
                name="catalog_protocol_executable_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug} v{self.version}"

    @property
    def needs_device_kind(self) -> bool:
        """Whether the number depends on the device: counting a graph does not."""
        return self.kind == ProtocolKind.LATENCY and not self.is_origin

    def as_order(self) -> dict[str, Any]:
        """The fields an agent needs, as `runners.wire.Protocol` names them."""
        return {
            "slug": self.slug,
            "version": self.version,
            "kind": self.kind,
            "task": self.task,
            "batch_size": self.batch_size,
            "threads": self.threads or 1,
            "precision": self.precision or Precision.FP32,
            "processes": self.processes or 1,
            "warmup": self.warmup or 0,
            "repeats": self.repeats or 1,
            "min_duration_s": self.min_duration_s or 0.0,
        }


class Verdict(models.TextChoices):
    YES = "yes", "comparable"
    CAVEAT = "caveat", "comparable with a caveat"
    NO = "no", "not comparable"


class Comparability(models.Model):
    """What may be said when two protocols' values stand side by side: of one measured metric, or of all others."""

    first = models.CharField(max_length=60)
    second = models.CharField(max_length=60)
    metric = models.CharField(max_length=30, choices=METRIC_CHOICES, blank=True)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    sentence = models.TextField()

    class Meta:
        verbose_name_plural = "comparabilities"
        constraints = [models.UniqueConstraint(fields=["first", "second", "metric"], name="catalog_comparability_pair")]

    def __str__(self) -> str:
        return f"{self.first} / {self.second}: {self.verdict}"


class Configuration(models.Model):
    """A row with a slug: protocol version, engine, device kind or any. A board column is (metric, configuration).

    `dataset` names the images where they are not the task's standard dataset: `<name>-<first digits of its sha256>`.
    """

    slug = models.CharField(
        max_length=200,
        unique=True,
        validators=[RegexValidator(r"^[A-Za-z0-9._-]+$", "A slug is part of a column's key in the address.")],
    )
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="configurations")
    engine = models.CharField(max_length=40, blank=True)
    device_kind = models.ForeignKey(
        DeviceKind, on_delete=models.PROTECT, null=True, blank=True, related_name="configurations"
    )
    dataset = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["protocol", "engine", "device_kind", "dataset"],
                name="catalog_configuration_what_it_is",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.slug
