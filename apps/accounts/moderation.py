"""What the administration's pages share: staff look at everything, raw data never changes, and acts give a reason."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.actions import record_audit
from apps.accounts.models import User
from apps.core.errors import UserError


class ReasonForm(ActionForm):
    reason = forms.CharField(label="Reason", max_length=300, required=False)


class StaffAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Seen by all staff; nothing is added or deleted. What is changed here is in the audit log, too."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_staff", False))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        # Django calls this for each change of a row, in the transaction of the change.
        action = f"{obj._meta.model_name}.edit"
        fields = [field for part in message for field in part.get("changed", {}).get("fields", [])]
        record_audit(actor=staff(request), action=action, subject=str(obj)[:200], at=timezone.now(), fields=fields)
        return super().log_change(request, obj, message)


class ReadOnlyAdmin(StaffAdmin):
    """Raw data: to look at, and to act on by the page's actions only."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReasonedAdmin(ReadOnlyAdmin):
    """Its actions want a reason, typed beside the list of actions."""

    action_form = ReasonForm


def staff(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def reason(request: HttpRequest) -> str:
    """The reason that was typed, empty when there is none."""
    return request.POST.get("reason", "").strip()[:300]


def say(request: HttpRequest, act: Callable[[], str]) -> None:
    """Do something and show what it says, or why it was refused."""
    try:
        messages.success(request, act())
    except UserError as exc:
        messages.error(request, exc.detail)
