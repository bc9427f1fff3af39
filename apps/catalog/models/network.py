"""Families, architectures and networks (which pages and API call models)."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

is_name = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._-]*$", "Use letters, digits, dot, underscore and hyphen.")

DEFAULT_TASK = "imagenet1k"


class Precision(models.TextChoices):
    FP32 = "fp32", "FP32"
    FP16 = "fp16", "FP16"
    INT8 = "int8", "INT8"


class Family(models.Model):
    """Networks of one design at several widths."""

    slug = models.CharField(max_length=60, unique=True, validators=[is_name])
    title = models.CharField(max_length=100)
    organisation = models.CharField(max_length=100)
    year = models.PositiveSmallIntegerField()
    building_blocks = ArrayField(models.CharField(max_length=200), default=list)
    paper = models.JSONField(default=dict)
    overview = models.TextField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "slug"]
        verbose_name_plural = "families"

    def __str__(self) -> str:
        return self.title


class Architecture(models.Model):
    """The graph that a model shares with its SSLD and int8 siblings."""

    name = models.CharField(max_length=100, unique=True, validators=[is_name])
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="architectures")
    stages = models.JSONField(default=list, blank=True)
    """Layers, MACs and parameters by size of the feature maps, as `runners.zoo.stages` counts them; empty: unknown."""
    flops_paddle = models.BigIntegerField(null=True, blank=True)
    """By the published document's counter, for one image; null for an architecture that the zoo does not build."""
    params_paddle = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Recipe(models.TextChoices):
    PLAIN = "plain", "plain"
    SSLD = "ssld", "SSLD"


class Network(models.Model):
    """A model of the zoo: width multiplier, activation, training recipe and precision."""

    name = models.CharField(max_length=100, unique=True, validators=[is_name])
    short = models.CharField(max_length=40)
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="networks")
    architecture = models.ForeignKey(Architecture, on_delete=models.PROTECT, related_name="networks")
    base = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="siblings")
    width_multiplier = models.DecimalField(max_digits=4, decimal_places=2)
    activation = models.CharField(max_length=40)
    recipe = models.CharField(max_length=10, choices=Recipe.choices)
    precision = models.CharField(max_length=10, choices=Precision.choices)
    task = models.CharField(max_length=40, default=DEFAULT_TASK, validators=[is_name])
    """What it is asked to do; a board shows one task."""
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(recipe__in=Recipe.values), name="catalog_network_recipe_known"),
            models.CheckConstraint(condition=Q(precision__in=Precision.values), name="catalog_network_precision_known"),
            models.CheckConstraint(condition=Q(width_multiplier__gt=0), name="catalog_network_width_positive"),
        ]

    def __str__(self) -> str:
        return self.name
