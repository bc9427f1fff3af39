"""Who: users, the invitations they come by, their API tokens, and the audit log."""

from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class User(AbstractUser):
    """A person. Sign-up is by invitation; the owner's account comes with the installation."""


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def usable(self, *, at: datetime) -> "InvitationQuerySet":
        return self.filter(used_at=None, revoked_at=None, expires_at__gt=at)


class Invitation(models.Model):
    """A one-time link with which somebody makes an account. Only the digest of its secret is stored."""

    public_id = models.CharField(max_length=20, unique=True)
    digest = models.CharField(max_length=64)
    email = models.EmailField(blank=True)
    """Where it was sent; empty for a link that was copied."""
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    user = models.OneToOneField(User, on_delete=models.PROTECT, null=True, blank=True, related_name="invitation")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="accounts_invitation_expires_after_creation"
            ),
            models.CheckConstraint(
                condition=Q(used_at=None, user=None) | Q(used_at__isnull=False, user__isnull=False),
                name="accounts_invitation_used_by_a_user",
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.public_id}"

    def state(self, *, at: datetime) -> str:
        """used, withdrawn, expired or open."""
        if self.used_at is not None:
            return "used"
        if self.revoked_at is not None:
            return "withdrawn"
        return "expired" if self.expires_at <= at else "open"


class Scope(models.TextChoices):
    READ = "read", "read"
    SUBMIT = "submit", "submit results"
    DISPATCH = "dispatch", "ask for campaigns"
    AGENTS = "agents", "register and manage own agents"
    ADMIN = "admin", "administer"


class TokenQuerySet(models.QuerySet["Token"]):
    def usable(self, *, at: datetime) -> "TokenQuerySet":
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at), revoked_at=None, user__is_active=True)


class Token(models.Model):
    """A key to the REST API. Only the digest of its secret is stored."""

    public_id = models.CharField(max_length=20, unique=True)
    digest = models.CharField(max_length=64)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("created_at")),
                name="accounts_token_expires_after_creation",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.public_id})"

    def state(self, *, at: datetime) -> str:
        """revoked, expired or usable, as far as the token itself goes."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= at else "usable"


class AuditEntry(models.Model):
    """What somebody did that others may ask about later. Rows are only ever added."""

    at = models.DateTimeField(db_index=True)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="audit_entries")
    action = models.CharField(max_length=50)
    subject = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["subject", "-at"], name="accounts_auditentry_subject")]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
