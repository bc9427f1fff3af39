"""Many runs asked for together."""

from django.db import models
from django.db.models import Count, Q

from apps.runs.models.asked import LOWEST_PRIORITY, Asked
from apps.runs.models.schedule import Schedule


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def unexpanded(self) -> "CampaignQuerySet":
        """Those whose runs are still to be made."""
        return self.filter(expanded_at=None, cancelled_at=None)

    def open(self) -> "CampaignQuerySet":
        """Those that are not over: runs are still to be made, or to end."""
        has_open_runs = Q(runs__isnull=False, runs__finished_at=None)
        return self.filter(has_open_runs | Q(expanded_at=None, cancelled_at=None)).distinct()

    def with_counts(self) -> "CampaignQuerySet":
        """Runs by state, as `queued`, `active`, `done`, `failed`, `cancelled`; `blocked` are some of the queued."""
        states = ("queued", "active", "done", "failed", "cancelled")
        counts = {state: Count("runs", filter=Q(runs__state=state)) for state in states}
        blocked = Count("runs", filter=Q(runs__state="queued") & ~Q(runs__blocked_by=""))
        return self.annotate(**counts, blocked=blocked)


class Campaign(Asked):
    """What was asked for. The dispatch task expands it into runs, once."""

    expanded_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, null=True, blank=True, related_name="campaigns")
    due_at = models.DateTimeField(null=True, blank=True)
    """The due time of its schedule that it was made for."""

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "due_at"], name="runs_campaign_once_per_due_time"),
            models.CheckConstraint(
                condition=Q(schedule=None, due_at=None) | Q(schedule__isnull=False, due_at__isnull=False),
                name="runs_campaign_of_a_schedule_has_a_due_time",
            ),
            models.CheckConstraint(condition=Q(priority__lte=LOWEST_PRIORITY), name="runs_campaign_priority"),
        ]
