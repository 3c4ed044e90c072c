"""Refuses a text with a line that is longer than that of any table, or with far too many, before anything is made of it.

A cell of 450 MB, or as many delimiters or line ends, would take many times its size as text, and again as cells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import BinaryIO

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits, check_file_size, check_limit
from probation_etl.intake.readers.parquet_arrow import is_columnar, is_parquet
from probation_etl.intake.received import Received

_ENDS = (b"\n", b"\r")
_PIECE = 1 << 18
#: How files begin whose bytes are not lines.
_NO_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"PAR1", b"ARROW1")
#: Texts up to so many bytes are read into memory as a whole: in pieces, which wait on disk, they take nearly twice the time. So are
#: Arrow files.
LONG = 1 << 27
#: How many times larger than a Parquet file its rows are as text, mostly.
_PACKED = 8
#: Smaller files are read into memory at once: they cost no more than the program itself.
_LARGE = 1 << 25


def check_lines(data: bytes, limits: Limits = DEFAULT_LIMITS) -> None:
    """Refuses a text with a line of more bytes than the limit, or with so many that they are more than the rows of a table.

    Lines are more than rows only where cells in quotation marks have several: of such, twice as many are looked at.

    Raises:
        UnreadableFile: There is one, with the code ``too-large``.
    """
    size = _piece(limits)
    _check((data[at : at + size] for at in range(0, len(data), size)), limits)


def check_long_text(data: Received, limits: Limits = DEFAULT_LIMITS) -> None:
    """The same of a text that waits on disk.

    Raises:
        UnreadableFile: There is one, with the code ``too-large``.
    """
    size = _piece(limits)
    _check((part[at : at + size] for part in data.parts() for at in range(0, len(part), size)), limits)


def check_large_file(file: BinaryIO, size: int, limits: Limits = DEFAULT_LIMITS) -> bool:
    """Refuses a file that is too large, or a large text with such a line, before it is read into memory.

    Args:
        file: The file, which is left at its beginning.
        size: Its bytes.
        limits: How much is read.

    Returns:
        Whether it is a file that is not read into memory as a whole.

    Raises:
        UnreadableFile: It is refused, with the code ``too-large``.
    """
    begin = file.read(len(max(_NO_TEXT, key=len)))
    file.seek(0)
    is_text = not begin.startswith(_NO_TEXT)
    is_long = (is_text or is_columnar(begin)) and size > (LONG // _PACKED if is_parquet(begin) else LONG)
    bounds = limits if is_long else limits.of_a_whole
    check_file_size(size, bounds)
    if is_text and size > min(_LARGE, LONG):
        _check(iter(lambda: file.read(_piece(limits)), b""), bounds)
        file.seek(0)
    return is_long


def _piece(limits: Limits) -> int:
    """As many bytes as are looked at together: no line within them is too long."""
    return max(1, min(_PIECE, limits.line_bytes))


def _check(pieces: Iterable[bytes], limits: Limits) -> None:
    begin = at = 0
    ends: Counter[bytes] = Counter()
    has_quoted = False
    for piece in pieces:
        found = {end: place for end in _ENDS if (place := piece.find(end)) >= 0}
        if at + min(found.values(), default=len(piece)) - begin > limits.line_bytes:
            raise _too_long(begin, limits)
        if found:
            begin = at + max(map(piece.rfind, found)) + 1
            ends.update({end: piece.count(end) for end in found})
        has_quoted = has_quoted or b'"' in piece
        at += len(piece)
    lines = max(ends.values(), default=0)
    if lines > 2 * limits.rows or (lines > limits.rows and not has_quoted):
        check_limit(lines, limits.rows, "lines")


def _too_long(begin: int, limits: Limits) -> UnreadableFile:
    return UnreadableFile(
        f"The file has a line of more than {limits.line_bytes:,} bytes, which begins at byte {begin + 1:,}: no "
        "table has. Perhaps it is no text, or its lines end in another way than by a line feed or a carriage return.",
        code="too-large",
    )
