"""What changes accounts, invitations, tokens and the audit log. Each is one transaction."""

from apps.accounts.actions.audit import record_audit
from apps.accounts.actions.invitations import (
    INVITATION_LIFE,
    InvitationRefused,
    accept_invitation,
    check_may_invite,
    create_invitation,
    find_invitation,
    revoke_invitation,
)
from apps.accounts.actions.people import (
    LastAdministrator,
    change_profile,
    deactivate_user,
    ensure_owner,
    may_administer,
    reactivate_user,
)
from apps.accounts.actions.tokens import DEFAULT_TOKEN_LIFE, TOKEN_PREFIX, create_token, revoke_token

__all__ = [
    "DEFAULT_TOKEN_LIFE",
    "INVITATION_LIFE",
    "TOKEN_PREFIX",
    "InvitationRefused",
    "LastAdministrator",
    "accept_invitation",
    "change_profile",
    "check_may_invite",
    "create_invitation",
    "create_token",
    "deactivate_user",
    "ensure_owner",
    "find_invitation",
    "may_administer",
    "reactivate_user",
    "record_audit",
    "revoke_invitation",
    "revoke_token",
]
