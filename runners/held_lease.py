"""The lease an attempt works under, in its work folder: what tells the next start that this one was killed."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from runners import wire
from runners.spool import write_durably

_FILE_NAME = "lease.json"


class HeldLease(BaseModel):
    """The folder that holds it is deleted when the attempt ends, whichever way, unless its process is killed."""

    model_config = ConfigDict(frozen=True)

    run_id: int
    attempt_id: int
    lease_token: str = Field(repr=False)
    device_fingerprint: str = ""
    """Empty in the folder of an agent that was killed before this was written down."""

    @classmethod
    def of(cls, lease: wire.LeaseAnswer) -> HeldLease:
        order = lease.order
        return cls(
            run_id=order.run_id,
            attempt_id=order.attempt_id,
            lease_token=lease.lease_token,
            device_fingerprint=order.device_fingerprint,
        )

    @classmethod
    def read(cls, folder: Path) -> HeldLease | None:
        """The lease in a work folder, None where there is none that can be read."""
        try:
            return cls.model_validate_json((folder / _FILE_NAME).read_bytes())
        except (OSError, ValidationError):
            return None

    def write(self, folder: Path) -> None:
        """Raises: OSError when the disk is full."""
        folder.mkdir(mode=0o700, exist_ok=True)
        write_durably(folder / _FILE_NAME, self.model_dump_json().encode())
