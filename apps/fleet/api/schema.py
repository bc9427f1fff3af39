"""Shapes of the answers about agents."""

from datetime import datetime

from apps.core.api.schema import Page, Shape


class AgentRow(Shape):
    id: int
    public_id: str
    name: str
    status: str
    serves: str
    trust_tier: int
    runner_version: str
    last_seen_at: datetime


class AgentPage(Page):
    """An agent that was not seen for `online_within_s` counts as offline."""

    results: list[AgentRow]
    online_within_s: float
