"""A simulated phone: the device side of the adb protocol on 127.0.0.1, for the real adb client.

It stands in for a Snapdragon 855 in the tests of the phone path. Nothing here measures anything; whatever its programs
print carries a loopback serial and `ro.kernel.qemu=1`, so that an agent must call the device simulated.

In tests, import the fixtures `phone` and `adb_server` from `tests.simulated_phone.fixtures` into a `conftest.py`:

    def test_something(phone: SimulatedPhone, adb_server: AdbServer, tmp_path: Path) -> None:
        adb_server.connect(phone)                       # adb connect 127.0.0.1:PORT
        program = write_program(tmp_path, "benchncnn")  # a file to push and run
        phone.at(Moment.TOOL_RUNS, phone.unplug)        # a fault, at a moment
        adb_server.run("-s", phone.serial, "shell", "echo hello")

        assert phone.is_clean(), phone.leftovers()

`phone` and `adb_server` are connected only by `adb_server.connect(phone)`. `adb_server.port` is that of a private adb
server; `adb_server.environment` is what a child process needs to use it. A phone that was lost stays
`offline` and "already connected" until the adb server tries again by itself, seconds later: `adb_server.connect`
disconnects first. By hand: `python -m tests.simulated_phone`.

**SimulatedPhone** (context manager; `SimulatedPhone(folder, hardware=SNAPDRAGON_855, port=0, pace=0.0, speed=1.0)`)

| member | meaning |
|---|---|
| `serial`, `port` | `127.0.0.1:<port>` |
| `path("/data/local/tmp")` | where a path of the phone is on the host |
| `commands` | every command line that was run on it, in order |
| `leftovers()`, `is_clean()` | everything in `/data/local/tmp`, and programs that still run |
| `become(SNAPDRAGON_855_PLUS)` | other hardware: `SNAPDRAGON_845`, or an 855+ that says 855 (cpu7 2956800 kHz) |
| `set_property(name, value)` | of `getprop`; an empty value takes it away |
| `unplug()`, `plug_in()` | the cable; what runs goes on running, as on a phone |
| `reboot(refuses=0)` | ends what runs, drops the connection, refuses that many connects before it is back |
| `go_offline()` | takes connects and never answers: `offline` |
| `unauthorize()`, `authorize()` | waits for somebody to tap "allow": `unauthorized` |
| `fill_storage(left_bytes=0)` | a push fails with "No space left on device" |
| `make_read_only()` | /data/local/tmp takes no file and no folder |
| `remove_taskset()` | `taskset: not found`, 127 |
| `crash_tool()` | benchmark programs end with SIGSEGV: exit 139 |
| `garble_tool()` | they print rubbish and exit 0 |
| `cut_off_tool()` | they stop in the middle of their output and exit 0 |
| `hang_tool()` | they print their first line and then nothing, for ever |
| `flood_tool()` | they print rubbish without end |
| `heat(to_c, cools_by_c=0.0)` | above 75 degrees cores throttle and programs slow down; falls after each look at it |
| `throttle(to_fraction)` | what frequency is permitted, as a fraction of the maximum, whatever the temperature |
| `drain_battery(percent, charges_by=0.0)` | the level rises after each look at the battery |
| `screen_on()`, `screen_off()` | `dumpsys power`: mWakefulness; `input keyevent 223` puts it to sleep |
| `recover()` | takes every fault back: plugged in, cool, charged, empty; cancels what `at` and `on_command` planned |
| `at(moment, action, occurrence=1)` | call `action()` when the moment comes for the n-th time; all else waits |
| `on_command(text, action, occurrence=1)` | likewise, once the n-th command line with that text is answered |

Faults hold until `recover()`. **Moment**: `BEFORE_PUSH` (a file was announced, none of it written), `DURING_PUSH` (its
first block was written), `TOOL_STARTS` (nothing printed yet), `TOOL_RUNS` (its first line is printed), `TOOL_ENDS`
(everything is printed, it has not exited), `BETWEEN_INVOCATIONS` (it has exited and its exit code was sent).

**Programs** (`PROGRAMS`): `benchmark_bin`, `benchmark_bin_old` (Paddle-Lite, its old output), `benchncnn`,
`benchmark_model` (TFLite), `benchmark.out` (MNN), `onnxruntime_perf_test`. They print what the real ones print; the
times follow from the model file's size, threads, mask and the frequency of the moment, with some noise. As the real
ones, `benchncnn` prints to the standard error and binds itself to cores whatever `taskset` says.

Its governor is `schedutil`, as on a phone that nobody has rooted: cores run at their lowest frequency until a benchmark
program starts, at the highest that is permitted while it runs, and at their lowest again.

Not everything under `/sys/class/thermal` is a temperature, as on real phones: a zone `soc` holds the battery's per
cent, `vbat` millivolts, `xo-therm-absent` the -40000 of an absent sensor. A reboot changes the kernel's `boot_id`.
"""

from tests.simulated_phone.adb_server import AdbServer
from tests.simulated_phone.hardware import SNAPDRAGON_845, SNAPDRAGON_855, SNAPDRAGON_855_PLUS, PhoneHardware
from tests.simulated_phone.moments import Moment
from tests.simulated_phone.phone import SimulatedPhone
from tests.simulated_phone.programs import PROGRAMS, write_program

__all__ = [
    "PROGRAMS",
    "SNAPDRAGON_845",
    "SNAPDRAGON_855",
    "SNAPDRAGON_855_PLUS",
    "AdbServer",
    "Moment",
    "PhoneHardware",
    "SimulatedPhone",
    "write_program",
]
