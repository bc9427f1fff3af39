"""Forms of the pages."""

from typing import Any

from django import forms

from apps.catalog.models import DeviceKind, Network, Protocol
from apps.runs.asking import ALL, ModelNames
from apps.runs.models.asked import LOWEST_PRIORITY, NORMAL_PRIORITY
from apps.runs.presets import BY_KEY, PRESETS

OWN_ENGINE = "the protocol's own"
PRIORITIES = [(NORMAL_PRIORITY, "normal"), (150, "later"), (LOWEST_PRIORITY, "when nothing else waits")]
URGENT = (50, "urgent")


def _executable() -> list[Protocol]:
    """Those whose number depends on the device first."""
    return sorted(Protocol.objects.executable().newest(), key=lambda protocol: not protocol.needs_device_kind)


def _engine_choices(protocols: list[Protocol]) -> list[tuple[str, str]]:
    engines = sorted({engine for protocol in protocols for engine in protocol.engines})
    return [("", OWN_ENGINE), *((engine, engine) for engine in engines)]


class CampaignForm(forms.Form):
    """Which models to measure, how. The models are the ticked rows of the board."""

    models = forms.MultipleChoiceField(error_messages={"required": "Tick at least one model in the table."})
    protocol = forms.ChoiceField(label="Protocol")
    engine = forms.ChoiceField(label="Engine", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        protocols = _executable()
        fields: dict[str, Any] = self.fields
        fields["models"].choices = [(name, name) for name in Network.objects.values_list("name", flat=True)]
        fields["protocol"].choices = [(protocol.slug, f"{protocol.slug}: {protocol.title}") for protocol in protocols]
        fields["engine"].choices = _engine_choices(protocols)


class ComposeForm(forms.Form):
    """A whole campaign: a preset or several protocols, all models or some."""

    preset = forms.ChoiceField(label="Campaign", required=False, widget=forms.RadioSelect)
    protocols = forms.MultipleChoiceField(label="Protocols", required=False, widget=forms.CheckboxSelectMultiple)
    models = forms.MultipleChoiceField(label="Models", required=False, help_text="None chosen means all of them.")
    engine = forms.ChoiceField(label="Engine", required=False)
    device_kind = forms.ChoiceField(label="Device kind", required=False)
    priority = forms.TypedChoiceField(label="Urgency", coerce=int)

    def __init__(self, *args: Any, is_staff: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        protocols = _executable()
        slugs = {protocol.slug for protocol in protocols}
        presets = [(p.key, p.title) for p in PRESETS if set(p.protocols) <= slugs]
        kinds = DeviceKind.objects.values_list("slug", "title")
        fields: dict[str, Any] = self.fields
        fields["preset"].choices = [*presets, ("", "protocols of your own choice")]
        fields["protocols"].choices = [(p.slug, f"{p.slug}: {p.title}") for p in protocols]
        fields["models"].choices = [(name, name) for name in Network.objects.values_list("name", flat=True)]
        fields["engine"].choices = _engine_choices(protocols)
        fields["device_kind"].choices = [("", OWN_ENGINE), *kinds]
        fields["priority"].choices = [*([URGENT] if is_staff else []), *PRIORITIES]
        fields["priority"].initial = NORMAL_PRIORITY

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("preset")) == bool(cleaned.get("protocols")) and not self.errors:
            raise forms.ValidationError("Choose a preset or tick protocols of your own choice: one of the two.")
        return cleaned

    @property
    def protocol_slugs(self) -> list[str]:
        """Of a valid form."""
        preset = BY_KEY.get(self.cleaned_data["preset"])
        return list(preset.protocols) if preset else self.cleaned_data["protocols"]

    @property
    def model_names(self) -> ModelNames:
        """Of a valid form."""
        return self.cleaned_data["models"] or ALL


class PriorityForm(forms.Form):
    priority = forms.TypedChoiceField(label="Urgency", coerce=int)

    def __init__(self, *args: Any, is_staff: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        choices = [*([URGENT] if is_staff else []), *PRIORITIES]
        now = self.initial.get("priority")
        if now is not None and now not in dict(choices):
            choices = [(now, str(now)), *choices]
        fields["priority"].choices = choices


class RepeatForm(forms.Form):
    """How often a campaign is asked for again."""

    every = forms.IntegerField(label="Every", min_value=1, max_value=9_000, initial=1)
    unit = forms.TypedChoiceField(label="Unit", coerce=int, choices=[(24, "days"), (1, "hours")], initial=24)

    @property
    def every_hours(self) -> int:
        """Of a valid form."""
        hours: int = self.cleaned_data["every"] * self.cleaned_data["unit"]
        return hours
