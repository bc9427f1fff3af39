"""A campaign that is asked for again and again."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from apps.runs.models.asked import LOWEST_PRIORITY, Asked

MAX_EVERY_HOURS = 24 * 366


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def running(self) -> "ScheduleQuerySet":
        return self.filter(ended_at=None)

    def due(self, *, at: datetime) -> "ScheduleQuerySet":
        return self.running().filter(next_at__lte=at, paused_at=None)


class Schedule(Asked):
    """Who wants what every so many hours. No `model_names` means every model there is when it is due."""

    every_hours = models.PositiveIntegerField()
    next_at = models.DateTimeField()
    skipped_at = models.DateTimeField(null=True, blank=True)
    """The last due time that made no campaign; `skip_reason` says why."""
    skip_reason = models.CharField(max_length=300, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(every_hours__gte=1, every_hours__lte=MAX_EVERY_HOURS), name="runs_schedule_every_hours"
            ),
            models.CheckConstraint(condition=Q(priority__lte=LOWEST_PRIORITY), name="runs_schedule_priority"),
            models.CheckConstraint(
                condition=Q(skipped_at=None, skip_reason="") | (Q(skipped_at__isnull=False) & ~Q(skip_reason="")),
                name="runs_schedule_skip_has_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["next_at"], condition=Q(ended_at=None), name="runs_schedule_due")]

    @property
    def every_text(self) -> str:
        """ "3 days", "36 hours"."""
        number, unit = (self.every_hours // 24, "day") if self.every_hours % 24 == 0 else (self.every_hours, "hour")
        return unit if number == 1 else f"{number} {unit}s"

    def first_after(self, at: datetime) -> datetime:
        """The next due time that is still to come: times that passed meanwhile are not made up for."""
        every = timedelta(hours=self.every_hours)
        passed = max((at - self.next_at) // every + 1, 1)
        return self.next_at + passed * every
