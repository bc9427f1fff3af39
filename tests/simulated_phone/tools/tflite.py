"""TensorFlow Lite's `benchmark_model`: whole microseconds."""

from tests.simulated_phone.tools.request import Model, Request, Timings, model_of, options_of


def request(arguments: list[str]) -> Request:
    options = options_of(arguments)
    return Request(
        models=(model_of(options.get("graph", "")),),
        threads=int(options.get("num_threads", "1")),
        warmup=int(options.get("warmup_runs", "1")),
        repeats=int(options.get("num_runs", "50")),
    )


def header(asked: Request) -> str:
    return f"""STARTING!
Log parameter values verbosely: [0]
Min num runs: [{asked.repeats}]
Num threads: [{asked.threads}]
Min warmup runs: [{asked.warmup}]
"""


def report(model: Model, times: Timings) -> str:
    microseconds = [round(value * 1e3) for value in times.runs_ms]
    mean = round(sum(microseconds) / len(microseconds))
    spread = round((sum((each - mean) ** 2 for each in microseconds) / len(microseconds)) ** 0.5)
    series = f"count={len(microseconds)} first={microseconds[0]} curr={microseconds[-1]}"
    extremes = f"min={min(microseconds)} max={max(microseconds)} avg={mean} std={spread}"
    first = round(times.first_ms * 1e3)
    return f"""The input model file size (MB): {model.size_bytes / 1e6:.6g}
Initialized session in {times.init_ms:.6g}ms.
{series} {extremes}

Inference timings in us: Init: {round(times.init_ms * 1e3)}, First inference: {first}, Inference (avg): {mean}
"""
