"""A table of any length is written while it is read: no more of it is held than two chunks."""

from collections.abc import Iterator

import pytest

from apps.core.tables import CHUNK_ROWS, FORMATS, TableColumn

CHUNKS = 6
COLUMNS = (TableColumn("number", "integer", "id", "A number"), TableColumn("name", "text", "name", "A name"))


@pytest.mark.parametrize("kind", FORMATS)
def test_rows_are_read_as_their_pieces_are_sent(kind: str) -> None:
    read = 0

    def rows() -> Iterator[tuple[int, str]]:
        nonlocal read
        for number in range(CHUNKS * CHUNK_ROWS):
            read += 1
            yield number, f"row {number}"

    sent = 0
    for _ in FORMATS[kind].write(COLUMNS, rows()):
        assert read <= (sent + 1) * CHUNK_ROWS + 1
        sent += 1

    assert read == CHUNKS * CHUNK_ROWS
    assert sent >= CHUNKS
