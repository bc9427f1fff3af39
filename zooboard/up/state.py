"""The state folder: everything `make up` writes, and all that `make reset` deletes."""

import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

# The kernel refuses longer socket addresses (108 bytes with the final zero on Linux, 104 on macOS).
MAX_SOCKET_PATH_BYTES = 100
SOCKET_DIR_PREFIX = "zooboard-"
LONGEST_SOCKET_NAME = "/.s.PGSQL.5432.lock"


def short_socket_dir() -> Path:
    """Make a private folder whose path is short enough for Unix sockets."""
    folder = tempfile.mkdtemp(prefix=SOCKET_DIR_PREFIX)
    if len(os.fsencode(folder + LONGEST_SOCKET_NAME)) > MAX_SOCKET_PATH_BYTES:
        os.rmdir(folder)
        folder = tempfile.mkdtemp(prefix=SOCKET_DIR_PREFIX, dir="/tmp")
    return Path(folder)


@dataclass(frozen=True)
class State:
    """Paths below one state folder."""

    root: Path

    @classmethod
    def from_environment(cls) -> "State":
        """The folder that `ZOOBOARD_STATE` names, `.zooboard` by default."""
        return cls(Path(os.environ.get("ZOOBOARD_STATE") or ".zooboard").resolve())

    @property
    def lock(self) -> Path:
        return self.root / "up.lock"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        return self.root / "valkey"

    @property
    def agent(self) -> Path:
        return self.root / "agent"

    @property
    def beat_schedule(self) -> Path:
        return self.root / "beat" / "schedule"

    def create(self) -> None:
        """Make the folders; their content is nobody else's business."""
        for folder in (self.root, self.run, self.agent, self.beat_schedule.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def secret_key(self) -> str:
        """Django's secret key, generated once, so that sessions survive a restart."""
        path = self.root / "secret_key"
        if not path.exists():
            partial = path.with_suffix(".partial")
            partial.touch(mode=0o600)
            partial.write_text(secrets.token_urlsafe(64))
            partial.replace(path)
        return path.read_text().strip()

    def new_socket_dir(self) -> Path:
        """A short folder for sockets, remembered so that the next start can remove it after a crash."""
        folder = short_socket_dir()
        (self.run / "sockets").write_text(str(folder))
        return folder

    def remove_socket_dir(self) -> None:
        """Remove the remembered folder, if there is one."""
        note = self.run / "sockets"
        if not note.exists():
            return
        folder = Path(note.read_text().strip())
        if folder.name.startswith(SOCKET_DIR_PREFIX):
            shutil.rmtree(folder, ignore_errors=True)
        note.unlink()
