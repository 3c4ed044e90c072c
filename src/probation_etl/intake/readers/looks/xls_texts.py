"""Texts in the records of an old workbook (``.xls``): the codes of formats, and rich texts with their runs."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from probation_etl.intake.readers.looks.binary import run_starts

_WIDE, _MORE, _RICH = 1, 4, 8
#: A text and where its runs begin, with their fonts.
RichText = tuple[str, list[tuple[int, int]]]


def format_code(body: bytes, *, unicode: bool) -> str:
    """The code of a format."""
    if not unicode:
        return body[1 : 1 + body[0]].decode("cp1252", "replace")
    (length,) = struct.unpack_from("<H", body)
    return _decoded(body[3:], length, wide=bool(body[2] & _WIDE))


def inline_text(body: bytes, *, unicode: bool) -> RichText:
    """A rich text that stands in its cell."""
    (length,) = struct.unpack_from("<H", body)
    if not unicode:
        runs = body[3 + length :]
        return body[2 : 2 + length].decode("cp1252", "replace"), [*zip(runs[::2], runs[1::2], strict=False)]
    wide = bool(body[2] & _WIDE)
    return _decoded(body[3:], length, wide=wide), run_starts(body[5 + length * (2 if wide else 1) :])


def rich_strings(segments: Sequence[bytes]) -> Iterator[tuple[int, RichText]]:
    """Number and content of each shared text with runs.

    Args:
        segments: The record of the shared texts, and those that continue it.
    """
    return ((number, text) for number, text in enumerate(shared_strings(segments)) if text[1])


def declared_strings(segments: Sequence[bytes]) -> int:
    """How many shared texts there are said to be."""
    head = _Cursor(segments).take(8)
    return int(struct.unpack_from("<I", head, 4)[0]) if len(head) == 8 else 0


def shared_strings(segments: Sequence[bytes]) -> Iterator[RichText]:
    """Content of each shared text; it has no runs where it is not rich.

    Args:
        segments: The record of the shared texts, and those that continue it.
    """
    cursor = _Cursor(segments)
    cursor.take(8)
    for _ in range(declared_strings(segments)):
        start = cursor.take(3)
        if len(start) < 3:
            return
        length, flags = struct.unpack("<HB", start)
        runs = int.from_bytes(cursor.take(2), "little") if flags & _RICH else 0
        more = int.from_bytes(cursor.take(4), "little") if flags & _MORE else 0
        text = cursor.characters(length, wide=bool(flags & _WIDE))
        starts = run_starts(cursor.take(4 * runs))
        cursor.take(more)
        yield text, starts


def _decoded(body: bytes, length: int, *, wide: bool) -> str:
    return body[: 2 * length].decode("utf-16-le", "replace") if wide else body[:length].decode("latin-1")


class _Cursor:
    """Reads on over the ends of segments. Characters that go on in the next one begin with a byte on their width."""

    def __init__(self, segments: Sequence[bytes]) -> None:
        self._segments, self._number, self._at = segments, 0, 0

    def take(self, size: int) -> bytes:
        taken = b""
        while self._number < len(self._segments):
            taken += self._next(size - len(taken))
            if len(taken) >= size:
                break
            self._number, self._at = self._number + 1, 0
        return taken

    def characters(self, length: int, *, wide: bool) -> str:
        text = ""
        while self._number < len(self._segments):
            left = length - len(text)
            text += _decoded(self._next(left * (2 if wide else 1)), left, wide=wide)
            if len(text) >= length or self._number + 1 >= len(self._segments):
                break
            self._number, self._at = self._number + 1, 1
            wide = bool(self._segments[self._number][:1] and self._segments[self._number][0] & _WIDE)
        return text

    def _next(self, size: int) -> bytes:
        piece = self._segments[self._number][self._at : self._at + size]
        self._at += len(piece)
        return piece
