"""The processes of one phone among those of the host, and what `ps`, `pgrep`, `pidof` and `pkill` say of them."""

import contextlib
import re
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

# Every process that a phone starts inherits this variable; its value names the phone.
MARK = "PHONE_ID"
POLL_S = 0.02


@dataclass(frozen=True)
class PhoneProcess:
    """A process as the phone shows it: without the interpreter that plays its program, and the host's folder."""

    process: psutil.Process
    arguments: tuple[str, ...]

    @property
    def line(self) -> str:
        return " ".join(self.arguments)

    @property
    def name(self) -> str:
        return self.arguments[0].rsplit("/", 1)[-1]


def processes_of(phone_id: str, root: str) -> list[PhoneProcess]:
    """All living ones, oldest first, those that outlived their shell too."""
    found = [(process, _arguments(process, phone_id)) for process in psutil.process_iter()]
    return [
        PhoneProcess(process, tuple(argument.replace(root, "") for argument in arguments))
        for process, arguments in sorted(found, key=lambda entry: entry[0].pid)
        if arguments
    ]


def kill_all(phone_id: str) -> None:
    """End every process of the phone, and those that they start meanwhile."""
    while processes := processes_of(phone_id, ""):
        for entry in processes:
            _send(entry.process, signal.SIGKILL)
        time.sleep(POLL_S)


def after_waiting(phone_id: str, root: str, timeout_s: float) -> list[PhoneProcess]:
    """Those that still run after so much time; at once if there are none.

    A dead process that its parent has not collected does not count, so this cannot be left to the processes' own wait.
    """
    ends_at_s = time.monotonic() + timeout_s
    while (running := processes_of(phone_id, root)) and time.monotonic() < ends_at_s:
        time.sleep(POLL_S)
    return running


def answer(command: str, arguments: Sequence[str], processes: Sequence[PhoneProcess]) -> tuple[str, int]:
    """Output and exit code of one of the commands."""
    if command == "ps":
        return _ps(arguments, processes)
    flags = [argument for argument in arguments if argument.startswith("-")]
    words = [argument for argument in arguments if not argument.startswith("-")]
    if not words:
        return f"{command}: needs an argument\n", 1
    matching = _matching(words, processes, is_whole="-f" in flags, is_exact=command == "pidof")
    if command == "pkill":
        for entry in matching:
            _send(entry.process, _signal_of(flags))
        return "", 0 if matching else 1
    separator = " " if command == "pidof" else "\n"
    text = separator.join(str(entry.process.pid) for entry in matching)
    return (text + "\n" if text else ""), 0 if matching else 1


def _ps(arguments: Sequence[str], processes: Sequence[PhoneProcess]) -> tuple[str, int]:
    columns = arguments[arguments.index("-o") + 1].upper().split(",") if "-o" in arguments else ["USER", "PID", "NAME"]
    unknown = [column for column in columns if column.rstrip("=") not in ("USER", "PID", "NAME", "ARGS", "CMD", "COMM")]
    if unknown:
        return f"ps: bad -o {unknown[0]}\n", 1
    head = "" if all(column.endswith("=") for column in columns) else " ".join(columns) + "\n"
    return head + "".join(f"{_row(entry, columns)}\n" for entry in processes), 0


def _row(entry: PhoneProcess, columns: Sequence[str]) -> str:
    pid, name = str(entry.process.pid), entry.name
    values = {"USER": "shell", "PID": pid, "NAME": name, "COMM": name, "ARGS": entry.line, "CMD": entry.line}
    return " ".join(values[column.rstrip("=")] for column in columns)


def _matching(
    words: Sequence[str], processes: Sequence[PhoneProcess], *, is_whole: bool, is_exact: bool
) -> list[PhoneProcess]:
    if is_exact:
        return [entry for entry in processes if entry.name in words]
    pattern = re.compile(words[-1])
    return [entry for entry in processes if pattern.search(entry.line if is_whole else entry.name)]


def _signal_of(flags: Sequence[str]) -> signal.Signals:
    named = [flag.lstrip("-").removeprefix("SIG") for flag in flags if flag != "-f"]
    if not named:
        return signal.SIGTERM
    return signal.Signals(int(named[0])) if named[0].isdigit() else signal.Signals[f"SIG{named[0]}"]


def _arguments(process: psutil.Process, phone_id: str) -> list[str]:
    """The command line, or nothing for a process that is not the phone's or is dead and not yet collected."""
    try:
        if process.environ().get(MARK) != phone_id:
            return []
        line = process.cmdline()
    except (psutil.Error, OSError):
        return []
    # The programs are texts that an interpreter runs: `python -IS PROGRAM ...`.
    return line[2:] if line[1:2] == ["-IS"] else line


def _send(process: psutil.Process, number: signal.Signals) -> None:
    # It may have ended by itself.
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)
