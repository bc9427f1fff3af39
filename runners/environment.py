"""The environment that goes with every attempt: hardware, system and versions."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

import psutil

from runners import __version__, cpu, host_state
from runners.wire import Facts

PACKAGES = ("numpy", "onnx", "onnxruntime")
GOVERNOR_PATH = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
CONTAINER_FILES = {"/.dockerenv": "docker", "/run/.containerenv": "podman"}


def facts() -> Facts:
    """Everything about this machine that can change a result; what the system does not tell is None."""
    processor = cpu.read()
    return {
        "runner": __version__,
        "os": os_name(),
        "kernel": platform.release(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "packages": {name: package_release(name) for name in PACKAGES},
        "cpu": processor.facts(),
        "memory_bytes": psutil.virtual_memory().total,
        "governor": governor(GOVERNOR_PATH),
        "container": container(),
        "is_virtual_machine": processor.is_virtual,
        "state": host_state.read(),
    }


def os_name() -> str:
    """Such as "Debian GNU/Linux 12 (bookworm)" or "macOS 15.1"."""
    if platform.system() == "Darwin":
        return f"macOS {platform.mac_ver()[0]}"
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.platform()


def package_release(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def governor(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None


def container() -> str | None:
    """A hint, not a proof: the marker files that container engines leave."""
    for path, name in CONTAINER_FILES.items():
        if Path(path).exists():
            return name
    return "kubernetes" if "KUBERNETES_SERVICE_HOST" in os.environ else None
