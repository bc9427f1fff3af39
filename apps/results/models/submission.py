"""A record that somebody measured without a lease and sent in, kept whatever becomes of it."""

from typing import Any

import orjson
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.catalog.models import Artifact
from apps.fleet.models import Agent, Device


class SubmissionState(models.TextChoices):
    SUBMITTED = "submitted", "submitted"
    ACCEPTED = "accepted", "accepted"
    REFUSED = "refused", "refused"


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def submitted(self) -> "SubmissionQuerySet":
        return self.filter(state=SubmissionState.SUBMITTED)

    def for_user(self, user: User) -> "SubmissionQuerySet":
        """Their own; moderators look at everybody's."""
        return self if user.is_staff else self.filter(owner=user)

    def for_listing(self) -> "SubmissionQuerySet":
        """Newest first, with who and where; without the bytes, of which each may have megabytes."""
        with_names = self.select_related("owner", "agent", "device__kind")
        return with_names.defer("body", "environment", "statistics").order_by("-id")


class Submission(models.Model):
    """The bytes exactly as they came, and what acceptance made of them.

    `artifact` is null for one that this site does not know: `artifact_sha256` and `weights` are then the sender's word.
    """

    submission_id = models.CharField(max_length=32)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="submissions")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="submissions")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, blank=True, related_name="submissions")
    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, null=True, blank=True, related_name="submissions")
    artifact_sha256 = models.CharField(max_length=64)
    weights = models.CharField(max_length=300)
    runner_version = models.CharField(max_length=50)
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    environment = models.JSONField(default=dict)
    statistics = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=SubmissionState.choices, default=SubmissionState.SUBMITTED)
    problems = ArrayField(models.TextField(), default=list, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "submission_id"], name="results_submission_once_per_owner"),
            models.CheckConstraint(
                condition=Q(state=SubmissionState.SUBMITTED, settled_at=None, problems=[])
                | Q(state=SubmissionState.ACCEPTED, settled_at__isnull=False, device__isnull=False, problems=[])
                | Q(state=SubmissionState.REFUSED, settled_at__isnull=False) & ~Q(problems=[]),
                name="results_submission_settled_is_complete",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(state=SubmissionState.SUBMITTED), name="results_submission_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"submission {self.submission_id}"

    def json(self) -> Any:
        return orjson.loads(bytes(self.body))
