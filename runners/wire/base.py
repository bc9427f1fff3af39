"""What all messages have in common, and the shapes that come back in them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

WIRE_VERSION = 1
"""Version of these messages. The site accepts this one and the one before."""

WIRE_VERSION_HEADER = "Zooboard-Wire-Version"

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
"""A name that is safe in a URL and never a path: it starts with a letter or digit and has no slash."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

Text = Annotated[str, Field(max_length=4_000)]

Facts = dict[str, Any]
"""What a machine says of itself: JSON scalars, lists and objects, documented in docs/agent-protocol.md."""


class Message(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)
