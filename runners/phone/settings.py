"""`phones.toml` of the state folder: how adb is reached, the benchmark programs that the lab has, when it waits."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from runners.hardware.base import HardwareAbsentError
from runners.phone.adb import DEFAULT_PORT
from runners.phone.policy import Policy

FILE_NAME = "phones.toml"
PORT_VARIABLE = "ANDROID_ADB_SERVER_PORT"
"""adb's own."""


def _default_port() -> int:
    text = os.environ.get(PORT_VARIABLE, "")
    return int(text) if text.isdigit() else DEFAULT_PORT


class AdbSettings(BaseModel):
    """An adb server of its own keeps an agent apart from a developer's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    program: str = "adb"
    server_port: int = Field(default_factory=_default_port, ge=1, le=65_535)


class ProgramSettings(BaseModel):
    """A benchmark program on this host, for the phone's processor, and the shared libraries that it needs beside it.

    `release` is what a result names; without it the program's sha256 is named. `tool` is one of `runners.tools.TOOLS`,
    for an engine with more than one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    program: Path
    libs: tuple[Path, ...] = ()
    release: str = Field(default="", max_length=100)
    tool: str = ""


class PhoneSettings(BaseModel):
    """All of the file; an absent file is one in which nothing is set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    adb: AdbSettings = Field(default_factory=AdbSettings)
    tools: dict[str, ProgramSettings] = {}
    policy: Policy = Field(default_factory=Policy)


def load(state_dir: Path) -> PhoneSettings:
    """Raises: `HardwareAbsentError` that names the line at fault."""
    path = state_dir / FILE_NAME
    try:
        return PhoneSettings.model_validate(tomllib.loads(path.read_text()))
    except FileNotFoundError:
        return PhoneSettings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise HardwareAbsentError(
            f"{path} cannot be read: {error}. Correct it, see docs/how-to/phone-lab.md."
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise HardwareAbsentError(f"In {path} the setting {where} is wrong: {first['msg']}.") from error
