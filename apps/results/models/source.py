"""Where published values come from."""

from django.db import models
from django.db.models import Q


class SourceQuerySet(models.QuerySet["Source"]):
    def newest_editions(self) -> "SourceQuerySet":
        return self.order_by("slug", "-edition").distinct("slug")


class Source(models.Model):
    """One table of a document, in one edition. A changed fixture is a new edition; the old one keeps its values."""

    slug = models.SlugField(max_length=80)
    edition = models.PositiveSmallIntegerField()
    document = models.CharField(max_length=200)
    table = models.CharField(max_length=200)
    section = models.CharField(max_length=20, blank=True)
    repository = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=64)
    """sha256 of the fixture file that this edition was read from."""
    created_at = models.DateTimeField()

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["slug", "-edition"]
        constraints = [
            models.UniqueConstraint(fields=["slug", "edition"], name="results_source_slug_edition"),
            models.CheckConstraint(condition=Q(edition__gte=1), name="results_source_edition_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.document}, {self.section} {self.table}, edition {self.edition}"
