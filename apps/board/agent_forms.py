"""What an owner sets on an agent's page."""

import re
from typing import Any

from django import forms

from apps.accounts.models import User
from apps.fleet.actions import AgentChanges
from apps.fleet.models import Agent, Serves, TrustTier

_BETWEEN = re.compile(r"[\s,]+")


class AgentForm(forms.Form):
    """The settings of an agent. Only administrators have the trust tier."""

    name = forms.CharField(label="Name", max_length=100)
    tags = forms.CharField(label="Tags", max_length=700, required=False, help_text="With blanks between them.")
    serves = forms.ChoiceField(label="Whose runs it takes", choices=Serves.choices)
    served_users = forms.CharField(
        label="Named users", max_length=5000, required=False, help_text="User names, with blanks between them."
    )
    accepts_uploads = forms.BooleanField(label="Executes uploaded models, too", required=False)
    trust_tier = forms.TypedChoiceField(label="Trust tier", choices=TrustTier.choices, coerce=int)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not by.is_staff:
            del self.fields["trust_tier"]

    @classmethod
    def of(cls, agent: Agent, *, by: User) -> "AgentForm":
        served = sorted(user.username for user in agent.served_users.all())
        initial = {
            "name": agent.name,
            "tags": " ".join(agent.tags),
            "serves": agent.serves,
            "served_users": " ".join(served),
            "accepts_uploads": agent.accepts_uploads,
            "trust_tier": agent.trust_tier,
        }
        return cls(initial=initial, by=by)

    def changes(self) -> AgentChanges:
        data = self.cleaned_data
        return AgentChanges(
            name=data["name"],
            tags=_BETWEEN.split(data["tags"]),
            serves=Serves(data["serves"]),
            served_users=_BETWEEN.split(data["served_users"]),
            accepts_uploads=data["accepts_uploads"],
            trust_tier=TrustTier(data["trust_tier"]) if "trust_tier" in data else None,
        )
