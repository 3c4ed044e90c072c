"""Finds the error cells of an old workbook (``.xls``), which the library reads as empty.

Its stream is a sequence of records with a type, a length and a body. The list of sheets says where each begins; within a
sheet, charts have sequences of their own, whose cells are not those of the sheet.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from probation_etl.intake.readers.compound import stream_of
from probation_etl.intake.readers.marks import ERROR_OF_CODE, UNKNOWN_ERROR, Mark

_BEGIN, _END, _SHEET = 0x0809, 0x000A, 0x0085
_FORMULAS, _TRUTH_OR_ERROR = (0x0006, 0x0206, 0x0406), 0x0205
_NO_NUMBER, _ERROR = 0xFFFF, 2
#: The version of Excel from which on texts are Unicode.
_UNICODE = 0x0600


def workbook_stream(data: bytes) -> bytes:
    """The records of an old workbook; nothing where there are none."""
    return stream_of(data, "Workbook", "Book")


def marks_of_xls(stream: bytes) -> dict[str, list[Mark]]:
    """Error cells, by name of the sheet."""
    return {name: [*_errors(stream, begin)] for name, begin in sheets_of_xls(stream)}


def sheets_of_xls(stream: bytes) -> Iterator[tuple[str, int]]:
    """Name of each sheet, and where its records begin."""
    version = 0
    for kind, at, size in records_of_xls(stream, 0):
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


def records_of_xls(stream: bytes, begin: int) -> Iterator[tuple[int, int, int]]:
    """Type, place and size of each record of one sequence, without those of the sequences within it."""
    at, depth, end = begin, 0, len(stream)
    head = struct.Struct("<HH").unpack_from
    while at + 4 <= end:
        kind, size = head(stream, at)
        at += 4
        if kind == _BEGIN:
            depth += 1
        if depth == 1:
            yield kind, at, size
        if kind == _END:
            depth -= 1
            if depth <= 0:
                return
        at += size


def _errors(stream: bytes, begin: int) -> Iterator[Mark]:
    for kind, at, size in records_of_xls(stream, begin):
        if kind == _TRUTH_OR_ERROR and size >= 8:
            row, column, code, is_error = struct.unpack_from("<HH2xBB", stream, at)
        elif kind in _FORMULAS and size >= 14:
            row, column, result, code, number = struct.unpack_from("<HH2xBxB3xH", stream, at)
            is_error = number == _NO_NUMBER and result == _ERROR
        else:
            continue
        if is_error:
            yield Mark(row, column, 1, 1, ERROR_OF_CODE.get(code, UNKNOWN_ERROR))
