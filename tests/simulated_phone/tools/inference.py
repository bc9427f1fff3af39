"""How long an inference takes on the simulated phone: from the model's size, the cores, their frequency, and chance."""

import os
import time
from collections.abc import Callable

from tests.simulated_phone.tools.request import Model, Request, Timings

# At one thread on the prime core of an 855, which does 1.0; MobileNetV1 then takes about what the published table says.
MS_PER_MB = 2.0
LEAST_MS = 0.4
PRIME_KHZ = 2841600
# A little core does less per cycle than a big one.
LITTLE_CORES, LITTLE_SHARE = range(4), 0.45
# What the second and each further core adds is less than what it could.
PARALLEL_EXPONENT = 0.9
NOISE = 0.012
COLD_FACTOR = 1.6
INIT_MS_PER_MB = 0.9
ALL_CORES = "ff"


def measure(request: Request, model: Model, halfway: Callable[[], None]) -> Timings:
    """Execute the warm-up and the timed inferences; `halfway` is called in the middle of the timed ones."""
    mask = request.mask or os.environ.get("PHONE_MASK", ALL_CORES)
    one = Inference(model, mask, request.threads)
    init_ms = one.megabytes * INIT_MS_PER_MB * (1.0 + _chance() * NOISE)
    first_ms = one.run() * COLD_FACTOR
    for _ in range(request.warmup):
        one.run()
    half = request.repeats // 2
    before = [one.run() for _ in range(half)]
    halfway()
    return Timings(init_ms, first_ms, (*before, *(one.run() for _ in range(request.repeats - half))))


class Inference:
    """One network on the cores of a mask, with so many threads."""

    def __init__(self, model: Model, mask: str, threads: int) -> None:
        self.megabytes = model.size_bytes / 1e6
        self._threads = threads
        self._cores = [core for core in range(8) if int(mask, 16) >> core & 1]
        self._pace = float(os.environ.get("PHONE_PACE", "0"))
        self._times_faster = float(os.environ.get("PHONE_SPEED", "1"))

    def run(self) -> float:
        """Units: milliseconds. The program really takes as much of it as the phone's pace says."""
        cores_ms = (LEAST_MS + self.megabytes * MS_PER_MB) / self._speed()
        taken_ms = cores_ms * (1.0 + _chance() * NOISE)
        if self._pace:
            time.sleep(taken_ms / 1e3 * self._pace)
        return taken_ms

    def _speed(self) -> float:
        """In prime cores at full frequency. More threads than cores win nothing."""
        speeds = sorted((_core_speed(core) for core in self._cores), reverse=True)
        used = speeds[: max(1, self._threads)]
        return float(sum(used) * len(used) ** (PARALLEL_EXPONENT - 1.0)) * self._times_faster


def _chance() -> float:
    """From 0 to 2, most often about 1."""
    first, second = os.urandom(2)
    return (first + second) / 255


def _core_speed(core: int) -> float:
    folder = f"{os.environ['PHONE_ROOT']}/sys/devices/system/cpu/cpu{core}/cpufreq"
    with open(f"{folder}/scaling_cur_freq") as file:
        khz = int(file.read())
    return khz / PRIME_KHZ * (LITTLE_SHARE if core in LITTLE_CORES else 1.0)
