from __future__ import annotations

import io
import time
from collections.abc import Callable
from contextlib import redirect_stderr
from importlib import import_module

import pytest

from probation_etl.cli.progress import FileProgress

SHOWN_BY_NOW = 0.6
WIPED = "\x1b[2K"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(import_module("probation_etl.cli.progress"), "_AFTER_SECONDS", 0.0)


def take_a_file(progress: FileProgress) -> None:
    progress("loans\x1b[2J.csv", 2, 5)
    time.sleep(SHOWN_BY_NOW)


def shown(stream: io.StringIO, *, quiet: bool = False, work: Callable[[FileProgress], None] = take_a_file) -> str:
    # Not in a fixture: pytest puts streams of its own in place before the test itself.
    with redirect_stderr(stream), FileProgress(quiet=quiet) as progress:
        work(progress)
    return stream.getvalue()


def test_on_a_terminal_it_says_which_file_and_how_many_are_done() -> None:
    text = shown(Terminal())
    assert "loans\\x1b[2J.csv" in text
    assert "2/5" in text
    assert "\x1b[2J" not in text
    assert text.endswith(WIPED)


def test_work_that_is_soon_done_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("probation_etl.cli.progress"), "_AFTER_SECONDS", 60.0)
    assert shown(Terminal(), work=lambda progress: progress("loans.csv", 0, 1)) == ""


def test_quiet_shows_nothing() -> None:
    assert shown(Terminal(), quiet=True) == ""


def test_where_nobody_looks_nothing_is_shown() -> None:
    assert shown(io.StringIO()) == ""


def test_an_error_passes_through_and_the_bar_is_gone() -> None:
    stream = Terminal()

    def fail(progress: FileProgress) -> None:
        take_a_file(progress)
        raise ValueError("oh")

    with pytest.raises(ValueError, match="oh"):
        shown(stream, work=fail)
    assert "2/5" in stream.getvalue()
    assert stream.getvalue().endswith(WIPED)
