"""The Chromium of the browser tests; `python -m tests.chromium` finds one or installs one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MACOS_PATHS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
STARTS_WITHIN_S = 240
ADVICE = """No Chromium was found, and none could be installed.
  Debian, Ubuntu:  sudo apt-get install -y chromium
  Fedora:          sudo dnf install -y chromium
  macOS:           brew install --cask chromium
or set CHROMIUM_PATH to one."""


def find_chromium() -> Path | None:
    """The first that runs: CHROMIUM_PATH, the system's, Playwright's own download."""
    on_path = [shutil.which(name) for name in NAMES]
    for candidate in (os.environ.get("CHROMIUM_PATH"), *on_path, *MACOS_PATHS, _downloaded()):
        if candidate and _runs(Path(candidate)):
            return Path(candidate)
    return None


def install_chromium() -> Path | None:
    """Try Playwright's download, then Debian's package where we may install it."""
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        attempts += [["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]]
    for attempt in attempts:
        subprocess.run(attempt, check=False)
        if found := find_chromium():
            return found
    return None


def launch_arguments() -> list[str]:
    """Switches for tests: nothing in the background; no sandbox as root, where Chromium refuses to start with one."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    return [*quiet, "--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def _downloaded() -> str | None:
    """Path of Playwright's own Chromium, if it is there. The newest of several wins."""
    default = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "ms-playwright"
    root = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or default)
    found = [*root.glob("chromium-*/chrome-linux*/chrome"), *root.glob("chromium-*/chrome-mac*/*.app/Contents/MacOS/*")]
    return str(max(found)) if found else None


def _runs(path: Path) -> bool:
    """Whether it starts: a download may lack system libraries."""
    try:
        command = [str(path), "--version", "--no-sandbox"]
        return subprocess.run(command, capture_output=True, timeout=STARTS_WITHIN_S, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def main() -> int:
    found = find_chromium() or install_chromium()
    print(f"browser tests use {found}" if found else ADVICE)
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
