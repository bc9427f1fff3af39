"""The one folder that an attempt has on a phone, and the removal of every such folder with what runs out of it."""

from __future__ import annotations

import re
import secrets
import shlex
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runners.phone.remote import Remote, RemoteError

PARENT = "/data/local/tmp"
PREFIX = f"{PARENT}/zooboard-"
LOOK = f"ps -A -o PID,ARGS; ls -d {PREFIX}*"
TRIES = 3
"""What is still there then waits in the kernel, or for a person."""


class RemoteFolder:
    """Its name is random: nothing on the phone can wait for it, and no attempt finds the files of another.

    Raises: `runners.phone.adb.AdbError`, `Stopped`.
    """

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self.path = f"{PREFIX}{secrets.token_hex(8)}"
        remote.run(f"mkdir -m 700 {self.path} {self.path}/model")

    def push_program(self, program: Path, libs: Sequence[Path], should_stop: threading.Event) -> str:
        """The program and its libraries, executable; its path on the phone."""
        path, *_ = self._remote.push([program, *libs], self.path, should_stop=should_stop)
        self._remote.run(f"chmod 700 {shlex.quote(path)}")
        return path

    def push_model(self, files: Sequence[Path], should_stop: threading.Event) -> list[str]:
        """The model's files in a folder where they are alone, since some programs execute all they find."""
        return self._remote.push(files, f"{self.path}/model", should_stop=should_stop)


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What is on the phone under our names: ids of processes whose program lies in one of our folders, and folders."""

    pids: list[str]
    folders: list[str]

    @property
    def is_nothing(self) -> bool:
        return not self.pids and not self.folders


def clean(remote: Remote) -> int:
    """Kill and remove everything of ours on the phone, of whichever attempt; how many folders there were.

    Only one attempt at a time measures on a phone, so what is found belongs to none that still matters.

    Raises: `RemoteError` when something stays, and what `Remote.shell` raises.
    """
    found = left = parse(remote.shell(LOOK).output)
    for _ in range(TRIES):
        if left.is_nothing:
            break
        kill = f"kill -9 {' '.join(left.pids)}; " if left.pids else ""
        remove = f"rm -rf {' '.join(left.folders)}; " if left.folders else ""
        left = parse(remote.shell(kill + remove + LOOK).output)
    if left.is_nothing:
        return len(found.folders)
    what = [*(f"process {pid}" for pid in left.pids), *left.folders]
    raise RemoteError(f"{', '.join(what)} cannot be removed from the phone: restart it, and remove it by hand")


def parse(text: str) -> Leftovers:
    """The output of `LOOK`: a shell that only names one of our paths has it in another place of its command line."""
    return Leftovers(
        pids=re.findall(rf"^\s*(\d+)\s+{re.escape(PREFIX)}", text, re.MULTILINE),
        folders=re.findall(rf"^({re.escape(PREFIX)}[0-9a-f]+)$", text, re.MULTILINE),
    )
