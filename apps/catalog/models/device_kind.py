"""Kinds of hardware. A kind is part of a configuration, hence it stands in the catalogue and devices in the fleet."""

from django.db import models
from django.db.models import F, Q

SIMULATED_PREFIX = "simulated:"
STATED_PREFIX = "stated:"
"""Of a kind that nobody but the owner of a submission saw; no real device's name begins so."""


class Category(models.TextChoices):
    CPU = "cpu", "CPU"
    GPU = "gpu", "GPU"
    PHONE = "phone", "phone"


class DeviceKind(models.Model):
    """Snapdragon 855, Tesla T4, one kind per CPU model; `simulated:<kind>` for what only pretends to be one."""

    slug = models.CharField(max_length=120, unique=True)
    title = models.CharField(max_length=200)
    category = models.CharField(max_length=10, choices=Category.choices)
    simulates = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="simulators")
    peak_flops = models.JSONField(default=dict)
    """Upper bound of FLOP/s by precision, for plausibility; an empty one means unknown."""
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(slug__startswith=SIMULATED_PREFIX, simulates__isnull=False)
                | (~Q(slug__startswith=SIMULATED_PREFIX) & Q(simulates=None)),
                name="catalog_devicekind_simulated_is_named_so",
            ),
            models.CheckConstraint(condition=~Q(simulates=F("id")), name="catalog_devicekind_not_its_own_simulator"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_simulated(self) -> bool:
        return self.simulates_id is not None
