"""Write third-party JavaScript out of Python packages, so that none is committed and none comes from elsewhere.

The Vega bundle is the one with which vl-convert draws the server-side SVG, hence of the same version.
"""

from importlib import metadata
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        import vl_convert

        version = metadata.version("vl-convert-python")
        folder = Path(settings.VENDOR_DIR)
        target, stamp = folder / "vega.js", folder / "vega.version"
        if target.exists() and stamp.exists() and stamp.read_text() == version:
            return
        folder.mkdir(parents=True, exist_ok=True)
        bundle = vl_convert.javascript_bundle(None)  # type: ignore[arg-type]
        target.write_text(bundle, encoding="utf-8")
        stamp.write_text(version)
        self.stdout.write(f"wrote {target.name} of vl-convert {version}")
