"""Many runs asked for together."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.catalog.models import DeviceKind


class Campaign(models.Model):
    """What was asked for. The dispatch task expands it into runs, once."""

    title = models.CharField(max_length=200)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="campaigns")
    model_names = ArrayField(models.CharField(max_length=100))
    protocol_slugs = ArrayField(models.CharField(max_length=60))
    engine = models.CharField(max_length=40, blank=True)
    """Where a protocol allows several; empty means the protocol's first."""
    device_kind = models.ForeignKey(DeviceKind, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    dataset = models.CharField(max_length=100, blank=True)
    """Name of the images that accuracy is measured on; empty means the task's standard dataset."""
    created_at = models.DateTimeField()
    expanded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title
