from __future__ import annotations

import io
import sys
import time
from importlib import import_module

import pytest

from probation_etl.cli.progress import FileProgress

SHOWN_BY_NOW = 0.6


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(import_module("probation_etl.cli.progress"), "_AFTER_SECONDS", 0.0)
    return stream


def work(progress: FileProgress) -> None:
    with progress:
        progress("loans\x1b[2J.csv", 2, 5)
        time.sleep(SHOWN_BY_NOW)


def test_on_a_terminal_it_says_which_file_and_how_many_are_done(terminal: Terminal) -> None:
    work(FileProgress())
    assert "loans\\x1b[2J.csv" in terminal.getvalue()
    assert "2/5" in terminal.getvalue()


def test_work_that_is_soon_done_shows_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("probation_etl.cli.progress"), "_AFTER_SECONDS", 60.0)
    with FileProgress() as progress:
        progress("loans.csv", 0, 1)
    assert terminal.getvalue() == ""


def test_quiet_shows_nothing(terminal: Terminal) -> None:
    work(FileProgress(quiet=True))
    assert terminal.getvalue() == ""


def test_where_nobody_looks_nothing_is_shown(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    work(FileProgress())
    assert stream.getvalue() == ""


def test_an_error_passes_through_and_the_bar_is_gone(terminal: Terminal) -> None:
    def fail() -> None:
        with FileProgress():
            time.sleep(SHOWN_BY_NOW)
            raise ValueError("oh")

    with pytest.raises(ValueError, match="oh"):
        fail()
    assert "reading contracts" in terminal.getvalue()
    # The last it does is to wipe its line.
    assert terminal.getvalue().rstrip("\n").endswith("\x1b[2K")
