"""Which provider executes which nodes: ONNX Runtime gives a node that its provider lacks to another one in silence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from runners.engines.base import EngineError
from runners.wire import Facts, FailureKind

RECORD_KEY = "session.record_ep_graph_assignment_info"
CPU = "CPUExecutionProvider"
MOST_NAMED = 100


class Node(Protocol):
    name: str
    op_type: str


class Assigned(Protocol):
    """Nodes that one provider took together."""

    ep_name: str

    def get_nodes(self) -> Sequence[Node]: ...


def facts(assigned: Iterable[Assigned], *, home: str) -> Facts:
    """Counts by provider, and the nodes that are not with `home`, the provider that was asked for.

    Nodes are those after ONNX Runtime's basic optimisations. At most `MOST_NAMED` are named; the counts are of all.

    Raises: `EngineError` of the user where `home` executes not one of them.
    """
    nodes_by_provider: dict[str, list[str]] = {}
    for part in assigned:
        nodes = nodes_by_provider.setdefault(part.ep_name, [])
        nodes.extend(f"{node.name or 'unnamed'} ({node.op_type})" for node in part.get_nodes())
    if not nodes_by_provider.get(home):
        took = ", ".join(sorted(nodes_by_provider)) or "nobody"
        reason = f"{home} executes not one node of the network; {took} would. Ask for another engine."
        raise EngineError(FailureKind.USER, reason)
    elsewhere = {name: nodes for name, nodes in nodes_by_provider.items() if name != home}
    return {
        "nodes_by_provider": {name: len(nodes) for name, nodes in nodes_by_provider.items()},
        "nodes_elsewhere": sum(map(len, elsewhere.values())),
        "nodes_left_to_cpu": len(nodes_by_provider.get(CPU, [])),
        "nodes_elsewhere_named": {name: nodes[:MOST_NAMED] for name, nodes in elsewhere.items()},
    }
