import pytest

from tests.factories import seed_catalogue


@pytest.fixture
def catalogue(db: None) -> None:
    """The catalogue of `fixtures/`, and a database."""
    seed_catalogue()
