"""ncnn's `benchncnn`: everything goes to the standard error, weights are never read, the warm-up is built in."""

import glob
import re

from tests.simulated_phone.tools.request import Model, Request, Timings, ToolRefusal, model_of

WARMUP = 8
BYTES_PER_WEIGHT = 4
# It binds itself: to all cores, the little or the big ones, whatever `taskset` said.
MASKS = {"0": "ff", "1": "0f", "2": "f0"}
_WEIGHTS = re.compile(r"\s6=(\d+)")


def request(arguments: list[str]) -> Request:
    """Positions: loops, threads, powersave, GPU device, pause; then `param=` for a network of one's own."""
    positions = [argument for argument in arguments if "=" not in argument]
    named = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
    loops, threads, powersave = (*positions, *("4", "1", "2")[len(positions) :])[:3]
    if powersave not in MASKS:
        raise ToolRefusal(f"powersave {powersave} not supported")
    models = [named["param"]] if "param" in named else sorted(glob.glob("*.param"))
    if "param" in named and "shape" not in named:
        raise ToolRefusal("input tensor shape empty!", 255)
    return Request(tuple(map(_model, models)), int(threads), WARMUP, int(loops), MASKS[powersave])


def header(asked: Request) -> str:
    powersave = next(number for number, mask in MASKS.items() if mask == asked.mask)
    return f"""loop_count = {asked.repeats}
num_threads = {asked.threads}
powersave = {powersave}
gpu_device = -1
cooling_down = 0
"""


def report(model: Model, times: Timings) -> str:
    values = f"min = {times.minimum:7.2f}  max = {times.maximum:7.2f}  avg = {times.average:7.2f}"
    return f"{model.name:>20}  {values}\n"


def _model(path: str) -> Model:
    """A .param file says how many weights each layer has, and that is what takes the time."""
    model = model_of(path)
    with open(path, errors="replace") as file:
        weights = sum(map(int, _WEIGHTS.findall(file.read())))
    return Model(model.name, weights * BYTES_PER_WEIGHT or model.size_bytes)
