from django.contrib import admin
from django.http import HttpRequest

from apps.fleet.models import Agent, Device


@admin.register(Agent)
class AgentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "owner", "status", "serves", "trust_tier", "runner_version", "last_seen_at"]
    list_filter = ["status", "trust_tier"]
    exclude = ["digest"]
    readonly_fields = ["public_id", "owner", "runner_version", "wire_version", "enrolled_at", "last_seen_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Device)
class DeviceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["kind", "owner", "fingerprint", "last_seen_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
