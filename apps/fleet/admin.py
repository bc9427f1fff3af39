from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.models import User
from apps.fleet.actions import revoke_agent
from apps.fleet.models import Agent, Device

AGENT_FIELDS = ("name", "public_id", "owner", "status", "serves", "accepts_uploads", "trust_tier", "last_seen_at")
DEVICE_FIELDS = (
    "kind", "owner", "fingerprint", "facts", "first_seen_at", "last_seen_at",
    "unhealthy_since", "unhealthy_reason", "unhealthy_after_attempt_id",
)  # fmt: skip


class ReadMostlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows come from agents, and results refer to them: nobody adds or deletes any here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Agent)
class AgentAdmin(ReadMostlyAdmin):
    """To look at: an agent's own page changes it, where the audit log notes what was before and after."""

    list_display = ["name", "owner", "status", "serves", "trust_tier", "runner_version", "last_seen_at"]
    list_filter = ["status", "trust_tier"]
    fields = list(AGENT_FIELDS)
    readonly_fields = list(AGENT_FIELDS)
    actions = ["revoke"]

    @admin.action(description="Revoke the selected agents")
    def revoke(self, request: HttpRequest, agents: QuerySet[Agent]) -> None:
        assert isinstance(request.user, User)
        for agent in agents:
            revoke_agent(agent=agent, by=request.user, at=timezone.now())


@admin.register(Device)
class DeviceAdmin(ReadMostlyAdmin):
    list_display = ["kind", "owner", "fingerprint", "last_seen_at"]
    fields = list(DEVICE_FIELDS)
    readonly_fields = list(DEVICE_FIELDS)
