"""What a binary workbook (``.xlsb``) says of its cells besides their values."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from probation_etl.intake.readers.archives import Archive
from probation_etl.intake.readers.base import Otherwise
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits
from probation_etl.intake.readers.looks.binary import LEVELS, Book, raised_text, run_starts, short_number, styles_of
from probation_etl.intake.readers.looks.sheet import SheetLooks
from probation_etl.intake.readers.sheet_parts import book_part, part_of, parts_by_type
from probation_etl.intake.readers.xlsb import (
    number_at,
    records_of_xlsb,
    text_at,
    xlsb_counts_from_1904,
    xlsb_sheet_names,
)

#: Types of records: of styles and texts, and of a sheet.
_FONT, _FORMAT, _STYLE, _STYLES, _STYLES_END, _TEXT = 43, 44, 47, 617, 618, 19
_ROW, _SHORT, _REAL, _INLINE, _SHARED, _FORMULA_TEXT, _FORMULA_NUMBER, _COLUMNS, _RICH = 0, 2, 5, 6, 7, 8, 9, 60, 62
_CELLS = (_RICH, _SHORT, _REAL, _INLINE, _SHARED, _FORMULA_TEXT, _FORMULA_NUMBER)
#: A text and its runs are longer than any other record that is needed.
_WHOLE = 1 << 22
_NO_HEIGHT, _OWN_HEIGHT = 0x10, 0x20


def looks_of_xlsb(archive: Archive, limits: Limits = DEFAULT_LIMITS) -> dict[str, SheetLooks]:
    """What is to be known of each sheet, by its name."""
    main = book_part(archive, limits)
    related = parts_by_type(archive, main, limits)
    book = _read_styles(part_of(archive, related.get("styles", ""), limits))
    book.from_1904 = xlsb_counts_from_1904(part_of(archive, main, limits))
    if book.levels:
        strings = part_of(archive, related.get("sharedStrings", ""), limits)
        book.strings = dict(_raised_strings(strings, book.levels))
    names = xlsb_sheet_names(archive, limits)
    return {name: _looks_of_sheet(part_of(archive, part, limits), book) for part, name in names.items()}


def _read_styles(part: bytes) -> Book:
    book, codes, used = Book(), {}, []
    fonts, inside = 0, False
    for kind, body in records_of_xlsb(part):
        if kind == _FORMAT and len(body) > 6:
            codes[int.from_bytes(body[:2], "little")] = text_at(body, 2)[0]
        elif kind == _FONT and len(body) >= 8:
            if level := LEVELS.get(int.from_bytes(body[6:8], "little"), 0):
                book.levels[fonts] = level
            fonts += 1
        elif kind in (_STYLES, _STYLES_END):
            inside = kind == _STYLES
        elif kind == _STYLE and inside and len(body) >= 6:
            used.append(struct.unpack_from("<HH", body, 2))
    book.styles = styles_of(used, codes, book.levels)
    return book


def _raised_strings(part: bytes, levels: dict[int, int]) -> Iterator[tuple[int, str]]:
    number = -1
    for kind, body in records_of_xlsb(part, _WHOLE):
        if kind == _TEXT:
            number += 1
            if raised := _raised(body, levels):
                yield number, raised


def _raised(body: bytes, levels: dict[int, int]) -> str | None:
    """A text with raised characters, if it has runs."""
    if not (body and body[0] & 1):
        return None
    text, at = text_at(body, 1)
    return raised_text(text, run_starts(body[at + 4 : at + 4 + 4 * number_at(body, at)]), levels)


def _looks_of_sheet(part: bytes, book: Book) -> SheetLooks:
    looks, row = SheetLooks(), 0
    for kind, body in records_of_xlsb(part, _WHOLE):
        if kind == _ROW and len(body) >= 12:
            row = number_at(body, 0)
            if body[11] & _NO_HEIGHT or (body[11] & _OWN_HEIGHT and body[8:10] == b"\0\0"):
                looks.hidden_rows.append(range(row, row + 1))
        elif kind in _CELLS and len(body) >= 8:
            _add_cell(kind, body, row, book, looks)
        elif kind == _COLUMNS and len(body) >= 18 and (body[16] & 1 or not number_at(body, 8)):
            looks.hidden_columns.append(range(number_at(body, 0), number_at(body, 4) + 1))
    return looks


def _add_cell(kind: int, body: bytes, row: int, book: Book, looks: SheetLooks) -> None:
    column, style = number_at(body, 0), book.style(int.from_bytes(body[4:7], "little"))
    value = _number(kind, body)
    if value is not None:
        looks.add(row, column, style.of_number(value, from_1904=book.from_1904))
    elif (kind == _SHARED and (raised := book.strings.get(number_at(body, 8)))) or (
        kind == _RICH and (raised := _raised(body[8:], book.levels))
    ):
        looks.add(row, column, (raised, Otherwise.RAISED))
    if style.level or (value is None and style.changes_texts):
        looks.styled.append((row, column, style))


def _number(kind: int, body: bytes) -> float | None:
    if kind == _SHORT:
        return short_number(number_at(body, 8))
    if kind in (_REAL, _FORMULA_NUMBER) and len(body) >= 16:
        return float(struct.unpack_from("<d", body, 8)[0])
    return None
