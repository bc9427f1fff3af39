"""The JSON that `trtexec --exportTimes` writes: one object per query, in the order in which they were executed."""

from __future__ import annotations

import json
import math
import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from runners.tools.base import Samples, Summary
from runners.tools.reading import LONGEST_NS, ROUNDING, SHORTEST_NS, ToolOutputError, last_of, quoted

NS_PER_MS = 1e6
MOST_SAMPLES = 200_000
NO_COPIES = "No input was copied to the GPU, so its latency is not from host to host: leave out --noDataTransfers"
SUM_TOLERANCE = 1e-3
"""By which the parts may miss their sum: six digits are printed of each."""

PartMs = Annotated[float, Field(ge=0, le=LONGEST_NS / NS_PER_MS)]
InferenceMs = Annotated[float, Field(ge=SHORTEST_NS / NS_PER_MS, le=LONGEST_NS / NS_PER_MS)]


class Query(BaseModel):
    """Units: ms. `end_to_end` is there in files of releases that wrote the warm-ups too."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)

    latency: InferenceMs = Field(alias="latencyMs")
    compute: InferenceMs = Field(alias="computeMs")
    to_device: PartMs = Field(alias="h2dMs")
    to_host: PartMs = Field(alias="d2hMs")
    end_to_end: float | None = Field(alias="endToEndMs", default=None)


QUERIES = TypeAdapter(Annotated[list[Query], Field(min_length=1, max_length=MOST_SAMPLES)])


def is_export(text: str) -> bool:
    """Whether it is the JSON and no log, whose lines may begin with a bracket as well."""
    return re.match(r"\s*\[\s*(?:\{|\])", text) is not None


def samples(content: str, summary: Summary | None = None) -> Samples:
    """Every timed query; `summary` is what the same invocation printed, without which warm-ups cannot be told apart.

    Raises: `ToolOutputError`.
    """
    queries = _queries(content)
    if summary is None:
        if queries[0].end_to_end is not None:
            raise ToolOutputError(
                'The times have "endToEndMs", so they are of a release that wrote its warm-ups too: give the printed '
                "output as FILE and the times as --times."
            )
        return _samples(queries)
    found = _samples(_without_warmup(queries, summary), summary)
    _check_same_invocation(found, summary)
    return found


def _queries(content: str) -> list[Query]:
    """Raises: `ToolOutputError` for anything but queries whose parts give their latency."""
    try:
        queries = QUERIES.validate_json(content)
    except ValidationError as error:
        raise ToolOutputError(_what_is_wrong(error, content)) from error
    for query in queries:
        if not math.isclose(query.latency, query.to_device + query.compute + query.to_host, rel_tol=SUM_TOLERANCE):
            text = quoted(query.model_dump_json(by_alias=True))
            raise ToolOutputError(f"The parts of a query do not give its latencyMs: {text}.")
    if not any(query.to_device for query in queries):
        raise ToolOutputError(f"{NO_COPIES}: {quoted(queries[0].model_dump_json(by_alias=True))}.")
    return queries


def _what_is_wrong(error: ValidationError, content: str) -> str:
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return f"The times are no JSON or cut off, they end with {last_of(content)}."
    place = ".".join(map(str, first["loc"])) or "the file"
    found = quoted(json.dumps(first["input"], default=str))
    return f"The times of trtexec are not like this, at {place}: {first['msg']}: {found}."


def _samples(queries: list[Query], summary: Summary | None = None) -> Samples:
    return Samples(
        wall_ns=tuple(round(query.latency * NS_PER_MS) for query in queries),
        device_ns=tuple(round(query.compute * NS_PER_MS) for query in queries),
        warmup=None if summary is None else summary.warmup,
        init=None if summary is None else summary.init,
        facts={} if summary is None else summary.facts,
    )


def _without_warmup(queries: list[Query], summary: Summary) -> list[Query]:
    """Raises: `ToolOutputError` for a file whose number of queries is not the output's."""
    if len(queries) == summary.runs:
        return queries
    if len(queries) == summary.runs + summary.warmup:
        return queries[summary.warmup :]
    raise ToolOutputError(
        f'The output and the times are not of one invocation: "{summary.runs} queries" were timed after '
        f"{summary.warmup} warm-ups, the file has {len(queries)}."
    )


def _check_same_invocation(found: Samples, summary: Summary) -> None:
    mean_ns = sum(found.wall_ns) / len(found.wall_ns)
    slack_ns = summary.mean.resolution_ns + 10 * ROUNDING * summary.mean.ns
    if abs(mean_ns - summary.mean.ns) > slack_ns:
        raise ToolOutputError(
            f"The output and the times are not of one invocation, the times have a mean of {mean_ns / NS_PER_MS:g} ms: "
            f"{quoted(summary.mean.line)}."
        )
