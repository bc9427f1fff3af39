from __future__ import annotations

from pathlib import Path
from time import perf_counter_ns

from runners.engines.stub import FASTEST_NS, SLOWEST_NS, Stub, StubSession
from tests.runners.engines import networks

SHAPE = (1, *networks.INPUT_SHAPE)


def test_stub_is_simulated_and_takes_any_format(tmp_path: Path) -> None:
    artifact = networks.artifact(tmp_path, b"anything", name="weights.bin", format="whatever")

    session = Stub().load(tmp_path, artifact, threads=4)

    assert Stub.is_simulated
    assert session.run(session.input(SHAPE, seed=0)).shape[0] == 1


def test_stub_really_spends_the_time_that_follows_from_the_artifact() -> None:
    session = StubSession("0007a120" + "0" * 56)
    x = session.input((2, *networks.INPUT_SHAPE), seed=0)
    started_ns = perf_counter_ns()

    session.run(x)

    assert session.base_ns == FASTEST_NS + 0x7A120
    assert perf_counter_ns() - started_ns >= 2 * session.base_ns


def test_stub_times_differ_between_artifacts_and_stay_in_their_range() -> None:
    bases_ns = {StubSession(f"{number:064x}"[::-1]).base_ns for number in range(16)}

    assert len(bases_ns) == 16
    assert all(FASTEST_NS <= base_ns < SLOWEST_NS for base_ns in bases_ns)
