"""WHERE it runs: agents, the devices behind them, and the codes that enrol them."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.catalog.models import DeviceKind
from apps.catalog.models.artifact import is_sha256
from apps.catalog.models.network import is_name

STUB_ENGINE = "stub"
"""Measures nothing: real devices have no use for it, simulated ones little else."""


class AgentStatus(models.TextChoices):
    ACTIVE = "active", "active"
    PAUSED = "paused", "paused"
    REVOKED = "revoked", "revoked"


class Serves(models.TextChoices):
    OWNER = "owner", "its owner"
    EVERYONE = "everyone", "everyone"


class TrustTier(models.IntegerChoices):
    UNVETTED = 0, "unvetted"
    VETTED = 1, "vetted"


class AgentQuerySet(models.QuerySet["Agent"]):
    def may_call(self) -> "AgentQuerySet":
        return self.exclude(status=AgentStatus.REVOKED)

    def seen_since(self, at: datetime) -> "AgentQuerySet":
        return self.filter(last_seen_at__gte=at)


class Agent(models.Model):
    """A registered program on somebody's hardware. Its secret is stored as a digest only."""

    public_id = models.CharField(max_length=20, unique=True)
    digest = models.CharField(max_length=64)
    name = models.CharField(max_length=100, validators=[is_name])
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="agents")
    status = models.CharField(max_length=10, choices=AgentStatus.choices, default=AgentStatus.ACTIVE)
    serves = models.CharField(max_length=10, choices=Serves.choices, default=Serves.OWNER)
    accepts_uploads = models.BooleanField(default=False)
    trust_tier = models.PositiveSmallIntegerField(choices=TrustTier.choices, default=TrustTier.UNVETTED)
    runner_version = models.CharField(max_length=50)
    wire_version = models.PositiveSmallIntegerField()
    clock_skew_s = models.FloatField(null=True, blank=True)
    datasets = models.JSONField(default=list, blank=True)
    """Labelled images on its host, as its last lease request offered them: fields of `runners.wire.Dataset`."""
    enrolled_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = AgentQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status=AgentStatus.REVOKED, revoked_at__isnull=False)
                | (~Q(status=AgentStatus.REVOKED) & Q(revoked_at=None)),
                name="fleet_agent_revoked_has_a_time",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_online(self, *, at: datetime) -> bool:
        return self.last_seen_at >= at - timedelta(seconds=settings.AGENT_ONLINE_S)


class EnrolmentCode(models.Model):
    """A single-use code, good for 15 minutes and bound to an owner."""

    digest = models.CharField(max_length=64, unique=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrolment_codes")
    trust_tier = models.PositiveSmallIntegerField(choices=TrustTier.choices, default=TrustTier.UNVETTED)
    """Of the agent that it will enrol."""
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    agent = models.OneToOneField(Agent, on_delete=models.CASCADE, null=True, blank=True, related_name="code")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="fleet_enrolmentcode_expires_later"
            ),
            models.CheckConstraint(
                condition=Q(used_at=None, agent=None) | Q(used_at__isnull=False, agent__isnull=False),
                name="fleet_enrolmentcode_used_by_an_agent",
            ),
        ]

    def __str__(self) -> str:
        return f"code of {self.owner_id}, {'used' if self.used_at else 'open'}"


class Device(models.Model):
    """One physical piece of hardware of an owner, recognised by its own facts."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="devices")
    fingerprint = models.CharField(max_length=64, validators=[is_sha256])
    kind = models.ForeignKey(DeviceKind, on_delete=models.PROTECT, related_name="devices")
    facts = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        ordering = ["kind__slug", "id"]
        constraints = [models.UniqueConstraint(fields=["owner", "fingerprint"], name="fleet_device_owner_fingerprint")]

    def __str__(self) -> str:
        return f"{self.kind_id} {self.fingerprint[:8]}"


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
