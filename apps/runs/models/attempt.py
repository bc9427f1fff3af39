"""One try at a run by one agent under one lease, with its log and its upload."""

from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import models
from django.db.models import Q

from apps.catalog.models import DeviceKind
from apps.fleet.models import Agent, Device
from apps.runs.limits import time_limit_s
from apps.runs.models.run import Run


class AttemptState(models.TextChoices):
    LEASED = "leased", "leased"
    RUNNING = "running", "running"
    SUBMITTED = "submitted", "submitted"
    ACCEPTED = "accepted", "accepted"
    QUARANTINED = "quarantined", "quarantined"
    RELEASED = "released", "released"
    LOST = "lost", "lost"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


LIVE_STATES = [AttemptState.LEASED, AttemptState.RUNNING]
"""The agent holds a lease."""
UNDECIDED_STATES = [*LIVE_STATES, AttemptState.SUBMITTED]
"""The run is the attempt's: leased, or its result waits for acceptance."""


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def live(self) -> "AttemptQuerySet":
        return self.filter(state__in=LIVE_STATES)

    def submitted(self) -> "AttemptQuerySet":
        return self.filter(state=AttemptState.SUBMITTED)


class Attempt(models.Model):
    """A lease and what became of it."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="attempts")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="attempts")
    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="attempts")
    device_kind = models.ForeignKey(DeviceKind, on_delete=models.PROTECT, related_name="+")
    """What the device was recognised as at the lease, whatever it is offered as later."""
    request_id = models.CharField(max_length=32)
    fence = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=AttemptState.choices, default=AttemptState.LEASED)
    engine_release = models.CharField(max_length=100)
    dataset = models.JSONField(null=True, blank=True)
    """For accuracy: the ordered images as the agent offered them then, fields of `runners.wire.Dataset`."""
    clock_skew_s = models.FloatField(null=True, blank=True)
    """The agent's clock minus the site's when it leased; null for a lease from before that was noted."""
    leased_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    first_heartbeat_at = models.DateTimeField(null=True, blank=True)
    last_heartbeat_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    failure_kind = models.CharField(max_length=20, blank=True)
    reason = models.TextField(blank=True)
    is_counted = models.BooleanField(default=False)
    progress = models.JSONField(default=dict)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "fence"], name="runs_attempt_one_per_fence"),
            models.UniqueConstraint(fields=["agent", "request_id"], name="runs_attempt_one_per_request"),
            models.UniqueConstraint(
                fields=["run"], condition=Q(state__in=UNDECIDED_STATES), name="runs_attempt_one_undecided_per_run"
            ),
            models.UniqueConstraint(
                fields=["run"], condition=Q(state=AttemptState.ACCEPTED), name="runs_attempt_one_accepted_per_run"
            ),
            models.UniqueConstraint(
                fields=["device"], condition=Q(state__in=LIVE_STATES), name="runs_attempt_one_live_per_device"
            ),
            models.CheckConstraint(
                condition=Q(state__in=LIVE_STATES, ended_at=None)
                | (~Q(state__in=LIVE_STATES) & Q(ended_at__isnull=False)),
                name="runs_attempt_ended_has_a_time",
            ),
            models.CheckConstraint(condition=Q(state__in=AttemptState.values), name="runs_attempt_state_known"),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state__in=LIVE_STATES), name="runs_attempt_expiry"),
            models.Index(fields=["id"], condition=Q(state=AttemptState.SUBMITTED), name="runs_attempt_submitted"),
            models.Index(
                fields=["agent", "ended_at"], condition=Q(state=AttemptState.RELEASED), name="runs_attempt_released"
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk} of run {self.run_id}"

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_STATES

    @property
    def overdue_at(self) -> datetime:
        """When the sweep ends it, however much it heartbeats; wants the run's protocol loaded."""
        return self.leased_at + timedelta(seconds=time_limit_s(self.run.protocol, self.dataset))


class AttemptLog(models.Model):
    """What the agent wrote while it worked; grows by PUT at an offset."""

    attempt = models.OneToOneField(Attempt, on_delete=models.CASCADE, primary_key=True, related_name="log")
    text = models.BinaryField(default=b"")

    def __str__(self) -> str:
        return f"log of {self.attempt_id}"


class Upload(models.Model):
    """The bytes of a result exactly as the agent sent them, kept whatever becomes of them."""

    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, primary_key=True, related_name="upload")
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"upload of {self.attempt_id}"

    def json(self) -> Any:
        return orjson.loads(bytes(self.body))
