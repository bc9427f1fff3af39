from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from runners import record, wire

GOLDEN = Path(__file__).parents[2] / "fixtures" / "wire" / "submission_request.json"


@pytest.fixture
def made() -> wire.SubmissionRequest:
    return wire.SubmissionRequest.model_validate_json(GOLDEN.read_bytes())


def test_record_is_read_as_it_was_written(made: wire.SubmissionRequest, tmp_path: Path) -> None:
    path = tmp_path / "r.json.gz"

    record.write(path, made)

    assert record.read(path) == (made, path.read_bytes())
    assert [file.name for file in tmp_path.iterdir()] == ["r.json.gz"]


def test_same_record_is_the_same_bytes(made: wire.SubmissionRequest) -> None:
    assert record.packed(made) == record.packed(made.model_copy())


def test_record_that_cannot_be_written_says_what_to_do(made: wire.SubmissionRequest, tmp_path: Path) -> None:
    with pytest.raises(record.RecordError, match="Choose another file with --out"):
        record.write(tmp_path / "nowhere" / "r.json.gz", made)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not whole"),
        (b"text", "not gzip"),
        (gzip.compress(b"{}" * 100)[:20], "not whole"),
        (gzip.compress(b"{}"), "is no record"),
        (gzip.compress(b"not json"), "the JSON is wrong"),
        (gzip.compress(b"0" * (record.LARGEST_BYTES + 1)), "unpacks to more"),
    ],
)
def test_file_that_is_no_record_is_one_sentence(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "r.json.gz"
    path.write_bytes(content)

    with pytest.raises(record.RecordError, match=says):
        record.read(path)


def test_missing_record_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(record.RecordError, match="No such file"):
        record.read(tmp_path / "r.json.gz")
