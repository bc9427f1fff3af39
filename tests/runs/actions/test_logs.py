import pytest

from apps.core.errors import TooLarge
from apps.runs.actions.logs import WrongOffset, append_log
from apps.runs.models import Attempt, AttemptLog
from tests.factories import make_leased

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def attempt(catalogue: None) -> Attempt:
    attempt = make_leased()
    append_log(attempt=attempt, offset=0, chunk=b"hello ")
    return attempt


def _text() -> bytes:
    return bytes(AttemptLog.objects.get().text)


def test_log_grows_at_its_end(attempt: Attempt) -> None:
    assert append_log(attempt=attempt, offset=6, chunk=b"world") == 11

    assert _text() == b"hello world"


@pytest.mark.parametrize(("offset", "chunk"), [(0, b"hello "), (0, b"hel"), (3, b"lo "), (6, b""), (2, b"l")])
def test_what_is_there_already_is_not_written_twice(attempt: Attempt, offset: int, chunk: bytes) -> None:
    assert append_log(attempt=attempt, offset=offset, chunk=chunk) == 6

    assert _text() == b"hello "


def test_chunk_that_overlaps_the_end_adds_what_is_new(attempt: Attempt) -> None:
    assert append_log(attempt=attempt, offset=4, chunk=b"o world") == 11

    assert _text() == b"hello world"


@pytest.mark.parametrize(("offset", "chunk"), [(7, b"world"), (0, b"other"), (3, b"LO world"), (7, b"")])
def test_chunk_that_does_not_fit_is_told_where_to_go_on(attempt: Attempt, offset: int, chunk: bytes) -> None:
    with pytest.raises(WrongOffset, match="go on from there") as refused:
        append_log(attempt=attempt, offset=offset, chunk=chunk)

    assert refused.value.size == 6
    assert _text() == b"hello "


def test_log_has_a_largest_size(attempt: Attempt, settings: pytest.FixtureRequest) -> None:
    settings.MAX_LOG_BYTES = 8  # type: ignore[attr-defined]

    with pytest.raises(TooLarge):
        append_log(attempt=attempt, offset=6, chunk=b"abc")

    assert append_log(attempt=attempt, offset=6, chunk=b"ab") == 8
