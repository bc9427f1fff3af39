"""Looks into a network's file before anything of it is stored: in a process of the agent's, with limits of its own."""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from apps.core.errors import InvalidInput

TIMEOUT_S = 180
NETWORK_FILE = "model.onnx"
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def inspect_files(files: Mapping[str, bytes]) -> dict[str, Any]:
    """What `zooboard-runner inspect` says of these files. Raises InvalidInput with its sentence for a refused one."""
    if NETWORK_FILE not in files:
        raise refused(f"Send the network as file `{NETWORK_FILE}`; tensors of its own files go beside it.")
    with tempfile.TemporaryDirectory(prefix="zooboard-inspect-") as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        return inspect_file(Path(folder) / NETWORK_FILE)


def inspect_file(path: Path) -> dict[str, Any]:
    """Raises InvalidInput. Source: `runners.zoo.inspect` documents the fields."""
    command = [sys.executable, "-m", "runners", "inspect", str(path), "--json"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        raise refused(f"{path.name} could not be read within {TIMEOUT_S} s.") from None
    stated = _stated(done.stdout)
    if done.returncode != 0 or "refused" in stated:
        raise refused(str(stated.get("refused", f"{path.name} could not be read (exit code {done.returncode}).")))
    return stated


@dataclass(frozen=True)
class Counts:
    """Of a graph, as the agent counts it."""

    params: int
    macs: int


@lru_cache(maxsize=1)
def architecture_counts() -> Mapping[str, Counts]:
    """What the agent's zoo counts of every architecture that it can build, by name."""
    command = [sys.executable, "-m", "runners", "zoo", "list", "--json"]
    done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=True)
    return {row["architecture"]: Counts(row["params"], row["macs"]) for row in json.loads(done.stdout)}


def refused(message: str) -> InvalidInput:
    return InvalidInput(message, [{"field": NETWORK_FILE, "message": message}])


def _stated(output: bytes) -> dict[str, Any]:
    try:
        stated = json.loads(output)
    except ValueError:
        return {}
    return stated if isinstance(stated, dict) else {}
