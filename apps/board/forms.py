"""Forms of the pages."""

from typing import Any

from django import forms

from apps.catalog.models import Network, Protocol


class CampaignForm(forms.Form):
    """Which models to measure, how. The models are the ticked rows of the board."""

    models = forms.MultipleChoiceField(error_messages={"required": "Tick at least one model in the table."})
    protocol = forms.ChoiceField(label="Protocol")
    engine = forms.ChoiceField(label="Engine", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        protocols = sorted(Protocol.objects.executable().newest(), key=lambda protocol: not protocol.needs_device_kind)
        engines = sorted({engine for protocol in protocols for engine in protocol.engines})
        fields: dict[str, Any] = self.fields
        fields["models"].choices = [(name, name) for name in Network.objects.values_list("name", flat=True)]
        fields["protocol"].choices = [(protocol.slug, f"{protocol.slug}: {protocol.title}") for protocol in protocols]
        fields["engine"].choices = [("", "the protocol's own"), *((engine, engine) for engine in engines)]
