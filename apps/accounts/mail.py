"""The two mails of this site, in plain text."""

import logging

from django.contrib.auth.forms import PasswordResetForm
from django.core.cache import cache
from django.core.mail import send_mail
from django.template.loader import render_to_string
from redis.exceptions import RedisError

from apps.accounts.links import reset_url
from apps.accounts.models import User
from apps.core.tokens import digest

log = logging.getLogger(__name__)

RESET_EVERY_S = 5 * 60
"""One mail to an address in this time, however often somebody asks."""


def send_invitation(*, email: str, url: str, by: User) -> None:
    """Raises OSError when the server takes no mail."""
    context = {"url": url, "by": by.get_full_name() or by.username}
    send_mail("Your invitation to zooboard", render_to_string("accounts/mail/invitation.txt", context), None, [email])


def send_reset_links(email: str) -> int:
    """A link for each active account that has this address. Returns how many were sent."""
    if not _is_first(email):
        return 0
    users = [user for user in PasswordResetForm().get_users(email) if isinstance(user, User)]
    for user in users:
        text = render_to_string("accounts/mail/reset.txt", {"url": reset_url(user), "user": user})
        send_mail("A new password for zooboard", text, None, [user.email])
    return len(users)


def _is_first(email: str) -> bool:
    try:
        return bool(cache.add(f"reset-mail:{digest(email.lower())}", 1, RESET_EVERY_S))
    except RedisError as exc:
        log.warning("cannot count mails (%s): sending this one", exc)
        return True
