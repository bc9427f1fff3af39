"""The only folder on the phone's PATH: the host's plain tools, and commands that answer as a phone does."""

import functools
import shutil
from pathlib import Path

COMMANDS = Path(__file__).parent / "commands"
OWN = ("df", "dumpsys", "getprop", "id", "nproc", "taskset", "uname")
ASKING = ("input", "pgrep", "pidof", "pkill", "ps")
WRITING = ("chmod", "cp", "ln", "mkdir", "mv", "rm", "rmdir", "tee", "touch")
HOST = (
    *("awk", "basename", "cat", "cut", "date", "dd", "dirname", "du", "echo", "env", "expr", "false", "find", "grep"),
    *("head", "kill", "ls", "md5sum", "nohup", "od", "printf", "readlink", "realpath", "sed", "seq", "setsid", "sh"),
    *("sha1sum", "sha256sum", "sleep", "sort", "stat", "tail", "test", "timeout", "tr", "true", "uniq", "wc", "which"),
    *("xargs", "[", "cksum", "cmp", "gzip", "tar"),
)


def build_path_folder(folder: Path) -> tuple[Path, Path]:
    """Fill `bin` and `host` in a folder: the phone's PATH, and the host's tools that some of it stand before.

    What is not in it, the phone does not have: the shell answers "not found" and 127, as a phone's does.
    """
    bin_folder, host_folder = folder / "bin", folder / "host"
    bin_folder.mkdir()
    host_folder.mkdir()
    for name in OWN:
        (bin_folder / name).symlink_to(COMMANDS / name)
    for name in ASKING:
        (bin_folder / name).symlink_to(COMMANDS / "ask-phone")
    for name in WRITING:
        (bin_folder / name).symlink_to(COMMANDS / "writing")
        _link_host(host_folder, name)
    for name in HOST:
        _link_host(bin_folder, name)
    return bin_folder, host_folder


def remove_taskset(bin_folder: Path) -> None:
    (bin_folder / "taskset").unlink(missing_ok=True)


def restore_taskset(bin_folder: Path) -> None:
    if not (bin_folder / "taskset").is_symlink():
        (bin_folder / "taskset").symlink_to(COMMANDS / "taskset")


def _link_host(folder: Path, name: str) -> None:
    if found := _find(name):
        (folder / name).symlink_to(found)


# The same seventy names for every phone.
_find = functools.cache(shutil.which)
