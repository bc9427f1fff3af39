from collections.abc import Iterator

import pytest
from altair.utils.schemapi import debug_mode


@pytest.fixture(autouse=True, scope="package")
def charts_are_checked_against_the_schema() -> Iterator[None]:
    with debug_mode(True):
        yield
