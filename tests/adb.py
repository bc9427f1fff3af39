"""The adb client of the phone tests; `python -m tests.adb` finds one or installs one."""

import os
import shutil
import subprocess
import sys

ADVICE = """No adb was found, and none could be installed.
  Debian, Ubuntu:  sudo apt-get install -y adb
  Fedora:          sudo dnf install -y android-tools
  macOS:           brew install --cask android-platform-tools"""


def install_adb() -> str | None:
    """Try Debian's package where we may install it; the path of adb if it is there then."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for attempt in (["update"], ["install", "-y", "--no-install-recommends", "adb"]):
            subprocess.run(["apt-get", *attempt], check=False)
    return shutil.which("adb")


def main() -> int:
    found = shutil.which("adb") or install_adb()
    print(f"phone tests use {found}" if found else ADVICE)
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
