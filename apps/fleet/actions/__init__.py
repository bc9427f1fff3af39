"""What changes agents, devices and enrolment codes. Each is one transaction and may be repeated."""

from apps.fleet.actions.contact import offer_datasets, touch_agent
from apps.fleet.actions.devices import attach_devices, declare_healthy, mark_unhealthy, note_device
from apps.fleet.actions.enrolment import (
    AGENT_PREFIX,
    CODE_PREFIX,
    CodeRefused,
    create_enrolment_code,
    enrol_agent,
    rotate_token,
)
from apps.fleet.actions.owners import (
    OWNER_ACTIONS,
    AgentRevoked,
    NotYourAgent,
    delete_agent,
    drain_agent,
    pause_agent,
    request_rotation,
    resume_agent,
    revoke_agent,
)
from apps.fleet.actions.settings import AgentChanges, change_agent

__all__ = [
    "AGENT_PREFIX",
    "CODE_PREFIX",
    "OWNER_ACTIONS",
    "AgentChanges",
    "AgentRevoked",
    "CodeRefused",
    "NotYourAgent",
    "attach_devices",
    "change_agent",
    "create_enrolment_code",
    "declare_healthy",
    "delete_agent",
    "drain_agent",
    "enrol_agent",
    "mark_unhealthy",
    "note_device",
    "offer_datasets",
    "pause_agent",
    "request_rotation",
    "resume_agent",
    "revoke_agent",
    "rotate_token",
    "touch_agent",
]
