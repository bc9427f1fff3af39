"""Standard datasets: the labelled images on which a task's accuracy counts as the task's."""

from django.db import models

from apps.catalog.models.artifact import is_sha256
from apps.catalog.models.network import is_name


class Dataset(models.Model):
    """The one standard dataset of a task, recognised by the digest of its list; every other one is a named subset."""

    task = models.CharField(max_length=40, unique=True, validators=[is_name])
    name = models.CharField(max_length=100, validators=[is_name])
    title = models.CharField(max_length=200)
    images = models.PositiveIntegerField()
    classes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, validators=[is_sha256])
    """Over the sorted lines `<file name>\\t<class index>\\n`, as `runners.wire.Dataset` defines it."""
    source = models.TextField(blank=True)

    class Meta:
        ordering = ["task"]

    def __str__(self) -> str:
        return self.title
