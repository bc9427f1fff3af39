"""The phone's condition: heat, frequency, battery, screen, storage. What it is can be read from its files."""

import threading

from tests.simulated_phone import dumpsys
from tests.simulated_phone.files import ZONES, PhoneFiles
from tests.simulated_phone.hardware import PhoneHardware

AMBIENT_C = 28.0
# From here on every degree costs the big cores a fortieth of their frequency, down to the slowest; a real SM8150 begins
# later and falls harder.
THROTTLES_AT_C = 75.0
LOSS_PER_C = 1 / 40
SLOWEST = 0.4
FULL_BATTERY = 87.0
# A benchmark program warms the cores by so much, and every look at a temperature finds it a little lower.
WARMS_BY_C = 0.6
COOLS_BY_C = 0.3


class Condition:
    """Every change is written to the phone's files at once.

    Units: degrees Celsius; per cent of the battery's charge; fractions of a core's highest frequency.
    """

    def __init__(self, files: PhoneFiles, hardware: PhoneHardware) -> None:
        self._files = files
        self.hardware = hardware
        self._properties = dict(hardware.properties)
        self._changing = threading.RLock()
        self._is_busy = False
        files.write_hardware(hardware)
        self._write_properties()
        self.restore()

    def restore(self) -> None:
        """Cool, charged, asleep, writable."""
        with self._changing:
            self._celsius, self._cools_by_c = AMBIENT_C, COOLS_BY_C
            self._level, self._charges_by = FULL_BATTERY, 0.0
            self._limit = 1.0
            self._is_awake = False
            self._write()

    def become(self, hardware: PhoneHardware) -> None:
        """Turn into other hardware, which keeps its connection and its files."""
        with self._changing:
            self.hardware = hardware
            self._properties = dict(hardware.properties)
            self._files.write_hardware(hardware)
            self._write_properties()
            self._write()

    def set_property(self, name: str, value: str) -> None:
        """Change what `getprop` answers; an empty value takes the property away."""
        with self._changing:
            self._properties[name] = value
            self._write_properties()

    def heat(self, to_c: float, *, cools_by_c: float = 0.0) -> None:
        """Bring the cores to a temperature, which falls after every look at it."""
        with self._changing:
            self._celsius, self._cools_by_c = to_c, cools_by_c
            self._write()

    def throttle(self, to_fraction: float) -> None:
        """Permit the big cores less than they can, whatever the temperature."""
        with self._changing:
            self._limit = to_fraction
            self._write()

    def drain_battery(self, percent: float, *, charges_by: float = 0.0) -> None:
        """Set the charge, which rises after every look at it."""
        with self._changing:
            self._level, self._charges_by = percent, charges_by
            self._write()

    def screen_on(self) -> None:
        self._wake(True)

    def screen_off(self) -> None:
        self._wake(False)

    def work(self) -> None:
        """A benchmark program runs: cores speed up and warm up. Heat set on purpose stays what it was set to."""
        with self._changing:
            self._is_busy = True
            if self._cools_by_c == COOLS_BY_C:
                self._celsius += WARMS_BY_C
            self._write()

    def idle(self) -> None:
        """No benchmark program runs any more: cores slow down."""
        with self._changing:
            self._is_busy = False
            self._write()

    def looked_at(self, command: str) -> None:
        """A command line read something that changes with time."""
        with self._changing:
            before = self._celsius, self._level
            if "thermal" in command:
                self._celsius = max(min(AMBIENT_C, self._celsius), self._celsius - self._cools_by_c)
            if "battery" in command:
                self._level = min(100.0, self._level + self._charges_by)
            if (self._celsius, self._level) != before:
                self._write()

    def _wake(self, is_awake: bool) -> None:
        with self._changing:
            self._is_awake = is_awake
            self._write()

    def _write(self) -> None:
        temperatures = {name: AMBIENT_C + (self._celsius - AMBIENT_C) * share for name, share in ZONES.items()}
        too_hot = max(0.0, self._celsius - THROTTLES_AT_C)
        fraction = min(self._limit, max(SLOWEST, 1.0 - too_hot * LOSS_PER_C))
        texts = {
            "battery": dumpsys.battery(level=self._level, celsius=temperatures["battery"]),
            "thermalservice": dumpsys.thermal(temperatures, status=2 if fraction < 1.0 else 0),
            "power": dumpsys.power(is_awake=self._is_awake),
        }
        for service, text in texts.items():
            self._files.set_state(f"dumpsys/{service}", text)
        self._files.write_thermal_zones(temperatures, self._level)
        self._files.write_frequencies(self.hardware, fraction, is_busy=self._is_busy)

    def _write_properties(self) -> None:
        lines = [f"[{name}]: [{value}]\n" for name, value in sorted(self._properties.items()) if value]
        self._files.set_state("properties", "".join(lines))
