from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.models import User
from apps.fleet.actions import revoke_agent
from apps.fleet.models import Agent, Device


class ReadMostlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows come from agents, and results refer to them: nobody adds or deletes any here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Agent)
class AgentAdmin(ReadMostlyAdmin):
    list_display = ["name", "owner", "status", "serves", "trust_tier", "runner_version", "last_seen_at"]
    list_filter = ["status", "trust_tier"]
    fields = ["name", "public_id", "owner", "status", "serves", "accepts_uploads", "trust_tier", "last_seen_at"]
    readonly_fields = ["public_id", "owner", "status", "last_seen_at"]
    actions = ["revoke"]

    @admin.action(description="Revoke the selected agents")
    def revoke(self, request: HttpRequest, agents: QuerySet[Agent]) -> None:
        assert isinstance(request.user, User)
        for agent in agents:
            revoke_agent(agent=agent, by=request.user, at=timezone.now())


@admin.register(Device)
class DeviceAdmin(ReadMostlyAdmin):
    list_display = ["kind", "owner", "fingerprint", "last_seen_at"]
    readonly_fields = ["kind", "owner", "fingerprint", "facts", "first_seen_at", "last_seen_at"]
