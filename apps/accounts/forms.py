"""What people type about accounts."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.forms import (
    BaseUserCreationForm,
    PasswordChangeForm,
    PasswordResetForm,
    SetPasswordForm,
    UsernameField,
)

from apps.accounts.models import Scope, User
from apps.accounts.tasks import send_reset_links

LIVES = [("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "without an end")]


MEANINGS = {
    Scope.READ: "look at what you may see",
    Scope.SUBMIT: "send in results",
    Scope.DISPATCH: "ask for campaigns",
    Scope.AGENTS: "register and manage your agents",
    Scope.ADMIN: "administer the site",
}


class InviteForm(forms.Form):
    email = forms.EmailField(
        label="E-mail", required=False, help_text="May be empty: then you hand the link over yourself."
    )


PASSWORD_HELP = "At least 8 characters, and not a common one."  # noqa: S105 - a sentence, not a secret


class AcceptForm(BaseUserCreationForm):  # type: ignore[type-arg]
    """A new account: who, and its password."""

    class Meta:
        model = User
        fields = ("username", "email")
        field_classes = {"username": UsernameField}
        labels = {"email": "E-mail"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = "Others see it: letters, digits and @ . + - _"
        self.fields["email"].help_text = "For a new password when you forget yours. Nobody else sees it."
        _explain(self.fields["password1"], self.fields["password2"], again="Password again")


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """For whoever comes by a link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _explain(self.fields["new_password1"], self.fields["new_password2"], again="New password again")


class ChangePasswordForm(PasswordChangeForm):
    """For whoever knows the old one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _explain(self.fields["new_password1"], self.fields["new_password2"], again="New password again")


def _explain(password: forms.Field, repeated: forms.Field, *, again: str) -> None:
    """One sentence in place of Django's list."""
    password.help_text, repeated.help_text, repeated.label = PASSWORD_HELP, "", again


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ("first_name", "last_name", "email")
        labels = {"email": "E-mail"}
        help_texts = {"email": "For a new password when you forget yours. Only administrators see it."}


class TokenForm(forms.Form):
    """An API token. The scope `admin` is offered to administrators only: nobody else may use it."""

    name = forms.CharField(label="Name", max_length=100, help_text="What it is for, so that you know it again.")
    scopes = forms.MultipleChoiceField(
        label="Scopes",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick what the token may do: at least one scope."},
    )
    life = forms.ChoiceField(label="Good for", choices=LIVES, initial="90", required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [scope for scope in Scope if user.is_staff or scope != Scope.ADMIN]
        fields: dict[str, Any] = self.fields
        fields["scopes"].choices = [(str(scope), f"{scope}: {MEANINGS[scope]}") for scope in offered]
        fields["scopes"].initial = [str(Scope.READ)]

    def chosen_scopes(self) -> Sequence[Scope]:
        return [Scope(scope) for scope in self.cleaned_data["scopes"]]

    def chosen_life(self) -> timedelta | None:
        days = self.cleaned_data["life"]
        return timedelta(days=int(days)) if days else None


class DeactivateForm(forms.Form):
    """Ending one's own account takes one's own name."""

    username = forms.CharField(label="Your user name, to be sure", max_length=150)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["username"].widget.attrs["autocomplete"] = "off"

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if username != self.user.username:
            raise forms.ValidationError("This is not your user name: nothing was changed.")
        return username


class ResetForm(PasswordResetForm):
    """Asks for a mail, and looks at no account."""

    def save(self, *args: Any, **kwargs: Any) -> None:
        send_reset_links.delay(self.cleaned_data["email"])
