"""A new password: changed by who knows the old one, or by a link that a mail or an administrator brings.

Django's own views, with our pages and a line in the audit log.
"""

from typing import Any

from axes.utils import reset as forget_failures
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View
from kombu.exceptions import OperationalError

from apps.accounts.actions import record_audit
from apps.accounts.forms import ChangePasswordForm, NewPasswordForm, ResetForm
from apps.accounts.models import User
from apps.board.views.errors import answers_user_errors
from apps.core.api.parameters import check_known


@method_decorator([never_cache, answers_user_errors], name="dispatch")
class StrictView(View):
    """Refuses query parameters, of which these pages have none, and is stored nowhere."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        check_known(request.GET, ())
        return super().dispatch(request, *args, **kwargs)


class ChangeView(StrictView, views.PasswordChangeView):
    template_name = "accounts/password.html"
    form_class = ChangePasswordForm
    success_url = reverse_lazy("account")
    extra_context = {"nav": "account"}

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        _note(form.user, "account.change-password")
        messages.success(self.request, "Your password is changed. Other browsers of yours are logged out.")
        return response


class ResetView(StrictView, views.PasswordResetView):
    """The same answer for every address, known or not, and as fast: a worker looks it up and sends the mail."""

    template_name = "accounts/reset.html"
    form_class = ResetForm
    success_url = reverse_lazy("reset-sent")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"sends_mail": settings.SENDS_MAIL}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            if settings.SENDS_MAIL:
                return super().form_valid(form)
            form.add_error(None, "This site sends no mail: ask an administrator for a link.")
        except OperationalError:
            form.add_error(None, "The site cannot send mail just now: try again in a few minutes.")
        return self.form_invalid(form)


class ResetSentView(StrictView, views.PasswordResetDoneView):
    template_name = "accounts/reset_sent.html"


class ResetConfirmView(StrictView, views.PasswordResetConfirmView):
    template_name = "accounts/reset_confirm.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("login")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        # What failed was the old password: somebody locked out by it must not wait with the new one in hand.
        forget_failures(username=form.user.get_username())
        _note(form.user, "account.reset-password")
        messages.success(self.request, "Your new password is set: log in with it.")
        return response


def _note(user: User, action: str) -> None:
    record_audit(actor=user, action=action, subject=user.username, at=timezone.now())
