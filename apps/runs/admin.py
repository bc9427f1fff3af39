from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.moderation import ReadOnlyAdmin, StaffAdmin, staff
from apps.runs.actions.campaigns import cancel_campaign
from apps.runs.actions.schedules import end_schedule
from apps.runs.models import Attempt, Campaign, Run, Schedule


@admin.register(Schedule)
class ScheduleAdmin(StaffAdmin):
    """Made on a campaign's page. Here one sees who asks for what, changes how often, and ends it."""

    list_display = ["title", "requested_by", "every_hours", "next_at", "skipped_at", "skip_reason", "ended_at"]
    list_filter = [("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["requested_by"]
    search_fields = ["title", "requested_by__username"]
    fields = [
        "title", "requested_by", "model_names", "protocol_slugs", "engine", "device_kind", "dataset", "priority",
        "every_hours", "next_at", "skipped_at", "skip_reason", "ended_at",
    ]  # fmt: skip
    readonly_fields = [
        "requested_by", "model_names", "protocol_slugs", "engine", "device_kind", "dataset",
        "skipped_at", "skip_reason", "ended_at",
    ]  # fmt: skip
    actions = ["end"]

    @admin.action(description="End the selected schedules")
    def end(self, request: HttpRequest, schedules: QuerySet[Schedule]) -> None:
        for schedule in schedules:
            end_schedule(schedule_id=schedule.pk, by=staff(request), at=timezone.now())


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    list_display = ["id", "title", "requested_by", "priority", "created_at", "cancelled_at"]
    list_filter = ["created_at", ("cancelled_at", admin.EmptyFieldListFilter)]
    list_select_related = ["requested_by"]
    search_fields = ["title", "requested_by__username"]
    actions = ["cancel"]

    @admin.action(description="Cancel the selected campaigns")
    def cancel(self, request: HttpRequest, campaigns: QuerySet[Campaign]) -> None:
        runs = [cancel_campaign(campaign_id=c.pk, by=staff(request), at=timezone.now()) for c in campaigns]
        messages.success(request, f"{sum(runs)} runs were cancelled.")


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ["id", "network", "protocol", "engine", "device_kind", "state", "requested_by", "queued_at"]
    list_filter = ["state", "engine", "queued_at"]
    list_select_related = ["network", "protocol", "device_kind", "requested_by"]
    search_fields = ["network__name", "requested_by__username"]
    show_full_result_count = False


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    """Quarantined ones say why. An accepted one is taken off the board by withdrawing its measurement."""

    list_display = ["id", "run_id", "agent", "device_kind", "state", "failure_kind", "reason", "leased_at", "ended_at"]
    list_filter = ["state", "failure_kind", "is_counted", "leased_at"]
    list_select_related = ["agent", "device_kind"]
    search_fields = ["agent__name", "reason"]
    show_full_result_count = False
