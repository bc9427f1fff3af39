"""The simulated phone: what it is, what is wrong with it, and what runs on it."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.simulated_phone import processes
from tests.simulated_phone.command_line import to_host
from tests.simulated_phone.condition import Condition
from tests.simulated_phone.control import Control
from tests.simulated_phone.files import PhoneFiles
from tests.simulated_phone.hardware import SNAPDRAGON_855, PhoneHardware
from tests.simulated_phone.listener import HOST, Listener
from tests.simulated_phone.moments import Moment, Plans
from tests.simulated_phone.path_folder import build_path_folder, remove_taskset, restore_taskset
from tests.simulated_phone.shell import send_exit, serve_raw, serve_shell
from tests.simulated_phone.storage import DataPartition
from tests.simulated_phone.stream import Stream
from tests.simulated_phone.sync import Sync

ASK = Path(__file__).with_name("ask.py")
TOOL_MOMENTS = {"starts": Moment.TOOL_STARTS, "runs": Moment.TOOL_RUNS, "ends": Moment.TOOL_ENDS}
# Whoever looks whether the phone is clean grants what was just told to end so much time to do it.
ENDS_WITHIN_S = 2.0
KEY_SLEEP = "223"


class SimulatedPhone(Condition):
    """One phone on a port of the loopback interface; the package's docstring lists what it can do.

    `pace` is the share of its simulated time that a benchmark program really takes; `speed` is how many times faster
    than an 855 it says to be. Nothing outlives the `with` block: neither a process nor a file.
    """

    def __init__(
        self,
        folder: Path,
        hardware: PhoneHardware = SNAPDRAGON_855,
        *,
        port: int = 0,
        pace: float = 0.0,
        speed: float = 1.0,
    ) -> None:
        self._folder = folder
        files = PhoneFiles(folder)
        files.write_boot()
        super().__init__(files, hardware)
        self._plans = Plans()
        self._storage = DataPartition(files, self._plans.reach)
        self._bin, self._host = build_path_folder(folder)
        self._listener = Listener(self._banner(), self._serve, port)
        self._control = Control(self._answer)
        self._environment = self._make_environment(pace, speed)
        self._fault: str | None = None
        self._shells = itertools.count(1)
        self._shells_of_tools: set[str] = set()
        self._gate = threading.RLock()
        self._is_over = False
        self.commands: list[str] = []

    def __enter__(self) -> Self:
        self.plug_in()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        processes.kill_all(self._id)
        self._control.close()
        # A command whose client has gone may notice only now that its process has ended.
        with self._gate:
            self._is_over = True
            shutil.rmtree(self._folder)

    @property
    def port(self) -> int:
        return self._listener.port

    @property
    def serial(self) -> str:
        return f"{HOST}:{self.port}"

    def path(self, path: str) -> Path:
        """Where a path of the phone is on the host."""
        return self._files.path(path)

    def leftovers(self) -> list[str]:
        """Everything in /data/local/tmp, and every program that runs."""
        left = processes.after_waiting(self._id, str(self._files.root), ENDS_WITHIN_S)
        return self._storage.leftovers() + [f"running: {entry.line}" for entry in left]

    def is_clean(self) -> bool:
        return not self.leftovers()

    def at(self, moment: Moment, action: Callable[[], object], occurrence: int = 1) -> None:
        """Call the action when the moment comes for the n-th time from now; everything else waits for it."""
        self._plans.at(moment, action, occurrence)

    def on_command(self, text: str, action: Callable[[], object], occurrence: int = 1) -> None:
        """Call the action once the n-th command line from now that contains the text is answered."""
        self._plans.on_command(text, action, occurrence)

    def plug_in(self) -> None:
        self._listener.open()

    def unplug(self) -> None:
        """Pull the cable. Whatever runs on the phone goes on."""
        self._listener.close()

    def reboot(self, refuses: int = 0) -> None:
        """End everything that runs, and refuse so many connects before the phone is there again."""
        with self._listener.not_serving:
            self._listener.drop()
            processes.kill_all(self._id)
            self._files.write_boot()
            self._listener.refuses = refuses

    def go_offline(self) -> None:
        """Take connections without ever answering."""
        self._listener.is_silent = True
        self._listener.drop()

    def unauthorize(self) -> None:
        """Wait for a person who allows this host."""
        self._listener.is_authorized = False
        self._listener.drop()

    def authorize(self) -> None:
        """The person allows it: a connection that waits is served from now on."""
        self._listener.authorize()

    def fill_storage(self, left_bytes: int = 0) -> None:
        self._storage.fill(left_bytes)

    def make_read_only(self) -> None:
        self._storage.make_read_only()

    def remove_taskset(self) -> None:
        remove_taskset(self._bin)

    def crash_tool(self) -> None:
        self._fault = "crash"

    def garble_tool(self) -> None:
        self._fault = "garble"

    def cut_off_tool(self) -> None:
        self._fault = "cut_off"

    def hang_tool(self) -> None:
        self._fault = "hang"

    def flood_tool(self) -> None:
        self._fault = "flood"

    def recover(self) -> None:
        """Take every fault back, and every plan. The hardware stays."""
        self._plans.clear()
        self._fault = None
        self.restore()
        self._storage.restore()
        restore_taskset(self._bin)
        self._listener.refuses = 0
        self._listener.answer_again()
        self._listener.authorize()
        self.plug_in()

    def _banner(self) -> str:
        names = ("ro.product.name", "ro.product.model", "ro.product.device")
        return "".join(f"{name}={self.hardware.properties[name]};" for name in names)

    def _make_environment(self, pace: float, speed: float) -> dict[str, str]:
        self._id = str(uuid.uuid4())
        return {
            "PATH": str(self._bin),
            "HOME": "/",
            "LC_ALL": "C.UTF-8",
            "TMPDIR": str(self.path("/data/local/tmp")),
            "PHONE_ASK": str(ASK),
            "PHONE_CONTROL": str(self._control.port),
            "PHONE_HOST": str(self._host),
            "PHONE_PACE": str(pace),
            "PHONE_PYTHON": sys.executable,
            "PHONE_SPEED": str(speed),
            "PHONE_ROOT": str(self._files.root),
            "PHONE_STATE": str(self._files.state),
            processes.MARK: self._id,
        }

    def _serve(self, name: str, stream: Stream) -> None:
        """Start the service that a client named. What a plan does between two commands is done before the second."""
        with self._gate:
            kind, _, argument = name.partition(":")
        if kind.startswith(("shell", "exec")):
            self._serve_command(stream, argument, has_exit_code="v2" in kind.split(","))
        elif kind == "sync":
            Sync(stream, self._storage).serve()
        elif kind == "reboot":
            self.reboot()

    def _serve_command(self, stream: Stream, command: str, *, has_exit_code: bool) -> None:
        self.commands.append(command)
        shell = str(next(self._shells))
        process = self._start(command, shell)
        exit_code = (serve_shell if has_exit_code else serve_raw)(stream, process, self._files.root)
        with self._gate:
            if self._is_over:
                return
            if shell in self._shells_of_tools:
                self.idle()
            if has_exit_code:
                send_exit(stream, exit_code)
            self.looked_at(command)
            self._plans.reach(command)
            if shell in self._shells_of_tools:
                self._plans.reach(Moment.BETWEEN_INVOCATIONS)

    def _start(self, command: str, shell: str) -> subprocess.Popen[bytes]:
        line = ["-c", to_host(command, self._files.root)] if command else []
        return subprocess.Popen(
            ["/bin/sh", *line],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self._files.root,
            env=self._environment | {"PHONE_SHELL": shell},
            start_new_session=True,
        )

    def _answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """To a process that runs on the phone."""
        command, arguments = question["ask"], question.get("arguments", [])
        if command == "tool":
            return self._tool_is(question["moment"], question["shell"])
        if command == "input":
            if arguments[-1:] == [KEY_SLEEP]:
                self.screen_off()
            return {"output": "", "exit_code": 0}
        root = str(self._files.root)
        shown = [entry for entry in processes.processes_of(self._id, root) if entry.process.pid != question["pid"]]
        output, exit_code = processes.answer(command, [each.replace(root, "") for each in arguments], shown)
        return {"output": output, "exit_code": exit_code}

    def _tool_is(self, moment: str, shell: str) -> dict[str, Any]:
        if moment == "starts":
            self._shells_of_tools.add(shell)
            self.work()
        self._plans.reach(TOOL_MOMENTS[moment])
        return {"fault": self._fault}
