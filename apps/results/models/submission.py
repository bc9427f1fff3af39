"""What somebody sends in without a lease, kept whatever becomes of it."""

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

    def stated(self) -> "SubmissionQuerySet":
        """Single values, as `apps.results.stated` reads them; the others are records of an agent."""
        return self.filter(agent=None)


class Submission(models.Model):
    """A record of an agent with everything that it measured, or one stated value; and what acceptance made of it.

    `body` of a record are the bytes exactly as they came; of a stated value, which may come as JSON or CSV and in any
    unit, its one form. `artifact` is null for one that this site does not know: `artifact_sha256` and `weights` are
    then the sender's word. A trigger, made in migrations, refuses to delete a row or to change what was sent.
    """

    submission_id = models.CharField(max_length=100)
    """Its sender's name for it, without one the digest of what it says: the same again is never stored twice."""
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="submissions")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, blank=True, related_name="submissions")
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by"
    )
    """The edition before; it belongs to the same owner by a foreign key on both, made in migrations."""
    edition = models.PositiveSmallIntegerField(default=1)
    device = models.ForeignKey(Device, on_delete=models.PROTECT, null=True, blank=True, related_name="submissions")
    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, null=True, blank=True, related_name="submissions")
    artifact_sha256 = models.CharField(max_length=64, blank=True)
    weights = models.CharField(max_length=300, blank=True)
    runner_version = models.CharField(max_length=50, blank=True)
    citation = models.CharField(max_length=500, blank=True)
    """Where a stated value can be read, in its sender's words; nobody fetches it."""
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
                | Q(state=SubmissionState.ACCEPTED, settled_at__isnull=False, problems=[])
                & (Q(device__isnull=False) | Q(agent=None))
                | Q(state=SubmissionState.REFUSED, settled_at__isnull=False) & ~Q(problems=[]),
                name="results_submission_settled_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(agent__isnull=False, corrects=None) & ~Q(artifact_sha256="")
                | Q(agent=None, device=None, artifact=None, artifact_sha256="", state=SubmissionState.ACCEPTED),
                name="results_submission_recorded_or_stated",
            ),
            models.CheckConstraint(
                condition=Q(corrects=None, edition=1) | Q(corrects__isnull=False, edition__gte=2),
                name="results_submission_correction_is_an_edition",
            ),
            # Target of the foreign key by which one corrects only what is one's own.
            models.UniqueConstraint(fields=["id", "owner"], name="results_submission_id_owner"),
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
