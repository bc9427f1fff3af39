import pytest

from apps.fleet.models import Agent
from apps.fleet.versions import upgrade_advice
from runners import __version__, wire


@pytest.mark.parametrize(
    ("runner_version", "wire_version", "says"),
    [
        (__version__, wire.WIRE_VERSION, ""),
        ("99.0", wire.WIRE_VERSION, ""),
        ("0.0.9", wire.WIRE_VERSION, f"older than this site's: install zooboard-runner {__version__}."),
        ("0.0.9", wire.WIRE_VERSION - 1, "must be upgraded before"),
        ("0.0.9", wire.WIRE_VERSION - 2, "too old for this site, which refuses its calls"),
        ("unknown", wire.WIRE_VERSION, "older than this site's"),
    ],
)
def test_agent_that_is_older_than_the_site_is_told_so(runner_version: str, wire_version: int, says: str) -> None:
    advice = upgrade_advice(Agent(runner_version=runner_version, wire_version=wire_version))

    assert says in advice
    assert bool(says) == bool(advice)
