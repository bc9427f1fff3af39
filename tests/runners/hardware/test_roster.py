from __future__ import annotations

from pathlib import Path

import pytest

from runners.hardware.roster import FIRST_RECHECK_S, LONGEST_RECHECK_S, Roster
from runners.hardware.suspects import Suspects
from runners.wire import DeviceOffer, FailureKind, SelfCheck
from tests.runners.hardware.pieces import Piece


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def check_of(roster: Roster) -> SelfCheck | None:
    [offer] = roster.offers()
    return offer.self_check


def fingerprint_of(piece: Piece) -> str:
    offer = piece.offer()
    assert offer is not None
    return offer.fingerprint


def test_offers_are_of_what_is_there_now() -> None:
    here, gone = Piece("here"), Piece("gone")
    roster = Roster([here, gone])
    gone.is_there = False

    offers = roster.offers()

    assert [offer.kind_name for offer in offers] == ["here"]
    assert offers[0].self_check is None
    found = roster.find(fingerprint_of(here))
    assert found is not None
    assert found[0] is here


def test_order_for_a_device_that_was_not_offered_last_finds_none() -> None:
    piece = Piece()
    roster = Roster([piece])
    fingerprint = fingerprint_of(piece)
    roster.offers()
    piece.is_there = False
    roster.offers()

    assert roster.find(fingerprint) is None


def test_two_ways_to_the_same_device_are_one_offer() -> None:
    roster = Roster([Piece("same"), Piece("same")])

    assert len(roster.offers()) == 1


@pytest.mark.parametrize("kind", [FailureKind.DEVICE, FailureKind.INFRASTRUCTURE])
def test_device_is_checked_after_a_failure_that_may_be_its_own(kind: FailureKind) -> None:
    piece = Piece()
    roster = Roster([piece])

    roster.failed(fingerprint_of(piece), kind=kind, attempt_id=70)

    assert check_of(roster) == SelfCheck(is_ok=True, text="well", after_attempt_id=70)
    assert check_of(roster) == SelfCheck(is_ok=True, text="well", after_attempt_id=70)
    assert piece.checks == 1


@pytest.mark.parametrize("kind", [FailureKind.USER, FailureKind.ENGINE])
def test_device_is_not_checked_after_a_failure_of_the_order_or_the_engine(kind: FailureKind) -> None:
    piece = Piece()
    roster = Roster([piece])

    roster.failed(fingerprint_of(piece), kind=kind, attempt_id=70)

    assert check_of(roster) is None
    assert piece.checks == 0


def test_check_is_repeated_ever_more_rarely_until_it_passes() -> None:
    piece, clock = Piece(), Clock()
    roster = Roster([piece], clock_s=clock)
    piece.is_well = False
    roster.failed(fingerprint_of(piece), kind=FailureKind.DEVICE, attempt_id=70)

    checks = []
    for _ in range(200):
        assert check_of(roster) == SelfCheck(is_ok=False, text="ill", after_attempt_id=70)
        checks.append(piece.checks)
        clock.now_s += FIRST_RECHECK_S
    piece.is_well = True
    clock.now_s += LONGEST_RECHECK_S

    assert checks[:4] == [1, 2, 2, 3]
    assert checks[-1] < 12
    healed = check_of(roster)
    assert healed is not None
    assert healed.is_ok


def test_another_failure_calls_for_another_check() -> None:
    piece = Piece()
    roster = Roster([piece])
    roster.failed(fingerprint_of(piece), kind=FailureKind.DEVICE, attempt_id=70)
    roster.offers()

    roster.failed(fingerprint_of(piece), kind=FailureKind.DEVICE, attempt_id=71)

    assert check_of(roster) == SelfCheck(is_ok=True, text="well", after_attempt_id=71)
    assert piece.checks == 2


def test_restart_forgets_no_failure(tmp_path: Path) -> None:
    piece = Piece()
    first = Roster([piece], Suspects(tmp_path / "suspects.json"))
    first.failed(fingerprint_of(piece), kind=FailureKind.DEVICE, attempt_id=70)

    again = Roster([piece], Suspects(tmp_path / "suspects.json"))

    assert check_of(again) == SelfCheck(is_ok=True, text="well", after_attempt_id=70)


@pytest.mark.parametrize("content", ["", "[]", '{"a": "b"}'])
def test_broken_list_of_suspects_is_an_empty_one(tmp_path: Path, content: str) -> None:
    (tmp_path / "suspects.json").write_text(content)

    assert Suspects(tmp_path / "suspects.json").all() == {}


def test_device_whose_code_fails_does_not_take_the_others_away(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Piece):
        def offer(self) -> DeviceOffer | None:
            raise ZeroDivisionError("a bug")

        def clean_up(self) -> None:
            raise ZeroDivisionError("a bug")

    roster = Roster([Broken("broken"), healthy := Piece("healthy")])

    roster.clean_up()
    offers = roster.offers()

    assert [offer.kind_name for offer in offers] == ["healthy"]
    assert healthy.cleaned == 1
    assert "broken is not offered" in caplog.text


def test_self_check_that_fails_itself_is_not_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    piece = Piece()
    roster = Roster([piece])
    monkeypatch.setattr(piece, "self_check", lambda: 1 / 0)

    roster.failed(fingerprint_of(piece), kind=FailureKind.DEVICE, attempt_id=70)

    check = check_of(roster)
    assert check is not None
    assert (check.is_ok, check.text) == (False, "The self-check itself failed: ZeroDivisionError: division by zero")


def test_self_check_names_no_folder_of_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    piece = Piece()
    roster = Roster([piece])
    monkeypatch.setattr(piece, "self_check", lambda: (False, "/srv/jane/bench/trtexec does not start."))

    roster.failed(fingerprint_of(piece), kind=FailureKind.DEVICE, attempt_id=70)

    check = check_of(roster)
    assert check is not None
    assert check.text == "…/trtexec does not start."
