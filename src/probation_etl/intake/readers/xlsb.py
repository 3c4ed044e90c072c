"""Inspects the parts of a binary workbook (``.xlsb``) before a library opens it.

A part is a sequence of records with a type, a length and a body. They say how far the cells of a sheet reach, which have
an error, and which are merged: the library does not report it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from probation_etl.intake.readers.archives import Archive
from probation_etl.intake.readers.base import Block, CellKind
from probation_etl.intake.readers.dimensions import InspectedSheet
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits
from probation_etl.intake.readers.marks import ERROR_OF_CODE, UNKNOWN_ERROR, Mark
from probation_etl.intake.readers.sheet_parts import part_of, targets_of

#: Types of records: a row, cells, merged cells, and an entry of the list of sheets.
_ROW, _CELLS, _RICH, _MERGED, _SHEET = 0, (*range(2, 12), 62), 62, 176, 156
_ERRORS, _SETTINGS = (3, 11), 153
#: Bytes of a record that are examined: more than any of these types needs.
_LOOKED_INTO = 1_000
#: And for a text in its cell: as many characters as a cell can hold.
_WITH_TEXT = 70_000
_BOOK = "xl/workbook.bin"


def is_binary(archive: Archive) -> bool:
    """Whether a workbook has its list of sheets in the binary form."""
    return any(name.lower() == _BOOK for name in archive.names)


def inspect_xlsb_sheet(pieces: Iterable[bytes]) -> InspectedSheet:
    """The extent of a sheet, its error cells and its merged cells. The sheet's name is in another part."""
    sheet, row = InspectedSheet(), 0
    for kind, body in records_of_xlsb(b"".join(pieces), _WITH_TEXT):
        if kind == _ROW:
            row = number_at(body, 0) + 1
        elif kind in _CELLS:
            sheet.add(row, number_at(body, 0) + 1)
            if kind in _ERRORS:
                shown = ERROR_OF_CODE.get(body[8] if len(body) > 8 else -1, UNKNOWN_ERROR)
                sheet.marks.append(Mark(row - 1, number_at(body, 0), 1, 1, shown))
            elif kind == _RICH and (text := text_at(body, 9)[0]):
                # The library reads it as empty.
                sheet.marks.append(Mark(row - 1, number_at(body, 0), 1, 1, text, CellKind.TEXT))
        elif kind == _MERGED:
            first_row, last_row, first_column, last_column = (number_at(body, at) for at in (0, 4, 8, 12))
            sheet.merged.append(Block(first_row, first_column, last_row, last_column))
    return sheet


def xlsb_sheet_names(archive: Archive, limits: Limits = DEFAULT_LIMITS) -> dict[str, str]:
    """Names of sheets, by the name of the part that each is in; sheets without a readable entry are left out."""
    targets = targets_of(archive, _BOOK, limits)
    return {targets[key]: name for key, name in _listed(part_of(archive, _BOOK, limits)) if key in targets}


def xlsb_counts_from_1904(book: bytes) -> bool:
    """Whether the part with the list of sheets says that days are counted from 1904."""
    return any(kind == _SETTINGS and bool(body[:1]) and bool(body[0] & 1) for kind, body in records_of_xlsb(book))


def _listed(book: bytes) -> Iterator[tuple[str, str]]:
    """Key of the part and name of each sheet: two texts after eight bytes."""
    for kind, body in records_of_xlsb(book):
        if kind == _SHEET:
            key, at = text_at(body, 8)
            yield key, text_at(body, at)[0]


def text_at(body: bytes, at: int) -> tuple[str, int]:
    """A text with its length before it, and where it ends."""
    end = at + 4 + 2 * number_at(body, at)
    return body[at + 4 : end].decode("utf-16-le", "replace"), end


def number_at(body: bytes, at: int) -> int:
    """A number of four bytes."""
    return int.from_bytes(body[at : at + 4], "little")


def records_of_xlsb(data: bytes, looked_into: int = _LOOKED_INTO) -> Iterator[tuple[int, bytes]]:
    """Type and body of each record; of a long body no more than is looked into."""
    at = 0
    while at < len(data):
        kind, at = _packed_number(data, at, 2)
        size, at = _packed_number(data, at, 4)
        yield kind, data[at : at + min(size, looked_into)]
        at += size


def _packed_number(data: bytes, at: int, longest: int) -> tuple[int, int]:
    """A number in bytes of seven bits each, and where it ends."""
    number = 0
    for place in range(longest):
        byte = data[at] if at < len(data) else 0
        at += 1
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            break
    return number, at
