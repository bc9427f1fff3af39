"""The child process, `python -m runners.child`: one order from stdin, one answer into a file.

Everything that opens a network's files happens here, so that a crash, a leak or a hostile file ends with the process.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from runners import confine
from runners.converting import convert_artifact
from runners.engines.base import EngineError, EngineUnavailable
from runners.orders import ERROR_EXIT_CODE, OUT_OF_MEMORY, ChildError, ChildOrder
from runners.process import measure_process
from runners.wire import FailureKind, Message, ProtocolKind

ALLOCATION_FAILED = ("Failed to allocate memory", "bad_alloc")
"""What engines say when memory runs out inside of them; they have no error of its own for it."""


def main() -> int:
    """Read the order from one line; stdin stays open as the lifeline to the parent."""
    child_order = ChildOrder.model_validate_json(sys.stdin.buffer.readline())
    confine.die_with_parent(sys.stdin.fileno(), child_order.parent_pid)
    pinning = confine.pin(child_order.cpus)
    confine.limit(memory_bytes=child_order.memory_bytes, cpu_time_s=child_order.cpu_time_s)
    try:
        answer = do(child_order, pinning)
    except Exception as error:
        write(child_order.error_path, as_child_error(error, child_order.order.protocol.kind))
        return ERROR_EXIT_CODE
    write(child_order.answer_path, answer)
    return 0


def do(child_order: ChildOrder, pinning: str) -> Message:
    """Convert, or else measure, count or evaluate, as the protocol says."""
    if child_order.convert is not None:
        return convert_artifact(child_order, child_order.convert)
    if child_order.order.protocol.kind == ProtocolKind.COMPLEXITY:
        # Only here, because an agent that executes no ONNX network needs no onnx.
        from runners.counting import count_graph

        return count_graph(child_order)
    if child_order.order.protocol.kind == ProtocolKind.ACCURACY:
        # Only here, because a child that times a network must not hold a decoder of images.
        from runners.accuracy.evaluate import evaluate_images

        return evaluate_images(child_order)
    return measure_process(child_order, pinning)


def as_child_error(error: Exception, kind: ProtocolKind) -> ChildError:
    """Whose fault it is. Counting needs so little memory that a network which exceeds its limit is broken."""
    if isinstance(error, EngineError) and not any(words in error.reason for words in ALLOCATION_FAILED):
        return ChildError(kind=error.kind, reason=error.reason)
    if isinstance(error, EngineError):
        return ChildError(kind=FailureKind.DEVICE, reason=f"{OUT_OF_MEMORY} {error.reason}")
    if isinstance(error, MemoryError):
        is_counting = kind == ProtocolKind.COMPLEXITY
        return ChildError(kind=FailureKind.USER if is_counting else FailureKind.DEVICE, reason=OUT_OF_MEMORY)
    if isinstance(error, (EngineUnavailable, OSError)):
        return ChildError(kind=FailureKind.INFRASTRUCTURE, reason=str(error))
    return ChildError(kind=FailureKind.ENGINE, reason=f"{type(error).__name__}: {error}")


def write(path: Path, message: Message) -> None:
    """Write so that the file is either absent or whole, whenever this process is killed."""
    partial_path = path.with_suffix(".part")
    with partial_path.open("w", encoding="utf-8") as file:
        file.write(message.model_dump_json())
        file.flush()
        os.fsync(file.fileno())
    partial_path.replace(path)


if __name__ == "__main__":
    sys.exit(main())
