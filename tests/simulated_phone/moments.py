"""Moments at which something can be made to happen, and what is planned for them."""

import enum
import threading
from collections.abc import Callable
from dataclasses import dataclass, field


class Moment(enum.Enum):
    """When a planned action is called; nothing else goes on before it has returned."""

    BEFORE_PUSH = "a file was announced, none of it is written"
    DURING_PUSH = "the first block of a file is written"
    TOOL_STARTS = "a benchmark program starts, nothing is printed"
    TOOL_RUNS = "a benchmark program has printed its first line and made half its inferences"
    TOOL_ENDS = "a benchmark program has printed everything and has not exited"
    BETWEEN_INVOCATIONS = "a benchmark program has exited and its exit code was sent"


@dataclass
class _Plan:
    is_due: Callable[[object], bool]
    action: Callable[[], object]
    remaining: int


@dataclass
class Plans:
    """What to do when. A plan is carried out once."""

    _plans: list[_Plan] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def at(self, moment: Moment, action: Callable[[], object], occurrence: int = 1) -> None:
        """Call `action` when the moment comes for the n-th time from now."""
        self._plans.append(_Plan(lambda event: event is moment, action, occurrence))

    def on_command(self, text: str, action: Callable[[], object], occurrence: int = 1) -> None:
        """Call `action` once the n-th command line from now that contains the text is answered."""
        self._plans.append(_Plan(lambda event: isinstance(event, str) and text in event, action, occurrence))

    def clear(self) -> None:
        self._plans.clear()

    def reach(self, event: Moment | str) -> None:
        """A moment has come, or a command line has been answered."""
        with self._lock:
            coming = [plan for plan in self._plans if plan.is_due(event)]
            for plan in coming:
                plan.remaining -= 1
            due = [plan for plan in coming if plan.remaining == 0]
            self._plans = [plan for plan in self._plans if plan not in due]
        for plan in due:
            plan.action()
