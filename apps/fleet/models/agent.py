"""A program on somebody's hardware, and what its owner lets it do."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import User
from apps.catalog.models.network import is_name

MAX_TAGS = 20
CLOCK_SKEW_WARNING_S = 30.0
"""From here on the times that an agent puts into its results mislead whoever reads them."""

is_tag = RegexValidator(r"^[a-z0-9][a-z0-9._-]{0,29}\Z", "A tag has up to 30 small letters, digits, dots and hyphens.")


class AgentStatus(models.TextChoices):
    """What its owner wants of it."""

    ACTIVE = "active", "active"
    PAUSED = "paused", "paused"
    DRAINING = "draining", "draining"
    REVOKED = "revoked", "revoked"


class AgentState(models.TextChoices):
    """What one sees of it: whether it answers, or what its owner wants instead."""

    ONLINE = "online", "online"
    OFFLINE = "offline", "offline"
    PAUSED = "paused", "paused"
    DRAINING = "draining", "draining"
    REVOKED = "revoked", "revoked"


class Serves(models.TextChoices):
    OWNER = "owner", "its owner"
    NAMED = "named", "its owner and named users"
    EVERYONE = "everyone", "everyone"


class TrustTier(models.IntegerChoices):
    UNVETTED = 0, "unvetted"
    VETTED = 1, "vetted"


class AgentQuerySet(models.QuerySet["Agent"]):
    def may_call(self) -> "AgentQuerySet":
        return self.exclude(status=AgentStatus.REVOKED)

    def in_fleet(self) -> "AgentQuerySet":
        """All but the retired ones, which only their results still name."""
        return self.filter(retired_at=None)

    def for_listing(self) -> "AgentQuerySet":
        """Revoked ones last, then by name."""
        return self.order_by(F("revoked_at").asc(nulls_first=True), "name", "id")

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
    served_users = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="served_by_agents")
    """Whose runs it takes besides its owner's, where it serves named users."""
    accepts_uploads = models.BooleanField(default=False)
    tags = ArrayField(models.CharField(max_length=30, validators=[is_tag]), default=list, blank=True)
    trust_tier = models.PositiveSmallIntegerField(choices=TrustTier.choices, default=TrustTier.UNVETTED)
    runner_version = models.CharField(max_length=50)
    wire_version = models.PositiveSmallIntegerField()
    clock_skew_s = models.FloatField(null=True, blank=True)
    datasets = models.JSONField(default=list, blank=True)
    """Labelled images on its host, as its last lease request offered them: fields of `runners.wire.Dataset`."""
    refused_devices = models.JSONField(default=list, blank=True)
    """What it offered last and the site could not take, and why: fields of `runners.wire.RefusedDevice`."""
    enrolled_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    rotation_requested_at = models.DateTimeField(null=True, blank=True)
    """Its owner wants another token; the agent makes one at its next contact."""
    revoked_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    """Deleted as far as its results allow: they keep their origin, the fleet shows it no more."""

    objects = AgentQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status=AgentStatus.REVOKED, revoked_at__isnull=False)
                | (~Q(status=AgentStatus.REVOKED) & Q(revoked_at=None)),
                name="fleet_agent_revoked_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(retired_at=None) | Q(status=AgentStatus.REVOKED), name="fleet_agent_retired_is_revoked"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_draining(self) -> bool:
        return self.status == AgentStatus.DRAINING

    @property
    def has_skewed_clock(self) -> bool:
        return self.clock_skew_s is not None and abs(self.clock_skew_s) > CLOCK_SKEW_WARNING_S

    @property
    def has_called(self) -> bool:
        """Whether its program was ever started: to enrol it is a call of its own."""
        return self.last_seen_at > self.enrolled_at

    def is_online(self, *, at: datetime) -> bool:
        return self.has_called and self.last_seen_at >= at - timedelta(seconds=settings.AGENT_ONLINE_S)

    def state(self, *, at: datetime) -> AgentState:
        if self.status != AgentStatus.ACTIVE:
            return AgentState(self.status)
        return AgentState.ONLINE if self.is_online(at=at) else AgentState.OFFLINE

    def is_managed_by(self, user: User) -> bool:
        """Whether somebody may change it, and see what identifies its machine."""
        return user.is_staff or user.pk == self.owner_id
