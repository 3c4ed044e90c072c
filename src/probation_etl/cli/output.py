"""What is printed, and what goes to the file that the user names."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from probation_etl.files import explained, write_file

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_WIDTH_WITHOUT_TERMINAL = 200
_STANDARD_ERROR = 2
_ESCAPES = "probation-etl-escapes"
#: Colours of verdicts and severities. They only repeat what the words say.
_STYLES = {
    "rejected": "bold red", "error": "red", "partly accepted": "yellow", "accepted with warnings": "yellow",
    "warning": "yellow", "accepted": "green",
}  # fmt: skip


def make_writable(stream: TextIO) -> None:
    """Lets every text be written to a stream, whatever the locale says.

    Where it says ASCII, which most often means that nobody chose, the encoding is UTF-8. Otherwise a character that the
    encoding lacks is written by its number, in a form that JSON reads as that character.
    """
    if isinstance(stream, TextIOWrapper):
        codecs.register_error(_ESCAPES, _escaped)
        ascii_alone = codecs.lookup(stream.encoding).name == "ascii"
        stream.reconfigure(encoding="utf-8" if ascii_alone else None, errors=_ESCAPES)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", errors="surrogatepass")
    return "".join(f"\\u{int.from_bytes(units[at : at + 2]):04x}" for at in range(0, len(units), 2)), error.end


def keep_standard_error() -> None:
    """From here on standard error is for us alone, as lines of one format.

    What a library prints there by itself, past Python, may quote a cell: polars does so when it panics.
    """
    with suppress(OSError, ValueError):
        ours = os.dup(sys.stderr.fileno())
        sys.stderr = os.fdopen(ours, "w", buffering=1, encoding=sys.stderr.encoding, errors="backslashreplace")
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, _STANDARD_ERROR)
        os.close(nowhere)


def open_closed_streams() -> None:
    """Opens standard streams that were closed before we began: the next file to be opened, such as a store, would take their place."""
    for number in range(_STANDARD_ERROR + 1):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the system gives the lowest number that is free
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 -- to the end of the process


def say_aloud(text: str) -> None:
    """Prints a message on standard error. Where that is impossible, the exit code has to say it."""
    with suppress(OSError):
        click.echo(text, err=True)


def flush_or_forget() -> None:
    """Writes what is left. What cannot be written cannot be written by the interpreter either, which would change the exit code."""
    for name in ("stdout", "stderr"):
        try:
            if stream := getattr(sys, name):
                stream.flush()
        except OSError:
            setattr(sys, name, None)


def emit(text: str | Iterable[str], output: Path | None) -> None:
    """Prints the text, or writes it to a file, with a question mark for what cannot be encoded.

    Args:
        text: The text without the end of its last line; or its parts, which are not all in memory then.
        output: The file.

    Raises:
        EnvironmentFailure: The file cannot be written.
    """
    whole = [f"{text}\n"] if isinstance(text, str) else _ended(text)
    parts = (each.encode("utf-8", errors="replace").decode() for each in whole)
    if output is None:
        for each in parts:
            click.echo(each, nl=False)
    else:
        save(parts, output)


def _ended(parts: Iterable[str]) -> Iterator[str]:
    """The parts, and instead of the end of the last line one that is the same everywhere."""
    before = ""
    for each in parts:
        yield before
        before = each
    yield before.rstrip("\r\n") + "\n"


def save(content: str | bytes | Iterable[str], output: Path) -> None:
    """Writes the file that the user names.

    Raises:
        EnvironmentFailure: It cannot be written.
    """
    with explained(f"The file {output} cannot be written"):
        write_file(output, content)


def console_on(stream: TextIO | None = None) -> Console:
    """A console for tables: on a terminal in colour and in its width.

    Args:
        stream: Where to; standard output by default.
    """
    from rich.console import Console

    target = stream or sys.stdout
    width = None if target.isatty() else _WIDTH_WITHOUT_TERMINAL
    return Console(file=target, width=width, highlight=False, markup=False, emoji=False)


def show_table(header: Sequence[str], rows: Iterable[Sequence[object]], console: Console | None = None) -> None:
    """Prints a table: numbers to the right with thousands separators, verdicts and severities in colour."""
    listed = list(rows)
    target = console or console_on()
    numeric = [any(isinstance(row[at], int) for row in listed) for at in range(len(header))]
    lines = (
        None
        if target.is_terminal
        else _lined_up([header, *([*map(_text, row)] for row in listed)], numeric, target.width)
    )
    if lines is not None:
        target.file.writelines(f"{line}\n" for line in lines)
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for at, name in enumerate(header):
        table.add_column(name, justify="right" if numeric[at] else "left", overflow="fold", no_wrap=numeric[at])
    for row in listed:
        table.add_row(*map(_cell, row))
    if target.is_terminal:
        target.print(table)
        return
    with target.capture() as printed:
        target.print(table)
    target.file.write("".join(f"{line.rstrip()}\n" for line in printed.get().splitlines()))


def _cell(value: object) -> Text:
    from rich.text import Text

    text = _text(value)
    return Text(text, style=_STYLES.get(text, ""))


def _text(value: object) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int) else plain(str(value))


def _lined_up(rows: Sequence[Sequence[str]], to_the_right: Sequence[bool], most: int) -> list[str] | None:
    """The lines of a table in which nothing has to be folded, as the library would draw it in many times the time; else None."""
    from rich.cells import cell_len

    lengths = [[len(text) if text.isascii() else cell_len(text) for text in row] for row in rows]
    widths = [max(column) for column in zip(*lengths, strict=True)]
    if sum(widths) + 2 * (len(widths) - 1) > most:
        return None
    lines = []
    for row, taken in zip(rows, lengths, strict=True):
        spaces = [" " * (width - length) for width, length in zip(widths, taken, strict=True)]
        cells = zip(row, spaces, to_the_right, strict=True)
        lines.append("  ".join(space + text if right else text + space for text, space, right in cells).rstrip())
    return lines


def plain(text: str) -> str:
    """Text that is safe on a terminal: control and direction characters are shown as codes."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def printable(text: str) -> str:
    """Lines of text that are safe on a terminal, such as an error that names a file."""
    return "\n".join(map(plain, text.split("\n")))
