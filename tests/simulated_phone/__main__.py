"""`python -m tests.simulated_phone [--port 5600] [--fault ...]`: a simulated phone to try an agent on, until Ctrl-C."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.simulated_phone.hardware import SNAPDRAGON_845, SNAPDRAGON_855, SNAPDRAGON_855_PLUS
from tests.simulated_phone.moments import Moment
from tests.simulated_phone.phone import SimulatedPhone
from tests.simulated_phone.programs import PROGRAMS, write_program

HARDWARE = {"855": SNAPDRAGON_855, "855-plus": SNAPDRAGON_855_PLUS, "845": SNAPDRAGON_845}
FAULTS: dict[str, Callable[[SimulatedPhone], None]] = {
    "offline": SimulatedPhone.go_offline,
    "unauthorized": SimulatedPhone.unauthorize,
    "full": SimulatedPhone.fill_storage,
    "read-only": SimulatedPhone.make_read_only,
    "no-taskset": SimulatedPhone.remove_taskset,
    "crash": SimulatedPhone.crash_tool,
    "garble": SimulatedPhone.garble_tool,
    "cut-off": SimulatedPhone.cut_off_tool,
    "hang": SimulatedPhone.hang_tool,
    "flood": SimulatedPhone.flood_tool,
    "hot": lambda phone: phone.heat(95.0),
    "empty": lambda phone: phone.drain_battery(5.0),
    "screen-on": SimulatedPhone.screen_on,
    "unplug-in-push": lambda phone: phone.at(Moment.DURING_PUSH, phone.unplug),
    "unplug-in-run": lambda phone: phone.at(Moment.TOOL_RUNS, phone.unplug),
    "reboot-in-run": lambda phone: phone.at(Moment.TOOL_RUNS, phone.reboot),
}


def main(arguments: list[str]) -> int:
    asked = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="phone-") as name:
        folder = Path(name)
        (folder / "programs").mkdir()
        for program in PROGRAMS:
            write_program(folder / "programs", program)
        (folder / "phone").mkdir()
        with SimulatedPhone(folder / "phone", HARDWARE[asked.hardware], port=asked.port, pace=asked.pace) as phone:
            for fault in asked.fault:
                FAULTS[fault](phone)
            print(f"adb connect {phone.serial}\nbenchmark programs to push: {folder / 'programs'}", flush=True)
            _wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulated_phone", description=__doc__)
    # adb takes the ports from 5555 to 5585 for emulators and connects to them under another name.
    parser.add_argument("--port", type=int, default=5600, help="of 127.0.0.1; 0 takes a free one")
    parser.add_argument("--hardware", choices=HARDWARE, default="855")
    parser.add_argument("--pace", type=float, default=1.0, help="share of its time that a benchmark really takes")
    parser.add_argument("--fault", action="append", choices=FAULTS, default=[], help="may be given more than once")
    return parser


def _wait() -> None:
    """Until Ctrl-C or a polite kill."""
    try:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        while True:
            signal.pause()
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
