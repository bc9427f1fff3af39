"""Paddle-Lite's `benchmark_bin`, as it prints since release 2.11 and as it printed before."""

from tests.simulated_phone.tools.request import Model, Request, Timings, ToolRefusal, model_of, options_of

VERSION = "v2.12"


def request(arguments: list[str]) -> Request:
    """`--optimized_model_file=`, or `--model_file=` with `--param_file=`."""
    options = options_of(arguments)
    if "optimized_model_file" in options:
        model = model_of(options["optimized_model_file"])
    elif "model_file" in options and "param_file" in options:
        model = model_of(options["model_file"], options["param_file"])
    else:
        raise ToolRefusal("Either --optimized_model_file or --model_file and --param_file must be set")
    return _request(options, model)


def request_old(arguments: list[str]) -> Request:
    """`--optimized_model_path=`; what would go to `--result_path=` is printed as well."""
    options = options_of(arguments)
    return _request(options, model_of(options.get("optimized_model_path", "")))


def header(asked: Request) -> str:
    return f"""======= Model Info =======
optimized_model_file: {asked.models[0].name}
======= Runtime Info =======
benchmark_bin version: {VERSION}
threads: {asked.threads}
warmup: {asked.warmup}
repeats: {asked.repeats}
"""


def report(_model: Model, times: Timings) -> str:
    rows = {"init ": times.init_ms, "first": times.first_ms, "min  ": times.minimum}
    rows |= {"max  ": times.maximum, "avg  ": times.average}
    lines = "\n".join(f"{name} = {value:.3f}" for name, value in rows.items())
    return f"======= Backend Info =======\nbackend: arm\n======= Perf Info =======\nTime(unit: ms):\n{lines}\n"


def header_old(asked: Request) -> str:
    return f"PaddleLite Benchmark\nThreads={asked.threads} Warmup={asked.warmup} Repeats={asked.repeats}\n"


def report_old(model: Model, times: Timings) -> str:
    # The old program printed the largest as the smallest, and the other way round.
    swapped = f"min = {times.maximum:.5f}    max = {times.minimum:.5f}"
    return f"{model.name}   {swapped}    average = {times.average:.5f}\n"


def _request(options: dict[str, str], model: Model) -> Request:
    return Request(
        models=(model,),
        threads=int(options.get("threads", "1")),
        warmup=int(options.get("warmup", "0")),
        repeats=int(options.get("repeats", "1")),
    )
