"""Artifacts on this disk, by the sha256 of their manifest; every file's hash is checked before every use."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from runners import wire
from runners.client import SiteClient
from runners.download import ArtifactError, fetch, verify
from runners.zoo import catalogue

_PART_SUFFIX = ".part"
_SHA256 = re.compile("[0-9a-f]{64}")
MOST_ANNOUNCED = 1_000
"""As many cached artifacts as a lease request may name."""


class ArtifactCache:
    """A folder `<manifest sha256>/<file>`; deleting it costs nothing but another download."""

    def __init__(self, folder: Path, client: SiteClient, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._client = client
        self._say = say

    def hashes(self) -> list[str]:
        """Artifacts that are here whole, as far as one can tell without reading them; newest first."""
        whole = filter(_is_whole, self._folder.iterdir())
        newest = sorted(whole, key=lambda path: path.stat().st_mtime_ns, reverse=True)
        return [path.name for path in newest[:MOST_ANNOUNCED]]

    def obtain(self, artifact: wire.Artifact, *, should_stop: threading.Event) -> Path:
        """The folder with the artifact's files, each verified now; built or fetched where it is missing or corrupt.

        Raises: ArtifactError, DownloadStopped, SiteError, OSError.
        """
        stated = wire.manifest_sha256(format=artifact.format, precision=artifact.precision, files=artifact.files)
        if stated != artifact.sha256:
            raise ArtifactError(f"The manifest has sha256 {stated}, the order says {artifact.sha256}.")
        folder = self._folder / artifact.sha256
        folder.mkdir(mode=0o700, exist_ok=True)
        for file in artifact.files:
            if not self._has(folder / file.name, file) and not self._build(artifact, file, folder):
                self._fetch(artifact, file, folder, should_stop=should_stop)
        return folder

    def free_bytes(self) -> int:
        return shutil.disk_usage(self._folder).free

    def _has(self, path: Path, file: wire.ArtifactFile) -> bool:
        if not path.exists():
            return False
        try:
            verify(path, file)
        except ArtifactError as error:
            self._say(f"A cached file was corrupt: {error}")
            return False
        return True

    def _build(self, artifact: wire.Artifact, file: wire.ArtifactFile, folder: Path) -> bool:
        """Build a network from its recipe; False when only the site can give these very bytes."""
        recipe = artifact.recipe
        if recipe is None or recipe.builder != catalogue.BUILDER or recipe.architecture not in catalogue.ARCHITECTURES:
            return False
        part = folder / (file.name + _PART_SUFFIX)
        built = catalogue.write(recipe.architecture, seed=recipe.seed, path=part)
        if built.sha256 != file.sha256:
            part.unlink()
            self._say(f"Built {recipe.architecture} has sha256 {built.sha256}, not {file.sha256}: downloading it.")
            return False
        part.rename(folder / file.name)
        return True

    def _fetch(
        self, artifact: wire.Artifact, file: wire.ArtifactFile, folder: Path, *, should_stop: threading.Event
    ) -> None:
        if file.size_bytes > self.free_bytes():
            raise ArtifactError(
                f"{file.name} needs {file.size_bytes} bytes, {self.free_bytes()} are free. Free some disk."
            )
        part = folder / (file.name + _PART_SUFFIX)
        fetch(self._client, artifact.sha256, file, part, should_stop=should_stop)
        part.rename(folder / file.name)


def _is_whole(folder: Path) -> bool:
    """Whether this is an artifact's folder in which something is and nothing is missing."""
    if not _SHA256.fullmatch(folder.name) or not folder.is_dir():
        return False
    names = [path.name for path in folder.iterdir()]
    return bool(names) and not any(name.endswith(_PART_SUFFIX) for name in names)
