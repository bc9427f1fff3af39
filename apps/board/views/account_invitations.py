"""`/invitations` for administrators, and `/invitations/<link>` for whoever is invited."""

import logging

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from apps.accounts.actions import (
    INVITATION_LIFE,
    accept_invitation,
    check_may_invite,
    create_invitation,
    find_invitation,
    revoke_invitation,
)
from apps.accounts.forms import AcceptForm, InviteForm
from apps.accounts.links import invitation_url
from apps.accounts.mail import send_invitation
from apps.accounts.models import Invitation, User
from apps.board.paging import page_links
from apps.board.views.account import user_of
from apps.board.views.errors import answers_user_errors
from apps.core.api.parameters import check_known, integer

PAGE_SIZE = 50
PASSWORD_BACKEND = "django.contrib.auth.backends.ModelBackend"  # noqa: S105 - a path, not a secret

log = logging.getLogger(__name__)


@never_cache
@login_required
@answers_user_errors
def invitations(request: HttpRequest) -> HttpResponse:
    """A POST makes a link and shows it, once: only its digest is kept."""
    user = user_of(request)
    check_may_invite(user)
    check_known(request.GET, ("page",))
    number = integer(request.GET, "page", 1, low=1, high=1_000_000)
    form, url = InviteForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        url = _invite(request, email=form.cleaned_data["email"], by=user)
        form = InviteForm()
    now = timezone.now()
    page = Paginator(Invitation.objects.select_related("invited_by", "user"), PAGE_SIZE).get_page(number)
    context = {
        "nav": "account",
        "form": form,
        "url": url,
        "days": INVITATION_LIFE.days,
        "sends_mail": settings.SENDS_MAIL,
        "invitations": [{"invitation": invitation, "state": invitation.state(at=now)} for invitation in page],
        "page": page_links(request.GET, page),
    }
    return render(request, "accounts/invitations.html", context)


@require_POST
@login_required
@answers_user_errors
def revoke(request: HttpRequest, public_id: str) -> HttpResponse:
    revoke_invitation(public_id=public_id, by=user_of(request), at=timezone.now())
    messages.success(request, "The invitation is withdrawn: its link is refused from now on.")
    return redirect("invitations")


@never_cache
@sensitive_post_parameters()
@answers_user_errors
def accept(request: HttpRequest, link: str) -> HttpResponse:
    """Whoever is logged in logs out first: another account must not take the browser over without a word."""
    check_known(request.GET, ())
    invitation = find_invitation(link, at=timezone.now())
    if request.user.is_authenticated:
        return render(request, "accounts/accept_later.html")
    form = AcceptForm(request.POST or None, initial={"email": invitation.email})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        user = accept_invitation(
            link=link,
            username=data["username"],
            email=data["email"],
            password=data["password1"],
            at=timezone.now(),
        )
        login(request, user, backend=PASSWORD_BACKEND)
        messages.success(request, f"Welcome, {user.username}. This is your account.")
        return redirect("account")
    return render(request, "accounts/accept.html", {"form": form, "invited_by": invitation.invited_by.username})


def _invite(request: HttpRequest, *, email: str, by: User) -> str:
    """The link. It is shown also where it was sent: a mail may be lost."""
    url = invitation_url(create_invitation(email=email, by=by, at=timezone.now()))
    if email and settings.SENDS_MAIL:
        try:
            send_invitation(email=email, url=url, by=by)
        except OSError as exc:
            log.warning("could not send an invitation: %s", exc)
            messages.error(request, "The mail server did not take the mail: hand the link over yourself.")
        else:
            messages.success(request, f"The invitation was sent to {email}.")
    return url
