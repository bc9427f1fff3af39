"""`/account/tokens`: keys to the REST API."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apps.accounts.actions import create_token, revoke_token
from apps.accounts.forms import TokenForm
from apps.board.views.account import user_of
from apps.board.views.errors import answers_user_errors
from apps.core.api.parameters import check_known


@never_cache
@login_required
@answers_user_errors
def tokens(request: HttpRequest) -> HttpResponse:
    """A POST makes one and shows it, once: only its digest is kept."""
    check_known(request.GET, ())
    user, now, secret = user_of(request), timezone.now(), None
    form = TokenForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        name, scopes = form.cleaned_data["name"], form.chosen_scopes()
        secret = create_token(user=user, name=name, scopes=scopes, at=now, life=form.chosen_life())
        form = TokenForm(user=user)
    context = {
        "nav": "account",
        "form": form,
        "secret": secret,
        "tokens": [{"token": token, "state": token.state(at=now)} for token in user.tokens.order_by("-id")],
    }
    return render(request, "accounts/tokens.html", context)


@require_POST
@login_required
@answers_user_errors
def revoke(request: HttpRequest, public_id: str) -> HttpResponse:
    revoke_token(public_id=public_id, by=user_of(request), at=timezone.now())
    messages.success(request, "The token is revoked: it is refused from now on.")
    return redirect("tokens")
