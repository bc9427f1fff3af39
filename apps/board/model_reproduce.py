"""The commands with which anybody gets the same kind of numbers again."""

import shlex
from collections.abc import Sequence
from typing import Any

from apps.catalog.models import Artifact, Network, Precision
from apps.results.leaderboard import Board, Row

AGENT = "zooboard-runner"
DEFAULT_PROTOCOL, DEFAULT_ENGINE = "cpu-fp32-bs1", "onnxruntime"
MOST_ENGINES = 4


def reproduction(
    board: Board, row: Row, network: Network, artifacts: Sequence[Artifact], *, site_url: str
) -> list[dict[str, Any]]:
    """Steps, each a sentence and its commands, for a terminal in a checkout of zooboard."""
    built = next((artifact for artifact in artifacts if artifact.recipe), None)
    is_in_zoo = built is not None or (network.precision == Precision.INT8 and network.base_id is not None)
    subject = shlex.quote(network.name) if is_in_zoo else "FILE.onnx"
    named = "" if is_in_zoo else f" --model {shlex.quote(network.name)}"
    steps = [_step("Install the agent. It needs neither this site nor an account.", "pip install ./runners")]
    if is_in_zoo:
        steps.append(_step(_built_text(built), f"{AGENT} zoo build {subject} --out model.onnx"))
    else:
        steps.append(_step("Download its file from the list above, and see what it is.", f"{AGENT} inspect {subject}"))
    measured = [f"{AGENT} measure {subject}{named} --protocol {p} --engine {e}" for p, e in _measured(board, row)]
    steps.append(
        _step("Measure its latency on the processor of this machine, with every sample in a record.", *measured)
    )
    counted = f"{AGENT} measure {subject}{named} --protocol complexity-224"
    steps.append(_step("Count its MACs, FLOPs, parameters and bytes.", counted))
    api = f"{site_url}/api/v1/results/?model={network.name}"
    steps.append(_step("Read every value of this page, with its origin, as data.", f"curl '{api}'"))
    return steps


def _step(text: str, *commands: str) -> dict[str, Any]:
    return {"text": text, "commands": list(commands)}


def _built_text(artifact: Artifact | None) -> str:
    if artifact is None:
        return "Build the network and quantise it. The weights are random: they serve speed and size, not accuracy."
    sha256 = next((file.sha256 for file in artifact.files.all()), "")
    return (
        f"Build the network with the weights of its artifact, {artifact.weights}: its sha256 begins with {sha256[:12]}."
    )


def _measured(board: Board, row: Row) -> list[tuple[str, str]]:
    """Protocol and engine of what was measured here on a processor that anybody may have, else the usual ones."""
    found = [
        (column.protocol, column.engine)
        for column in board.columns
        if column.is_measured and column.metric.key == "latency" and column.key in row.cells
        if column.protocol.startswith("cpu-")
    ]
    return list(dict.fromkeys(found))[:MOST_ENGINES] or [(DEFAULT_PROTOCOL, DEFAULT_ENGINE)]
