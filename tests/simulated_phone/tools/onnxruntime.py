"""ONNX Runtime's `onnxruntime_perf_test`: one warm-up, milliseconds and seconds in one output."""

import getopt

from tests.simulated_phone.tools.request import Model, Request, Timings, ToolRefusal, model_of

PERCENTILES = {"P50": 0.5, "P90": 0.9, "P95": 0.95, "P99": 0.99, "P999": 0.999}


def request(arguments: list[str]) -> Request:
    try:
        pairs, positions = getopt.gnu_getopt(arguments, "e:m:r:t:x:y:p:o:c:d:vsIMPDZqS:")
    except getopt.GetoptError as wrong:
        raise ToolRefusal(f"perf_test [options...] model_path [result_file]: {wrong}") from wrong
    options = dict(pairs)
    if not positions:
        raise ToolRefusal("perf_test [options...] model_path [result_file]")
    threads, repeats = int(options.get("-x", "1")), int(options.get("-r", "1000"))
    return Request((model_of(positions[0]),), threads, 1, repeats)


def header(asked: Request) -> str:
    return f"Setting intra_op_num_threads to {asked.threads}\n"


def report(_model: Model, times: Timings) -> str:
    total_s = sum(times.runs_ms) / 1e3
    latencies = {"Min": times.minimum, "Max": times.maximum}
    latencies |= {name: times.percentile(share) for name, share in PERCENTILES.items()}
    lines = "\n".join(f"{name} Latency is {value / 1e3:.9g}sec" for name, value in latencies.items())
    return f"""Session creation time cost: {times.init_ms / 1e3:.6g} s
Total time cost:{total_s:.6g}
Total iterations:{len(times.runs_ms)}
Average time cost:{times.average:.6g} ms
Total run time:{total_s:.6g} s
{lines}
"""
