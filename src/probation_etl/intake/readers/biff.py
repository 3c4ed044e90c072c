"""Inspects the records of an old workbook (``.xls``) before a library opens it.

Its stream is a sequence of records with a type, a length and a body. The list of sheets says where each begins; within a
sheet, charts have sequences of their own, whose cells are not those of the sheet. The records say how far the cells
reach, and which have an error, which the library reads as empty.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from probation_etl.intake.readers.compound import stream_of
from probation_etl.intake.readers.dimensions import InspectedSheet
from probation_etl.intake.readers.marks import ERROR_OF_CODE, UNKNOWN_ERROR, Mark

_BEGIN, _END, _SHEET, _DIMENSIONS, _DATE_SYSTEM = 0x0809, 0x000A, 0x0085, 0x0200, 0x0022
_FORMULAS, _TRUTH_OR_ERROR = (0x0006, 0x0206, 0x0406), 0x0205
#: Records of one cell with content, by the row and the column that they begin with; and of several in one row.
_CELLS = frozenset((*_FORMULAS, _TRUTH_OR_ERROR, 0x0203, 0x0204, 0x027E, 0x00D6, 0x00FD))
_SEVERAL_CELLS = 0x00BD
_NO_NUMBER, _ERROR = 0xFFFF, 2
#: The version of Excel from which on texts are Unicode.
_UNICODE = 0x0600


class Record(NamedTuple):
    """Type of a record, place and size of its body, and how many sequences it lies in."""

    kind: int
    at: int
    size: int
    depth: int


def workbook_stream(data: bytes) -> bytes:
    """The records of an old workbook; nothing where there are none."""
    return stream_of(data, "Workbook", "Book")


def inspect_records(stream: bytes) -> dict[str, InspectedSheet]:
    """The extent of each sheet and its error cells, by name of the sheet."""
    return {name: _inspected(stream, begin) for name, begin in sheets_of(stream)}


def without_dimensions(stream: bytes) -> bytes:
    """The same records, without what the sheets say of their size.

    A few programs say that a sheet reaches to the last row and column, or that it ends before it begins, and the library
    allocates as much.
    """
    changed = bytearray(stream)
    for _, begin in sheets_of(stream):
        for record in records_of(stream, begin):
            if record.kind == _DIMENSIONS:
                changed[record.at : record.at + record.size] = bytes(record.size)
    return bytes(changed[: len(stream)])


def old_workbook_counts_from_1904(data: bytes) -> bool:
    """Whether an old workbook counts its days from 1904."""
    stream = workbook_stream(data)
    return any(
        kind == _DATE_SYSTEM and stream[at : at + size] == b"\x01\0" for kind, at, size, _ in records_of(stream, 0)
    )


def sheets_of(stream: bytes) -> Iterator[tuple[str, int]]:
    """Name of each sheet, and where its records begin."""
    version = 0
    for kind, at, size, _ in records_of(stream, 0):
        if kind == _BEGIN and not version and size >= 2:
            (version,) = struct.unpack_from("<H", stream, at)
        elif kind == _SHEET and size >= 8:
            begin, length = struct.unpack_from("<I2xB", stream, at)
            yield _name(stream[at + 7 : at + size], length, version), begin


def _name(body: bytes, length: int, version: int) -> str:
    if version < _UNICODE:
        return body[:length].decode("cp1252", "replace")
    return (
        body[1 : 1 + 2 * length].decode("utf-16-le", "replace")
        if body[0] & 1
        else body[1 : 1 + length].decode("latin-1")
    )


def records_of(stream: bytes, begin: int) -> Iterator[Record]:
    """The records of one sequence, and of those within it."""
    at, depth, end = begin, 0, len(stream)
    head = struct.Struct("<HH").unpack_from
    while at + 4 <= end:
        kind, size = head(stream, at)
        depth += kind == _BEGIN
        if at + 4 + size > end:
            return
        yield Record(kind, at + 4, size, depth)
        if kind == _END:
            depth -= 1
            if depth <= 0:
                return
        at += 4 + size


def _inspected(stream: bytes, begin: int) -> InspectedSheet:
    sheet = InspectedSheet()
    place = struct.Struct("<HH").unpack_from
    for kind, at, size, depth in records_of(stream, begin):
        if depth != 1 or size < 6:
            continue
        if kind in _CELLS:
            row, column = place(stream, at)
            sheet.add(row + 1, column + 1)
            if (code := _error(stream, kind, at, size)) is not None:
                sheet.marks.append(Mark(row, column, 1, 1, ERROR_OF_CODE.get(code, UNKNOWN_ERROR)))
        elif kind == _SEVERAL_CELLS:
            row, column = place(stream, at)
            sheet.add(row + 1, column + 1)
            sheet.add(row + 1, int.from_bytes(stream[at + size - 2 : at + size], "little") + 1)
    return sheet


def _error(stream: bytes, kind: int, at: int, size: int) -> int | None:
    """The code of the error in a cell."""
    if kind == _TRUTH_OR_ERROR and size >= 8:
        code, is_error = struct.unpack_from("<BB", stream, at + 6)
        return code if is_error else None
    if kind in _FORMULAS and size >= 14:
        result, code, number = struct.unpack_from("<BxB3xH", stream, at + 6)
        return code if number == _NO_NUMBER and result == _ERROR else None
    return None
