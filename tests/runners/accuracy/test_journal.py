"""The journal of an accuracy, interrupted anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from runners.accuracy.journal import Batch, Follower, Header, Journal, JournalInUse

HEADER = Header(evaluation_sha256="a" * 64, dataset_sha256="b" * 64, engine_release="1")
BATCH = Batch(predicted=[1, 2], ranks=[0, 5], unreadable=[])


def test_line_that_was_cut_off_does_not_count_and_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    for _ in range(2):
        journal = Journal(path, HEADER)
        journal.append(BATCH)
        journal.close()
        with path.open("ab") as file:
            file.write(b'{"predicted": [1')

    journal = Journal(path, HEADER)
    journal.close()

    assert journal.batches == [BATCH, BATCH]
    assert path.read_bytes().endswith(b"]}\n")


def test_journal_of_another_release_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    earlier = Journal(path, HEADER)
    earlier.append(BATCH)
    earlier.close()

    journal = Journal(path, HEADER.model_copy(update={"engine_release": "2"}))
    journal.close()

    assert journal.batches == []
    assert len(path.read_bytes().splitlines()) == 1


def test_journal_has_one_writer(tmp_path: Path) -> None:
    first = Journal(tmp_path / "journal", HEADER)

    with pytest.raises(JournalInUse, match="Another process"):
        Journal(tmp_path / "journal", HEADER)
    first.append(BATCH)
    first.close()
    second = Journal(tmp_path / "journal", HEADER)
    second.close()

    assert second.batches == [BATCH]


def test_follower_counts_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    follower = Follower(path)
    counted = [follower.images()]
    journal = Journal(path, HEADER)

    for _ in range(2):
        journal.append(BATCH)
        counted.append(follower.images())
    journal.close()
    with path.open("ab") as file:
        file.write(b'{"predicted": [1')

    assert [*counted, follower.images()] == [0, 2, 4, 4]
