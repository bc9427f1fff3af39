"""The datasets of this machine: those that were registered, in a file of the state folder, and the built-in ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import ValidationError

from runners import wire
from runners.accuracy.datasets import BUILT_IN, LabelledImages, open_images
from runners.accuracy.labels import DatasetError
from runners.orders import DatasetSource
from runners.spool import write_durably


class Registered(wire.Message):
    """What was read when it was registered; the digest is computed again before every use."""

    source: DatasetSource
    offer: wire.Dataset


class _Register(wire.Message):
    datasets: list[Registered] = []


class DatasetRegistry:
    """Reads its file at every question, so that a working agent learns of a new dataset."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._missed: set[str] = set()
        self._built_in: list[wire.Dataset] | None = None

    def registered(self) -> list[Registered]:
        """Raises: `DatasetError`."""
        try:
            return _Register.model_validate_json(self._path.read_bytes()).datasets
        except FileNotFoundError:
            return []
        except (OSError, ValidationError) as error:
            raise DatasetError(f"{self._path} cannot be read. Remove it and register the datasets again.") from error

    def add(self, source: DatasetSource) -> wire.Dataset:
        """Read the images' list and remember where they are.

        Raises: `DatasetError`, also for a name that is taken.
        """
        known = self.registered()
        if source.name in BUILT_IN or any(each.offer.name == source.name for each in known):
            raise DatasetError(f"There is a dataset {source.name} already: remove it first, or take another name.")
        offer = open_images(source).offer()
        self._write([*known, Registered(source=source, offer=offer)])
        return offer

    def remove(self, name: str) -> None:
        """Forget a dataset; its images stay. Raises: `DatasetError` when none has the name."""
        known = self.registered()
        kept = [each for each in known if each.offer.name != name]
        if len(kept) == len(known):
            names = ", ".join(each.offer.name for each in known) or "none"
            raise DatasetError(f"No dataset {name!r} is registered here. Registered: {names}.")
        self._write(kept)

    def source(self, name: str) -> DatasetSource | None:
        for each in self.registered():
            if each.offer.name == name:
                return each.source
        for offer in self.built_in():
            if offer.name == name:
                return DatasetSource(name=name, task=offer.task, classes=offer.classes)
        return None

    def offered(self, say: Callable[[str], None]) -> list[wire.Dataset]:
        """What a site is offered; a dataset whose folder is gone is left out, and that is said once."""
        try:
            return [*self._present(say), *self.built_in()]
        except DatasetError as error:
            self._say_once(str(error), say)
            return self.built_in()

    def built_in(self) -> list[wire.Dataset]:
        """Those whose libraries are here; computed once."""
        if self._built_in is None:
            made: list[LabelledImages | None] = [make() for make in BUILT_IN.values()]
            self._built_in = [images.offer() for images in made if images is not None]
        return self._built_in

    def _present(self, say: Callable[[str], None]) -> Iterator[wire.Dataset]:
        for each in self.registered():
            paths = [path for path in (each.source.folder, each.source.list_file) if path is not None]
            gone = [path for path in paths if not path.exists()]
            if gone:
                self._say_once(f"Dataset {each.offer.name} is not offered: {gone[0]} is gone.", say)
            else:
                yield each.offer

    def _say_once(self, line: str, say: Callable[[str], None]) -> None:
        if line not in self._missed:
            self._missed.add(line)
            say(line)

    def _write(self, datasets: list[Registered]) -> None:
        content = _Register(datasets=datasets).model_dump_json(indent=2).encode()
        try:
            write_durably(self._path, content)
        except OSError as error:
            raise DatasetError(f"{self._path} cannot be written: {error.strerror}. Give another --state.") from error
