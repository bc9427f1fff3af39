from __future__ import annotations

import json
import platform
from pathlib import Path

import onnx

from runners import __version__, environment


def test_facts_name_the_system_and_the_versions_and_travel_as_json() -> None:
    facts = environment.facts()

    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert facts["runner"] == __version__
    assert facts["kernel"] == platform.release()
    assert facts["packages"]["onnx"] == onnx.__version__
    assert facts["memory_bytes"] > 100_000_000


def test_package_that_is_not_installed_has_no_release() -> None:
    assert environment.package_release("no-such-package-at-all") is None


def test_governor_is_read_where_the_system_has_one(tmp_path: Path) -> None:
    path = tmp_path / "scaling_governor"
    path.write_text("performance\n")

    assert environment.governor(path) == "performance"
    assert environment.governor(tmp_path / "absent") is None
