"""THE DOING: campaigns, runs, attempts and their leases. `docs/run-lifecycle.md` draws the states."""

from apps.runs.models.attempt import LIVE_STATES, Attempt, AttemptLog, AttemptState, Upload
from apps.runs.models.campaign import Campaign
from apps.runs.models.run import OPEN_STATES, Run, RunState
from apps.runs.models.schedule import Schedule

__all__ = [
    "LIVE_STATES",
    "OPEN_STATES",
    "Attempt",
    "AttemptLog",
    "AttemptState",
    "Campaign",
    "Run",
    "RunState",
    "Schedule",
    "Upload",
]
