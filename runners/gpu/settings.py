"""`gpu.toml` of the state folder: where `trtexec` is, on hosts that do not have it in their PATH."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from runners.hardware.base import HardwareAbsentError

FILE_NAME = "gpu.toml"
NO_TRTEXEC = (
    "not found: it comes with TensorRT, as /usr/src/tensorrt/bin/trtexec. Put it into the PATH or name it in "
    f'{FILE_NAME} of the state folder: [trtexec] program = "..."; see docs/how-to/t4-host.md'
)


class TrtexecSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    program: Path | None = None

    def found(self) -> Path | None:
        """The configured program, else the one in the PATH; None where there is none."""
        if self.program is not None:
            return self.program if self.program.is_file() else None
        in_path = shutil.which("trtexec")
        return Path(in_path) if in_path else None


class GpuSettings(BaseModel):
    """All of the file; an absent file is one in which nothing is set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trtexec: TrtexecSettings = Field(default_factory=TrtexecSettings)


def load(state_dir: Path) -> GpuSettings:
    """Raises: `HardwareAbsentError` that names the line at fault."""
    path = state_dir / FILE_NAME
    try:
        return GpuSettings.model_validate(tomllib.loads(path.read_text()))
    except FileNotFoundError:
        return GpuSettings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise HardwareAbsentError(f"{path} cannot be read: {error}. Correct it, see docs/how-to/t4-host.md.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise HardwareAbsentError(f"In {path} the setting {where} is wrong: {first['msg']}.") from error
