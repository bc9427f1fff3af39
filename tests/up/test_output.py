"""Logs of many processes in one stream."""

from io import StringIO

import pytest

from zooboard.up.output import LineSplitter, Printer


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


class Gone(StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def split(*chunks: bytes) -> list[str]:
    splitter = LineSplitter()
    return [line for chunk in chunks for line in splitter.feed(chunk)] + splitter.rest()


def test_every_line_has_the_name_in_front() -> None:
    stream = StringIO()

    Printer(stream).line("web", "first")
    Printer(stream).line("migrate", "second")

    assert stream.getvalue() == "web        | first\nmigrate    | second\n"


def test_chunks_become_lines_wherever_they_are_cut() -> None:
    assert split(b"first\r\nsec", b"on", b"d\n\nthird\n", b"last") == ["first", "second", "", "third", "last"]


def test_output_without_a_last_line_has_none() -> None:
    assert split(b"only\n") == ["only"]


def test_bytes_that_are_no_text_are_shown_anyway() -> None:
    assert split(b"caf\xe9\n") == ["caf\N{REPLACEMENT CHARACTER}"]


def test_terminal_gets_a_colour_for_each_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    printer = Printer(stream)

    for name in ("web", "beat", "web"):
        printer.line(name, "x")

    first, second, third = stream.getvalue().splitlines()
    assert first == third == "\x1b[36mweb        |\x1b[0m x"
    assert second.startswith("\x1b[33m")


def test_terminal_without_colours_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()

    Printer(stream).line("web", "x")

    assert stream.getvalue() == "web        | x\n"


def test_reader_that_went_away_is_no_error() -> None:
    stream = Gone()

    Printer(stream).line("web", "unread")

    assert stream.getvalue() == ""
