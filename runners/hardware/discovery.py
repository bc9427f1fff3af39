"""Which hardware is behind this agent: one table of the places to look."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from runners.config import Config, StateFolder
from runners.engines.base import EngineUnavailable
from runners.hardware.base import Hardware, HardwareAbsentError
from runners.hardware.host import HostCpu


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. `engines` are those of the host's CPU, None for all; `chosen` keys, None for everything."""

    folder: StateFolder
    is_simulated: bool = False
    engines: Collection[str] | None = None
    chosen: Collection[str] | None = None

    def ids(self, category: str) -> list[str] | None:
        """The chosen ids of one category; None where nothing was chosen yet."""
        if self.chosen is None:
            return None
        prefix = f"{category}:"
        return [key.removeprefix(prefix) for key in self.chosen if key.startswith(prefix)]


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found, and for each category in which nothing was, why."""

    hardware: list[Hardware] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)


def discover(config: Config, folder: StateFolder) -> Discovery:
    """The hardware that was chosen at enrolment; a chosen phone also while it is not attached, since it may come."""
    engines = None if config.is_simulated else config.engines
    wanted = [category for category in PROBES if any(key.partition(":")[0] == category for key in config.chosen)]
    return look(Search(folder, config.is_simulated, engines, config.chosen), wanted)


def look(search: Search, categories: Collection[str] | None = None) -> Discovery:
    """Look in every place, or in those of some categories only."""
    found = Discovery()
    for category, probe in PROBES.items():
        if categories is not None and category not in categories:
            continue
        try:
            found.hardware.extend(each for each in probe(search) if search.chosen is None or each.key in search.chosen)
        except HardwareAbsentError as reason:
            found.absent[category] = str(reason)
    return found


def _host(search: Search) -> Sequence[Hardware]:
    """Raises: `HardwareAbsentError`."""
    try:
        return [HostCpu(simulated=search.is_simulated, engines=search.engines)]
    except EngineUnavailable as error:
        raise HardwareAbsentError(str(error)) from error


def _gpus(search: Search) -> Sequence[Hardware]:
    """Raises: `HardwareAbsentError`, also by `runners.gpu` where there is no NVIDIA driver."""
    if search.is_simulated:
        raise HardwareAbsentError("A simulated agent measures on no real GPU.")
    try:
        gpu = importlib.import_module("runners.gpu")
    except (ImportError, OSError) as error:
        raise HardwareAbsentError(f"GPUs cannot be looked for: {error}.") from error
    hardware: Sequence[Hardware] = gpu.discover(state_dir=search.folder.root)
    return hardware


def _phones(search: Search) -> Sequence[Hardware]:
    """Raises: `HardwareAbsentError`."""
    # Only here, because a host without phones needs none of it.
    from runners.phone.discovery import discover as discover_phones

    return discover_phones(search.folder.root, serials=search.ids("phone"), simulated=search.is_simulated)


PROBES: dict[str, Callable[[Search], Sequence[Hardware]]] = {"cpu": _host, "gpu": _gpus, "phone": _phones}
"""Category of a device, as in an offer and before the colon of a key -> how to look for such devices."""
