"""Whether what was printed is about what was stated of it: as many threads, the device, the precision, the input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from runners.wire import Facts, Protocol

VENDOR = "nvidia "
"""Drivers name a GPU with it or without."""

LONGEST = 100


@dataclass(frozen=True, slots=True)
class Setting:
    """What is stated of a measurement: the protocol that was followed, the file's own precision, and the GPU."""

    protocol: Protocol
    artifact_precision: str
    gpu: str | None = None


@dataclass(frozen=True, slots=True)
class Contradiction:
    stated: str
    printed: str


def contradictions(facts: Facts, setting: Setting) -> Iterator[Contradiction]:
    """Each fact of an output that is not as stated; what an output does not say contradicts nothing."""
    for check in (_threads, _gpu, _precision, _input, _batch):
        if found := check(facts, setting):
            yield found


def _threads(facts: Facts, setting: Setting) -> Contradiction | None:
    printed, stated = facts.get("threads"), setting.protocol.threads
    if printed in (None, stated):
        return None
    return Contradiction(f"a protocol of {stated} {'thread' if stated == 1 else 'threads'}", _shown(printed))


def _gpu(facts: Facts, setting: Setting) -> Contradiction | None:
    printed = facts.get("selected_device")
    if printed is None or setting.gpu is None or _plain(str(printed)) == _plain(setting.gpu):
        return None
    return Contradiction(f"the device {setting.gpu}", _shown(printed))


def _precision(facts: Facts, setting: Setting) -> Contradiction | None:
    """A program chooses for each layer among the precisions that it was allowed, and FP32 is always among them.

    It needs no leave for the file's own, which may have been made so beforehand; int8 stays int8 whatever is asked.
    """
    printed, own = facts.get("precisions"), setting.artifact_precision
    stated = own if own == "int8" else setting.protocol.precision
    if not isinstance(printed, list):
        return None
    allowed = set(map(str, printed))
    if (stated == own or stated in allowed) and allowed <= {"fp32", stated, own}:
        return None
    return Contradiction(f"a precision of {stated}", _shown("+".join(sorted(allowed))))


def _input(facts: Facts, setting: Setting) -> Contradiction | None:
    printed = facts.get("input_shape")
    stated = [setting.protocol.batch_size, *setting.protocol.input_shape]
    if not isinstance(printed, list) or printed == stated:
        return None
    return Contradiction(f"an input of {_by(stated)}", _shown(_by(printed)))


def _batch(facts: Facts, setting: Setting) -> Contradiction | None:
    printed, stated = facts.get("batch_size"), setting.protocol.batch_size
    return None if printed in (None, stated) else Contradiction(f"a batch of {stated}", _shown(printed))


def _plain(name: str) -> str:
    return " ".join(name.lower().removeprefix(VENDOR).split())


def _by(shape: list[int]) -> str:
    return "x".join(map(str, shape))


def _shown(printed: object) -> str:
    """Facts are of free form: whatever stands there, a sentence has room for it."""
    return str(printed)[:LONGEST]
