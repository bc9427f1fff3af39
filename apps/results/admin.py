from collections.abc import Iterable

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.moderation import ReadOnlyAdmin, ReasonedAdmin, reason, say, staff
from apps.results.actions.withdraw import withdraw_results
from apps.results.models import Measurement, Result, Source, Submission

WITHDRAW = "Withdraw (give a reason): off the board, never deleted"


@admin.register(Result)
class ResultAdmin(ReasonedAdmin):
    list_display = [
        "id", "network", "metric", "value", "configuration", "origin", "flags", "trust_tier", "created_at",
        "withdrawn_at", "withdrawn_because",
    ]  # fmt: skip
    list_filter = [
        "origin", "metric", "trust_tier", "is_simulated", ("withdrawn_at", admin.EmptyFieldListFilter), "created_at",
    ]  # fmt: skip
    list_select_related = ["network", "configuration"]
    search_fields = ["network__name", "configuration__slug", "engine", "withdrawn_because"]
    show_full_result_count = False
    actions = ["withdraw"]

    @admin.action(description=WITHDRAW)
    def withdraw(self, request: HttpRequest, results: QuerySet[Result]) -> None:
        _withdraw(request, results.values_list("pk", flat=True))


@admin.register(Measurement)
class MeasurementAdmin(ReasonedAdmin):
    """All results of one attempt together."""

    list_display = ["attempt_id", "network", "agent", "device", "engine_release", "runner_version", "finished_at"]
    list_filter = ["runner_version", "finished_at"]
    list_select_related = ["attempt__run__network", "attempt__agent", "attempt__device_kind"]
    search_fields = ["attempt__run__network__name", "attempt__agent__name", "engine_release"]
    show_full_result_count = False
    actions = ["withdraw"]

    @admin.display(description="model", ordering="attempt__run__network__name")
    def network(self, measurement: Measurement) -> str:
        return measurement.attempt.run.network.name

    @admin.display(ordering="attempt__agent__name")
    def agent(self, measurement: Measurement) -> str:
        return measurement.attempt.agent.name

    @admin.display
    def device(self, measurement: Measurement) -> str:
        return measurement.attempt.device_kind.title

    @admin.action(description=WITHDRAW)
    def withdraw(self, request: HttpRequest, measurements: QuerySet[Measurement]) -> None:
        attempts = measurements.values_list("pk", flat=True)
        _withdraw(request, Result.objects.filter(attempt__in=list(attempts)).values_list("pk", flat=True))


@admin.register(Submission)
class SubmissionAdmin(ReasonedAdmin):
    list_display = [
        "submission_id", "owner", "agent", "state", "edition", "corrects", "problems", "created_at", "settled_at",
    ]  # fmt: skip
    list_filter = ["state", ("agent", admin.EmptyFieldListFilter), "created_at"]
    list_select_related = ["owner", "agent", "corrects"]
    search_fields = ["submission_id", "owner__username", "agent__name"]
    actions = ["withdraw"]

    @admin.action(description=WITHDRAW)
    def withdraw(self, request: HttpRequest, submissions: QuerySet[Submission]) -> None:
        ids = list(submissions.values_list("pk", flat=True))
        _withdraw(request, Result.objects.filter(submission__in=ids).values_list("pk", flat=True))


@admin.register(Source)
class SourceAdmin(ReadOnlyAdmin):
    """Editions of published tables: `manage.py seed` makes a new one where a fixture changed."""

    list_display = ["slug", "edition", "document", "table", "standing", "withdrawn", "created_at"]
    list_filter = ["document", "edition"]
    search_fields = ["slug", "table"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        standing = Count("results", filter=Q(results__withdrawn_at=None))
        sources: QuerySet[Source] = super().get_queryset(request)
        return sources.annotate(standing_count=standing, all_count=Count("results"))

    @admin.display(description="values on the board or standing by")
    def standing(self, source: Source) -> int:
        return int(getattr(source, "standing_count", 0))

    @admin.display(description="withdrawn values")
    def withdrawn(self, source: Source) -> int:
        return int(getattr(source, "all_count", 0)) - self.standing(source)


def _withdraw(request: HttpRequest, result_ids: Iterable[int]) -> None:
    def act() -> str:
        ids = list(result_ids)
        count = withdraw_results(result_ids=ids, reason=reason(request), by=staff(request), at=timezone.now())
        return f"{count} result{'s are' if count != 1 else ' is'} withdrawn."

    say(request, act)
