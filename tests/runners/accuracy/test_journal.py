"""The journal of an accuracy, interrupted anywhere."""

from __future__ import annotations

import resource
import signal
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


DAMAGED = (b'{"predicted": [1\x00\r2], "ranks": [0], "unreadable": []}\n', b'{"predicted": [1], "ranks": []}\n', b"\n")


def damaged(path: Path, line: bytes) -> int:
    """A journal whose third of four batches is `line`; how many of its bytes are good."""
    journal = Journal(path, HEADER)
    journal.append(BATCH)
    journal.append(BATCH)
    journal.close()
    good_bytes = path.stat().st_size
    with path.open("ab") as file:
        file.write(line + BATCH.model_dump_json().encode() + b"\n")
    return good_bytes


@pytest.mark.parametrize("line", DAMAGED)
def test_batches_before_a_damaged_line_are_kept_and_gone_on_from(tmp_path: Path, line: bytes) -> None:
    good_bytes = damaged(tmp_path / "journal", line)

    journal = Journal(tmp_path / "journal", HEADER)
    kept, kept_bytes = list(journal.batches), (tmp_path / "journal").stat().st_size
    journal.append(BATCH)
    journal.close()
    again = Journal(tmp_path / "journal", HEADER)
    again.close()

    assert (kept, kept_bytes) == ([BATCH, BATCH], good_bytes)
    assert again.batches == [BATCH] * 3


@pytest.mark.parametrize("line", DAMAGED)
def test_follower_stops_before_a_damaged_line_and_goes_on_with_its_writer(tmp_path: Path, line: bytes) -> None:
    damaged(tmp_path / "journal", line)
    follower = Follower(tmp_path / "journal")

    before = follower.images()
    journal = Journal(tmp_path / "journal", HEADER)
    journal.append(BATCH)
    journal.close()

    assert (before, follower.images()) == (4, 6)


def test_full_disk_is_one_sentence_and_what_was_whole_is_taken_over(tmp_path: Path) -> None:
    # The limit of a file's size makes the kernel cut a write short and refuse the next one, as a full disk does.
    path, soft_hard = tmp_path / "journal", resource.getrlimit(resource.RLIMIT_FSIZE)
    journal = Journal(path, HEADER)
    journal.append(BATCH)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 5, soft_hard[1]))

    try:
        with pytest.raises(OSError, match=r"cannot be written: File too large\. Make room"):
            journal.append(BATCH)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, soft_hard)
        signal.signal(signal.SIGXFSZ, before)
    journal.close()

    again = Journal(path, HEADER)
    again.close()
    assert journal.batches == again.batches == [BATCH]


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
