"""Tables for a terminal; as plain lines of the same columns where standard output is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

_WIDTH_WITHOUT_TERMINAL = 200


def show_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Prints a table on standard output."""
    table = Table(*header, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*("" if cell is None else plain(str(cell)) for cell in row))
    width = None if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL
    Console(width=width, highlight=False, markup=False, emoji=False).print(table)


def plain(text: str) -> str:
    """Text that cannot steer the terminal: control and direction characters of a file's name are shown, not obeyed."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
