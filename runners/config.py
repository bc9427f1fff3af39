"""The agent's state folder: where it is, what it remembers, and that only one agent uses it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

STATE_VARIABLE = "ZOOBOARD_RUNNER_STATE"
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class ConfigError(Exception):
    """The state folder or an address cannot be used; `str()` says why and what to do."""


class Config(BaseModel):
    """What an enrolled agent remembers; everything else is told by the site with every heartbeat."""

    model_config = ConfigDict(frozen=True)

    site: str
    agent_id: str
    name: str
    token: str = Field(repr=False)
    is_simulated: bool = False
    engines: tuple[str, ...] | None = None
    """The engines of the host's CPU that were chosen at enrolment; None for every one that works."""
    chosen: tuple[str, ...] = ("cpu",)
    """Keys of the hardware to offer, see `runners.hardware.base.Hardware.key`: nothing is offered that nobody chose."""


class StateFolder:
    """Paths under the state folder, readable by its user alone."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config_file = root / "config.json"
        self.spool = root / "spool"
        self.rejected = root / "rejected"
        self.artifacts = root / "artifacts"
        self.work = root / "work"
        self.evaluations = root / "evaluations"
        self.datasets_file = root / "datasets.json"
        self.suspects_file = root / "suspects.json"

    def create(self) -> None:
        """Raises: ConfigError."""
        try:
            for folder in (self.root, self.spool, self.rejected, self.artifacts, self.work):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"Cannot use {self.root} as the state folder: {error}. Give another --state.") from error

    def load(self) -> Config:
        """Raises: ConfigError."""
        try:
            return Config.model_validate_json(self.config_file.read_bytes())
        except FileNotFoundError:
            message = f"No agent is enrolled in {self.root}. Run: zooboard-runner enroll URL CODE."
        except (OSError, ValidationError) as error:
            message = f"{self.config_file} cannot be read ({type(error).__name__}). Enrol again."
        raise ConfigError(message)

    def save(self, config: Config) -> None:
        """Write the whole file or nothing, with mode 0600 from its first byte; what was saved survives a power cut."""
        temporary = self.config_file.with_suffix(".tmp")
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump(config.model_dump(mode="json"), file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(self.config_file)
        folder = os.open(self.root, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def save_token(self, token: str) -> None:
        """Remember another token of the enrolled agent.

        Raises: ConfigError, OSError.
        """
        self.save(self.load().model_copy(update={"token": token}))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for one process; the kernel frees it whatever way that process ends.

        Raises: ConfigError.
        """
        self.create()
        with open(self.root / "lock", "a+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                pid = file.read().strip() or "unknown"
                raise ConfigError(
                    f"Another agent (pid {pid}) uses {self.root}. Stop it, or give this one its own --state."
                ) from error
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield


def default_state_dir() -> Path:
    """`$XDG_STATE_HOME/zooboard-runner`, by default `~/.local/state/zooboard-runner`."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "zooboard-runner"


def checked_site(url: str) -> str:
    """The site's address without a trailing slash, if it is safe to send a token there.

    Raises: ConfigError.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"{url!r} is not an address of a site. Give one like https://zooboard.example.org.")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        raise ConfigError(
            f"{url} is plain http, which would show the agent's token to everybody on the way. Use https; "
            "http is only for a site on this machine (localhost)."
        )
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK_HOSTS
