"""How to start Postgres, which refuses to run as root, when we are root."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

NOBODY = 65534


class CannotDropRootError(RuntimeError):
    """No way to leave root was found on this machine."""


@dataclass(frozen=True)
class Unprivileged:
    """A command prefix, and the user (as the host sees it) who then owns the files."""

    prefix: tuple[str, ...]
    uid: int


AS_OURSELVES = Unprivileged((), os.geteuid())
# Root outside, nobody inside: files stay ours and folders only root may enter stay reachable.
IN_USER_NAMESPACE = Unprivileged(("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--"), 0)
# For containers that refuse user namespaces. The capability lets it reach files below folders only root may enter.
# The kernel forgets a parent-death signal when the user changes, so it is set after that.
AS_NOBODY = Unprivileged(
    (
        *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
        *("--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--pdeathsig=INT", "--"),
    ),
    NOBODY,
)


@cache
def unprivileged() -> Unprivileged:
    """The first way that works here.

    Raises: CannotDropRootError.
    """
    if os.geteuid() != 0:
        return AS_OURSELVES
    for way in (IN_USER_NAMESPACE, AS_NOBODY):
        if _works(way):
            return way
    raise CannotDropRootError(
        "Postgres does not run as root, and neither `unshare --user` nor `setpriv` (package util-linux) works here. "
        "Run as an ordinary user, or set DATABASE_URL to a Postgres server."
    )


def _works(way: Unprivileged) -> bool:
    if shutil.which(way.prefix[0]) is None:
        return False
    return subprocess.run([*way.prefix, "true"], capture_output=True, check=False).returncode == 0


def give(folder: Path, uid: int) -> None:
    """Hand a folder and all in it to the user who must own it, where it belongs to another one."""
    if folder.stat().st_uid == uid:
        return
    for parent, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            os.chown(os.path.join(parent, name), uid, uid, follow_symlinks=False)
