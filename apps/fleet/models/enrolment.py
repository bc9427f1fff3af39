"""Codes that enrol agents."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.fleet.models.agent import Agent, TrustTier


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
