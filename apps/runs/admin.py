from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.models import User
from apps.runs.actions.schedules import end_schedule
from apps.runs.models import Schedule


@admin.register(Schedule)
class ScheduleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Made on a campaign's page. Here one sees who asks for what, changes how often, and ends it."""

    list_display = ["title", "requested_by", "every_hours", "next_at", "skipped_at", "skip_reason", "ended_at"]
    fields = [
        "title", "requested_by", "model_names", "protocol_slugs", "engine", "device_kind", "dataset", "priority",
        "every_hours", "next_at", "skipped_at", "skip_reason", "ended_at",
    ]  # fmt: skip
    readonly_fields = [
        "requested_by", "model_names", "protocol_slugs", "engine", "device_kind", "dataset",
        "skipped_at", "skip_reason", "ended_at",
    ]  # fmt: skip
    actions = ["end"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    @admin.action(description="End the selected schedules")
    def end(self, request: HttpRequest, schedules: QuerySet[Schedule]) -> None:
        assert isinstance(request.user, User)
        for schedule in schedules:
            end_schedule(schedule_id=schedule.pk, by=request.user, at=timezone.now())
