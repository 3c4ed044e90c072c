"""What an old workbook (``.xls``) says of its cells besides their values."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from probation_etl.discreet import Discreet
from probation_etl.intake.readers.base import Otherwise
from probation_etl.intake.readers.biff import records_of, sheets_of
from probation_etl.intake.readers.looks.binary import LEVELS, Book, raised_text, short_number, styles_of
from probation_etl.intake.readers.looks.sheet import SheetLooks
from probation_etl.intake.readers.looks.xls_texts import format_code, inline_text, rich_strings

#: Types of records: of the book, and of a sheet.
_BEGIN, _FROM_1904, _FONT, _FORMAT, _STYLE, _TEXTS, _CONTINUED = 0x809, 0x22, 0x31, 0x41E, 0xE0, 0xFC, 0x3C
_ROW, _COLUMNS, _NUMBER, _SHORT, _SHORTS, _FORMULAS = 0x208, 0x7D, 0x203, 0x27E, 0xBD, (0x6, 0x206, 0x406)
_SHARED, _INLINE, _RICH = 0xFD, 0x204, 0xD6
_NO_HEIGHT, _OWN_HEIGHT, _NO_NUMBER = 0x20, 0x40, 0xFFFF
#: No font has this number; those behind it are counted as if one had.
_NO_FONT = 4
_UNICODE = 0x600


@dataclass
class _Book(Book):
    unicode: bool = True


def looks_of_xls(stream: bytes) -> dict[str, SheetLooks]:
    """What is to be known of each sheet, by its name.

    Args:
        stream: The records of the workbook.
    """
    try:
        book = _read_book(stream)
        return {name: _looks_of_sheet(stream, begin, book) for name, begin in sheets_of(stream)}
    except (struct.error, IndexError):
        return {}


def _records(stream: bytes, begin: int) -> Iterator[tuple[int, bytes]]:
    """Type and body of each record of one sequence, without those of the sequences within it."""
    for kind, at, size, depth in records_of(stream, begin):
        if depth == 1:
            yield kind, stream[at : at + size]


def _read_book(stream: bytes) -> _Book:
    book, found, texts, before = _Book(), _Found(), [b""], 0
    for kind, body in _records(stream, 0):
        if kind == _BEGIN:
            book.unicode = struct.unpack_from("<H", body)[0] >= _UNICODE
        elif kind == _FROM_1904:
            book.from_1904 = body[:1] == b"\1"
        elif kind == _TEXTS:
            texts = [body]
        elif kind == _CONTINUED and before == _TEXTS:
            texts.append(body)
        else:
            found.take(kind, body, unicode=book.unicode)
        before = before if kind == _CONTINUED else kind
    book.styles, book.levels = styles_of(found.used, found.codes, found.levels), found.levels
    if book.levels:
        raised = ((number, raised_text(*each, book.levels)) for number, each in rich_strings(texts))
        book.strings = {number: text for number, text in raised if text}
    return book


@dataclass
class _Found(Discreet):
    """Fonts that raise or lower characters, codes of formats, and the code and font of each style."""

    levels: dict[int, int] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)
    used: list[tuple[int, int]] = field(default_factory=list)
    fonts: int = 0

    def take(self, kind: int, body: bytes, *, unicode: bool) -> None:
        if kind == _FONT:
            self.fonts += self.fonts == _NO_FONT
            if level := LEVELS.get(struct.unpack_from("<H", body, 8)[0], 0):
                self.levels[self.fonts] = level
            self.fonts += 1
        elif kind == _FORMAT:
            self.codes[struct.unpack_from("<H", body)[0]] = format_code(body[2:], unicode=unicode)
        elif kind == _STYLE:
            font, code = struct.unpack_from("<HH", body)
            self.used.append((code, font))


def _looks_of_sheet(stream: bytes, begin: int, book: _Book) -> SheetLooks:
    looks = SheetLooks()
    for kind, body in _records(stream, begin):
        if kind == _ROW:
            row, height, flags = struct.unpack_from("<H4xH4xH", body)
            if flags & _NO_HEIGHT or (flags & _OWN_HEIGHT and not height):
                looks.hidden_rows.append(range(row, row + 1))
        elif kind == _COLUMNS:
            first, last, width, flags = struct.unpack_from("<HHH2xH", body)
            if flags & 1 or not width:
                looks.hidden_columns.append(range(first, last + 1))
        elif kind in (_SHARED, _INLINE, _RICH):
            _add_text(kind, body, book, looks)
        else:
            _add_numbers(kind, body, book, looks)
    return looks


def _add_text(kind: int, body: bytes, book: _Book, looks: SheetLooks) -> None:
    row, column, number = struct.unpack_from("<HHH", body)
    raised = None
    if kind == _SHARED:
        raised = book.strings.get(struct.unpack_from("<I", body, 6)[0])
    elif kind == _RICH and book.levels:
        raised = raised_text(*inline_text(body[6:], unicode=book.unicode), book.levels)
    if raised:
        looks.add(row, column, (raised, Otherwise.RAISED))
    elif (style := book.style(number)).changes_texts:
        looks.styled.append((row, column, style))


def _add_numbers(kind: int, body: bytes, book: _Book, looks: SheetLooks) -> None:
    for row, column, number, value in _numbers(kind, body):
        style = book.style(number)
        if value is not None:
            looks.add(row, column, style.of_number(value, from_1904=book.from_1904))
        if style.level or (value is None and style.changes_texts):
            looks.styled.append((row, column, style))


def _numbers(kind: int, body: bytes) -> Iterator[tuple[int, int, int, float | None]]:
    """Row, column, style and value of each cell of a record; the value of a formula may be no number."""
    if kind == _NUMBER:
        yield struct.unpack_from("<HHHd", body)
    elif kind == _SHORT:
        row, column, style, packed = struct.unpack_from("<HHHI", body)
        yield row, column, style, short_number(packed)
    elif kind == _SHORTS:
        row, column = struct.unpack_from("<HH", body)
        for count, (style, packed) in enumerate(struct.iter_unpack("<HI", body[4 : 4 + (len(body) - 6) // 6 * 6])):
            yield row, column + count, style, short_number(packed)
    elif kind in _FORMULAS:
        row, column, style, value = struct.unpack_from("<HHHd", body)
        text = struct.unpack_from("<H", body, 12)[0] == _NO_NUMBER
        if not text:
            yield row, column, style, value
        elif body[6] == 0:
            yield row, column, style, None
