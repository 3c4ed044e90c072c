"""Tables for a terminal; as plain lines of the same columns where they are read by something else."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from probation_etl.reports.model import ReturnReport

_WIDTH_WITHOUT_TERMINAL = 200
#: Colours of words that say how something came out; a terminal that shows none loses nothing.
_STYLES = {
    "rejected": "bold red", "error": "red", "partly accepted": "yellow", "accepted with warnings": "yellow",
    "warning": "yellow", "accepted": "green",
}  # fmt: skip


def console_on(stream: TextIO | None = None) -> Console:
    """What tables are printed with: in colour, and as wide as it is, on a terminal alone.

    Args:
        stream: Where to; standard output by default.
    """
    target = stream or sys.stdout
    width = None if target.isatty() else _WIDTH_WITHOUT_TERMINAL
    return Console(file=target, width=width, highlight=False, markup=False, emoji=False)


def show_table(header: Sequence[str], rows: Iterable[Sequence[object]], console: Console | None = None) -> None:
    """Prints a table: numbers to the right, with their thousands set apart, and words of outcome in their colours."""
    listed = list(rows)
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for at, name in enumerate(header):
        numeric = any(isinstance(row[at], int) for row in listed)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold", no_wrap=numeric)
    for row in listed:
        table.add_row(*map(_cell, row))
    target = console or console_on()
    if target.is_terminal:
        target.print(table)
        return
    with target.capture() as printed:
        target.print(table)
    target.file.write("".join(f"{line.rstrip()}\n" for line in printed.get().splitlines()))


def _cell(value: object) -> Text:
    text = "" if value is None else f"{value:,}" if isinstance(value, int) else plain(str(value))
    return Text(text, style=_STYLES.get(text, ""))


def verdict_of(report: ReturnReport) -> str:
    """A verdict in words; a nil return is called so unless there is more to say of it."""
    nil = report.nil and report.verdict == "accepted"
    return "nil return" if nil else report.verdict.replace("_", " ")


def plain(text: str) -> str:
    """Text that cannot steer the terminal: control and direction characters of a file's name are shown, not obeyed."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
