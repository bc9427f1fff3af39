from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.actions import (
    deactivate_user,
    may_administer,
    reactivate_user,
    record_audit,
    revoke_invitation,
    revoke_token,
)
from apps.accounts.links import reset_url
from apps.accounts.models import AuditEntry, Invitation, Token, User
from apps.accounts.moderation import ReadOnlyAdmin, StaffAdmin, say, staff

admin.site.site_header = admin.site.site_title = "zooboard administration"
admin.site.index_title = "Moderation"
# What somebody may do hangs on `is_staff` and `is_superuser` alone.
admin.site.unregister(Group)


@admin.register(User)
class AccountAdmin(StaffAdmin, UserAdmin):  # type: ignore[type-arg]
    """Accounts come by invitation and are never deleted, since results and the audit log refer to them."""

    list_display = ["username", "email", "is_active", "is_staff", "is_superuser", "last_login", "date_joined"]
    list_filter = ["is_active", "is_staff", "is_superuser", "date_joined"]
    search_fields = ["username", "email", "first_name", "last_name"]
    readonly_fields = ["is_active", "last_login", "date_joined"]
    filter_horizontal = []
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("May", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Times", {"fields": ("last_login", "date_joined")}),
    )
    actions = ["deactivate", "reactivate", "make_reset_link"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rights are given by superusers only: staff could else make themselves one."""
        return staff(request).is_superuser

    @admin.action(description="Close the selected accounts")
    def deactivate(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            say(request, partial(_deactivate, user, by=staff(request)))

    @admin.action(description="Open the selected accounts again")
    def reactivate(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            say(request, partial(_reactivate, user, by=staff(request)))

    @admin.action(description="Make links for new passwords")
    def make_reset_link(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            if not may_administer(staff(request), user):
                messages.error(request, f"Only a superuser makes a link for {user.username}.")
            elif not user.is_active:
                messages.error(request, f"The account of {user.username} is closed: open it first.")
            else:
                record_audit(
                    actor=staff(request), action="account.reset-link", subject=user.username, at=timezone.now()
                )
                messages.success(request, f"{user.username}, once, for 24 hours: {reset_url(user)}")


@admin.register(Token)
class TokenAdmin(ReadOnlyAdmin):
    list_display = ["name", "user", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter), ("last_used_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["name", "public_id", "user__username"]
    exclude = ["digest"]
    actions = ["revoke"]

    @admin.action(description="Revoke the selected tokens")
    def revoke(self, request: HttpRequest, tokens: QuerySet[Token]) -> None:
        for token in tokens:
            revoke_token(public_id=token.public_id, by=staff(request), at=timezone.now())
        messages.success(request, "The tokens are refused from now on.")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """To look at, and to withdraw; the page /invitations makes them."""

    list_display = ["public_id", "email", "invited_by", "created_at", "expires_at", "used_at", "user", "revoked_at"]
    list_filter = [("used_at", admin.EmptyFieldListFilter), ("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["invited_by", "user"]
    search_fields = ["email", "public_id"]
    exclude = ["digest"]
    actions = ["revoke"]

    @admin.action(description="Withdraw the selected invitations")
    def revoke(self, request: HttpRequest, invitations: QuerySet[Invitation]) -> None:
        for invitation in invitations:
            revoke_invitation(public_id=invitation.public_id, by=staff(request), at=timezone.now())
        messages.success(request, "Links that were not used are refused from now on.")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor", "action", "subject", "detail"]
    list_filter = ["action", "at"]
    list_select_related = ["actor"]
    search_fields = ["subject", "actor__username", "action"]
    show_full_result_count = False


def _deactivate(user: User, *, by: User) -> str:
    deactivate_user(user=user, by=by, at=timezone.now())
    return f"The account of {user.username} is closed: its tokens are refused, and nobody logs in with it."


def _reactivate(user: User, *, by: User) -> str:
    reactivate_user(user=user, by=by, at=timezone.now())
    return f"The account of {user.username} is open again."
