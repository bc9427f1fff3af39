from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.moderation import ReadOnlyAdmin, say, staff
from apps.fleet.actions import AgentChanges, change_agent, revoke_agent
from apps.fleet.models import Agent, Device, TrustTier

DEVICE_FIELDS = (
    "kind", "owner", "fingerprint", "facts", "first_seen_at", "last_seen_at",
    "unhealthy_since", "unhealthy_reason", "unhealthy_after_attempt_id",
)  # fmt: skip


@admin.register(Agent)
class AgentAdmin(ReadOnlyAdmin):
    """To look at, to trust and to revoke: an agent's own page changes the rest, where one sees what it does."""

    list_display = ["name", "owner", "status", "serves", "trust_tier", "runner_version", "last_seen_at", "retired_at"]
    list_filter = ["status", "trust_tier", "serves", "accepts_uploads", "runner_version"]
    list_select_related = ["owner"]
    search_fields = ["name", "public_id", "owner__username"]
    fields = ["name", "public_id", "owner", "status", "serves", "accepts_uploads", "trust_tier", "last_seen_at"]
    actions = ["vet", "unvet", "revoke"]

    @admin.action(description="Trust: vetted")
    def vet(self, request: HttpRequest, agents: QuerySet[Agent]) -> None:
        self._trust(request, agents, TrustTier.VETTED)

    @admin.action(description="Trust: unvetted")
    def unvet(self, request: HttpRequest, agents: QuerySet[Agent]) -> None:
        self._trust(request, agents, TrustTier.UNVETTED)

    @admin.action(description="Revoke the selected agents")
    def revoke(self, request: HttpRequest, agents: QuerySet[Agent]) -> None:
        for agent in agents:
            revoke_agent(agent=agent, by=staff(request), at=timezone.now())

    def _trust(self, request: HttpRequest, agents: QuerySet[Agent], tier: TrustTier) -> None:
        def act() -> str:
            for agent in agents:
                change_agent(agent=agent, changes=AgentChanges(trust_tier=tier), by=staff(request), at=timezone.now())
            return f"What they measure from now on is {tier.label}; their older results keep their tier."

        say(request, act)


@admin.register(Device)
class DeviceAdmin(ReadOnlyAdmin):
    list_display = ["kind", "owner", "fingerprint", "last_seen_at", "unhealthy_since"]
    list_filter = ["kind__category", ("unhealthy_since", admin.EmptyFieldListFilter)]
    list_select_related = ["kind", "owner"]
    search_fields = ["kind__title", "owner__username", "fingerprint"]
    fields = list(DEVICE_FIELDS)
