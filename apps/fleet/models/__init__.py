"""WHERE it runs: agents, the devices behind them, and the codes that enrol them."""

from apps.fleet.models.agent import Agent, AgentState, AgentStatus, Serves, TrustTier
from apps.fleet.models.device import STUB_ENGINE, Attachment, Device
from apps.fleet.models.enrolment import EnrolmentCode

__all__ = [
    "STUB_ENGINE",
    "Agent",
    "AgentState",
    "AgentStatus",
    "Attachment",
    "Device",
    "EnrolmentCode",
    "Serves",
    "TrustTier",
]
