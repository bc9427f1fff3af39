"""MNN's `benchmark.out`, which executes every model of a folder."""

import glob
import os.path

from tests.simulated_phone.tools.request import Model, Request, Timings, ToolRefusal, model_of


def request(arguments: list[str]) -> Request:
    """Positions: folder, loops, warm-up, where to execute, threads, precision."""
    if not arguments or not os.path.isdir(arguments[0]):
        raise ToolRefusal("MNN benchmark\nusage: ./benchmark.out models_folder [loop] [warmup] [forwardtype] [threads]")
    files = sorted(glob.glob(f"{glob.escape(arguments[0])}/*.mnn"))
    _, loops, warmup, _, threads = (*arguments, *("", "10", "10", "0", "4")[len(arguments) :])[:5]
    models = tuple(model_of(path, name=os.path.basename(path)) for path in files)
    return Request(models, int(threads), int(warmup), int(loops))


def header(asked: Request) -> str:
    return f"""MNN benchmark
Forward type: CPU thread={asked.threads} precision=1 sparsity=0 sparseBlockOC=1 testQuantizedModel=0
--------> Benchmarking... loop = {asked.repeats}, warmup = {asked.warmup}
"""


def report(model: Model, times: Timings) -> str:
    values = f"max = {times.maximum:8.3f} ms  min = {times.minimum:8.3f} ms  avg = {times.average:8.3f} ms"
    return f"[ - ] {model.name:<24}    {values}\n"
