import pytest

from tests.factories import seed_catalogue
from tests.inspections import kept_inspections

__all__ = ["kept_inspections"]


@pytest.fixture
def catalogue(db: None) -> None:
    """The catalogue of `fixtures/`, and a database."""
    seed_catalogue()
