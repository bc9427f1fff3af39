"""Are the pages fast, accessible and well made in a browser? `python -m benchmarks.lighthouse` asks Lighthouse.

The pages are those of a `make up` in a folder of its own, loaded in Debian's Chromium as Lighthouse's desktop and as
its mobile (a slow phone on a slow network, both simulated). Lighthouse comes from npm, its lock file lies here.

Exits 1 unless each page scores at least 95 for performance and 100 for accessibility and best practices, and `/` loads
less than 450 KB. A performance score swings with what else the host does: the median of three loads counts.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.site import site
from tests.chromium import find_chromium, launch_arguments

HERE = Path(__file__).parent
PAGES = ("/", "/models/MobileNetV3_large_x1_0", "/compare?models=MobileNetV1,MobileNetV2,MobileNetV3_large_x1_0")
FORMS = {"desktop": ("--preset=desktop",), "mobile": ()}
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100}
HEAVIEST_KB = {"/": 450}
LOADS = 3


def install(folder: Path) -> Path:
    """The program, with exactly what the lock file names."""
    if shutil.which("npm") is None:
        sys.exit("Lighthouse needs Node.js with npm: install it, on Debian with `apt-get install nodejs npm`.")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder, check=True)
    return folder / "node_modules" / ".bin" / "lighthouse"


def load(program: Path, url: str, arguments: Sequence[str]) -> dict[str, Any]:
    """One load's report. Raises: CalledProcessError."""
    flags = " ".join(["--headless=new", *launch_arguments()])
    categories = f"--only-categories={','.join(LEAST)}"
    command = [str(program), url, "--output=json", "--quiet", categories, f"--chrome-flags={flags}", *arguments]
    environment = {**os.environ, "CHROME_PATH": str(find_chromium())}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def scores(reports: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Medians of the loads, 0..100."""
    return {
        name: round(100 * statistics.median(report["categories"][name]["score"] or 0 for report in reports))
        for name in LEAST
    }


def kilobytes(report: dict[str, Any]) -> float:
    """What the page and all that it loads weigh on the wire. Units: KB of 1000 bytes."""
    return float(report["audits"]["total-byte-weight"]["numericValue"]) / 1000


def failed_audits(reports: Sequence[dict[str, Any]]) -> list[str]:
    """Titles of what cost points in a category that has to be whole."""
    whole = [name for name, least in LEAST.items() if least == 100]
    ids = {ref["id"] for report in reports for name in whole for ref in report["categories"][name]["auditRefs"]}
    audits = [report["audits"][name] for report in reports for name in sorted(ids)]
    return list(dict.fromkeys(audit["title"] for audit in audits if audit["score"] is not None and audit["score"] < 1))


def is_accepted(program: Path, base: str, page: str, form: str) -> bool:
    reports = [load(program, base + page, FORMS[form]) for _ in range(LOADS)]
    found, weight_kb = scores(reports), kilobytes(reports[0])
    is_good = all(found[name] >= least for name, least in LEAST.items())
    is_light = weight_kb < HEAVIEST_KB.get(page, float("inf"))
    said = ", ".join(f"{name} {score}" for name, score in found.items())
    print(
        f"{page}, {form}: {said}, {weight_kb:.0f} KB: {'accepted' if is_good and is_light else 'NOT accepted'}",
        *failed_audits(reports),
        sep="\n  ",
        flush=True,
    )
    return is_good and is_light


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="zooboard-lighthouse-") as root:
        program = install(Path(root))
        with site(Path(root)) as (url, _):
            accepted = [is_accepted(program, url, page, form) for page in PAGES for form in FORMS]
    return 0 if all(accepted) else 1


if __name__ == "__main__":
    sys.exit(main())
