"""Downloads over real HTTP, interrupted for real."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from runners.zoo import models, published_weights
from runners.zoo.published_weights import Fetched, FetchError, fetch
from tests.runners.zoo.file_server import FileServer

CONTENT = bytes(range(256)) * 4_000
MODEL = models.find("MobileNetV1")


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer(CONTENT) as server:
        yield server


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "weights" / "w.pdparams"


def names(target: Path) -> set[str]:
    return {path.name for path in target.parent.iterdir()}


def test_fetch_writes_the_file_and_records_where_it_is_from(server: FileServer, target: Path) -> None:
    before, seen = datetime.now(UTC), list[tuple[int, int]]()

    fetched = fetch(MODEL, target, address=server.address, on_progress=lambda done, total: seen.append((done, total)))

    assert target.read_bytes() == CONTENT
    assert names(target) == {"w.pdparams", "w.pdparams.json"}
    assert Fetched.model_validate_json(published_weights.record_path(target).read_bytes()) == fetched
    assert fetched.address == server.address + "legendary_models/MobileNetV1_pretrained.pdparams"
    assert (fetched.sha256, fetched.size_bytes) == (hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
    assert fetched.fetched_at >= before
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_second_fetch_verifies_what_is_there_and_asks_nobody(server: FileServer, target: Path) -> None:
    first = fetch(MODEL, target, address=server.address)

    again = fetch(MODEL, target, address=server.address)

    assert again == first
    assert len(server.requests) == 1


def test_second_fetch_refuses_a_file_that_has_changed(server: FileServer, target: Path) -> None:
    fetch(MODEL, target, address=server.address)
    target.write_bytes(CONTENT[:-1] + b"!")

    with pytest.raises(FetchError, match="has changed since it was fetched"):
        fetch(MODEL, target, address=server.address)


def test_file_that_was_not_fetched_is_left_alone(server: FileServer, target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(b"mine")

    with pytest.raises(FetchError, match="was not fetched by this command"):
        fetch(MODEL, target, address=server.address)

    assert target.read_bytes() == b"mine"
    assert server.requests == []


def test_connection_that_breaks_is_taken_up_where_it_broke(server: FileServer, target: Path) -> None:
    server.breaks_after = 600_000

    fetch(MODEL, target, address=server.address)

    assert target.read_bytes() == CONTENT
    assert [wanted for _, wanted in server.requests] == [None, "bytes=600000-"]


def test_interrupted_fetch_continues_in_the_next_call(server: FileServer, target: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        if done > 300_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(MODEL, target, address=server.address, on_progress=interrupt)
    kept = (target.parent / "w.pdparams.part").stat().st_size
    fetch(MODEL, target, address=server.address)

    assert target.read_bytes() == CONTENT
    assert server.requests[1][1] == f"bytes={kept}-"
    assert names(target) == {"w.pdparams", "w.pdparams.json"}


def test_file_that_changed_in_between_is_fetched_from_its_beginning(server: FileServer, target: Path) -> None:
    server.breaks_after = 0
    with pytest.raises(FetchError, match="broke off"):
        fetch(MODEL, target, address=server.address)
    (target.parent / "w.pdparams.part").write_bytes(b"old beginning")
    server.content, server.etag, server.breaks_after = CONTENT[::-1], '"2"', None

    fetch(MODEL, target, address=server.address)

    assert target.read_bytes() == CONTENT[::-1]


def test_connection_that_never_brings_anything_is_given_up(server: FileServer, target: Path) -> None:
    server.breaks_after = 0

    with pytest.raises(FetchError, match="the same command continues there"):
        fetch(MODEL, target, address=server.address)

    assert len(server.requests) == published_weights.TRIES
    assert not target.exists()


def test_part_that_is_no_beginning_any_more_is_thrown_away(server: FileServer, target: Path) -> None:
    server.breaks_after = 0
    with pytest.raises(FetchError):
        fetch(MODEL, target, address=server.address)
    (target.parent / "w.pdparams.part").write_bytes(b"x")
    server.status, server.breaks_after = 416, None

    with pytest.raises(FetchError, match="416"):
        fetch(MODEL, target, address=server.address)

    assert server.requests[-1][1] is None


def test_file_that_says_it_is_too_large_is_refused_and_nothing_kept(server: FileServer, target: Path) -> None:
    with pytest.raises(FetchError, match="larger than 1000 bytes"):
        fetch(MODEL, target, address=server.address, largest_bytes=1000)

    assert names(target) == set()


def test_file_of_unstated_size_is_refused(server: FileServer, target: Path) -> None:
    server.has_length = False

    with pytest.raises(FetchError, match="does not say how large"):
        fetch(MODEL, target, address=server.address)


@pytest.mark.parametrize(
    ("status", "headers", "says"),
    [
        (404, {}, r"\(404\); PaddleClas has moved"),
        (503, {}, "answers 503"),
        (302, {"Location": "http://127.0.0.1:9/"}, "points to another address"),
        (206, {}, "another part"),
    ],
)
def test_answer_without_the_file_is_one_sentence(
    server: FileServer, target: Path, status: int, headers: dict[str, str], says: str
) -> None:
    server.status, server.headers = status, headers

    with pytest.raises(FetchError, match=says):
        fetch(MODEL, target, address=server.address)

    assert not target.exists()


def test_server_that_does_not_answer_is_one_sentence(target: Path) -> None:
    with FileServer(b"") as server:
        address = server.address

    with pytest.raises(FetchError, match=r"127\.0\.0\.1 cannot be reached"):
        fetch(MODEL, target, address=address)


def test_only_encrypted_addresses_are_asked(target: Path) -> None:
    with pytest.raises(FetchError, match="is not https"):
        fetch(MODEL, target, address="http://weights.invalid/")


def test_int8_row_says_how_to_come_by_its_weights(target: Path) -> None:
    with pytest.raises(FetchError, match="fetch MobileNetV3_large_x1_0_ssld and build it with --weights and --int8"):
        fetch(models.find(models.INT8), target)


def test_folder_that_cannot_be_written_is_named(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(FetchError, match="cannot be written"):
        fetch(MODEL, tmp_path / "file" / "w.pdparams", address=server.address)
