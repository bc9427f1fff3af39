"""The audit log, which only grows."""

from datetime import datetime
from typing import Any

from apps.accounts.models import AuditEntry, User


def record_audit(*, actor: User | None, action: str, subject: str, at: datetime, **detail: Any) -> None:
    AuditEntry.objects.create(at=at, actor=actor, action=action, subject=subject, detail=detail)
