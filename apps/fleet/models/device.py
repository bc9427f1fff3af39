"""Pieces of hardware, and the agents they are behind."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.catalog.models import DeviceKind
from apps.catalog.models.artifact import is_sha256
from apps.fleet.models.agent import Agent

STUB_ENGINE = "stub"
"""Measures nothing: real devices have no use for it, simulated ones little else."""


class DeviceQuerySet(models.QuerySet["Device"]):
    def healthy_with(self, agent: Agent) -> "DeviceQuerySet":
        return self.exclude(unhealthy_since__isnull=False, unhealthy_with=agent)


class Device(models.Model):
    """One physical piece of hardware of an owner, recognised by its own facts.

    After a failure of kind device or infrastructure it is unhealthy, and gets no run from the agent under which it
    failed, until that agent's self-check passes. Behind another agent, whose surroundings are others, it may go on.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="devices")
    fingerprint = models.CharField(max_length=64, validators=[is_sha256])
    kind = models.ForeignKey(DeviceKind, on_delete=models.PROTECT, related_name="devices")
    facts = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    unhealthy_since = models.DateTimeField(null=True, blank=True)
    unhealthy_reason = models.TextField(blank=True)
    unhealthy_with = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    unhealthy_after_attempt_id = models.BigIntegerField(null=True, blank=True)
    """The attempt that failed on it: a self-check from before says nothing. No foreign key, since runs stand above."""

    objects = DeviceQuerySet.as_manager()

    class Meta:
        ordering = ["kind__slug", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "fingerprint"], name="fleet_device_owner_fingerprint"),
            models.CheckConstraint(
                condition=Q(unhealthy_since=None, unhealthy_after_attempt_id=None, unhealthy_reason="")
                | Q(unhealthy_since__isnull=False, unhealthy_after_attempt_id__isnull=False),
                name="fleet_device_unhealthy_after_an_attempt",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind_id} {self.fingerprint[:8]}"

    @property
    def is_healthy(self) -> bool:
        return self.unhealthy_since is None

    def is_healthy_with(self, agent_id: int) -> bool:
        return self.is_healthy or self.unhealthy_with_id != agent_id


class Attachment(models.Model):
    """A device behind an agent, with the engines that work there: [{"name", "release"}]."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="attachments")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="attachments")
    engines = models.JSONField(default=list)
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "device"], name="fleet_attachment_agent_device")]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.device_id}"

    @property
    def engine_names(self) -> list[str]:
        return [engine["name"] for engine in self.engines]

    def offers(self, engine: str) -> dict[str, Any] | None:
        return next((offer for offer in self.engines if offer["name"] == engine), None)
