"""What campaigns and schedules both say: which models, how, where, how urgently."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.catalog.models import DeviceKind

NORMAL_PRIORITY = 100
LOWEST_PRIORITY = 200
"""A lower number is more urgent. Owners choose from 100 to 200; what is below 100 is for administrators."""


class Asked(models.Model):
    title = models.CharField(max_length=200)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="%(class)ss")
    model_names = ArrayField(models.CharField(max_length=100), blank=True)
    protocol_slugs = ArrayField(models.CharField(max_length=60))
    engine = models.CharField(max_length=40, blank=True)
    """Where a protocol allows several; empty means the protocol's first."""
    device_kind = models.ForeignKey(DeviceKind, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    dataset = models.CharField(max_length=100, blank=True)
    """Name of the images that accuracy is measured on; empty means the task's standard dataset."""
    priority = models.PositiveSmallIntegerField(default=NORMAL_PRIORITY)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title
