"""Writes the manifests of all 27 artifacts: `python -m runners.zoo.manifest fixtures/artifacts.json`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from runners.zoo import catalogue


def entry(architecture: str) -> dict[str, Any]:
    """One row of the fixture: the artifact's manifest and the architecture it belongs to."""
    return {"architecture": architecture, **catalogue.artifact(architecture).model_dump(mode="json", exclude_none=True)}


def dumps() -> str:
    return json.dumps([entry(name) for name in catalogue.ARCHITECTURES], indent=2) + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m runners.zoo.manifest FILE")
    Path(sys.argv[1]).write_text(dumps())
