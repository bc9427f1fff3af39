"""Links that are sent or copied. They begin with the site's own address, whatever host a request named."""

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from apps.accounts.models import User


def invitation_url(link: str) -> str:
    return f"{settings.SITE_URL}{reverse('invitation', args=[link])}"


def reset_url(user: User) -> str:
    """Signed and stored nowhere; a new password, a login and time each end it."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return f"{settings.SITE_URL}{reverse('reset-confirm', args=[uid, default_token_generator.make_token(user)])}"
