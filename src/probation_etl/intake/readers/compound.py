"""Reads and writes the container of old workbooks, which is a file system of its own: sectors, chained by tables.

A workbook is taken out of the container that was sent, and put into one of our own for the library: it allocates what
the header of a container says, and a container may hold two workbooks.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from typing import NamedTuple

from probation_etl.discreet import discreet_repr

_HEADER, _ENTRY = 512, 128
#: Numbers from here on are no sectors: the end of a chain, a free sector, a table.
_NO_SECTOR = 0xFFFFFFFA
_STREAM, _ROOT = 2, 5
_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LIST, _TABLE, _LAST, _FREE = 0xFFFFFFFC, 0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFF
#: Numbers of sectors in a sector, and numbers of tables in the header.
_NUMBERS, _IN_HEADER = _HEADER // 4, 109
#: Streams below this size, which the header may change, lie in small sectors within the stream of the root.
_CUT = 4_096


class _Entry(NamedTuple):
    name: str
    kind: int
    start: int
    size: int

    def __repr__(self) -> str:
        return discreet_repr(self)


def stream_of(data: bytes, *names: str) -> bytes:
    """The content of the first of some streams that is there; nothing where none is, or the container is damaged.

    Args:
        data: The whole file.
        names: Names of streams, in order of preference; capital letters do not count.
    """
    try:
        return _Container(data).stream(names)
    except (struct.error, IndexError, ValueError, StopIteration):
        return b""


class _Container:
    def __init__(self, data: bytes) -> None:
        self._data = data
        shift, small_shift = struct.unpack_from("<HH", data, 30)
        if not (7 <= shift <= 16 and 2 <= small_shift <= shift):
            raise ValueError
        self._size, self._small_size = 1 << shift, 1 << small_shift
        #: As many sectors as the file has, or small ones: no chain is longer, or it would go round in a circle.
        self._sectors, self._small_sectors = (len(data) // each + 1 for each in (self._size, self._small_size))
        tables, directory, self._cut, small_table = struct.unpack_from("<I I 4x I I", data, 44)
        self._table = self._numbers(self._table_sectors(tables))
        self._small_table = self._numbers(self._chain(small_table, self._table))
        self._entries = [*self._directory(directory)]

    def stream(self, names: tuple[str, ...]) -> bytes:
        by_name = {entry.name.lower(): entry for entry in self._entries if entry.kind == _STREAM}
        found = next((by_name[name.lower()] for name in names if name.lower() in by_name), None)
        if found is None:
            return b""
        content = self._content(found)
        if len(content) < found.size:
            raise ValueError
        return content[: found.size]

    def _content(self, entry: _Entry) -> bytes:
        if entry.size >= self._cut:
            return self._joined(entry.start)
        root = next(each for each in self._entries if each.kind == _ROOT)
        small = self._joined(root.start)
        places = (at * self._small_size for at in self._chain(entry.start, self._small_table))
        return b"".join(small[at : at + self._small_size] for at in places)

    def _sector(self, number: int) -> bytes:
        # The first sector is the header, which is padded where sectors are larger than it.
        begin = max(_HEADER, self._size) + number * self._size
        return self._data[begin : begin + self._size]

    def _joined(self, start: int) -> bytes:
        return b"".join(self._sector(number) for number in self._chain(start, self._table))

    def _chain(self, start: int, table: array[int]) -> Iterator[int]:
        """The sectors from the first on."""
        at = start
        for _ in range(min(len(table), self._small_sectors)):
            if at >= len(table):
                return
            yield at
            at = table[at]

    def _table_sectors(self, count: int) -> Iterator[int]:
        """Sectors that hold the table: the header lists the first 109, further sectors the others."""
        listed = array("I", self._data[76:_HEADER])
        (more,) = struct.unpack_from("<I", self._data, 68)
        yield from (each for each in listed if each < _NO_SECTOR)
        for _ in range(min(count, self._sectors)):
            if more >= _NO_SECTOR:
                return
            *listed_there, more = array("I", self._sector(more))
            yield from (each for each in listed_there if each < _NO_SECTOR)

    def _numbers(self, sectors: Iterator[int]) -> array[int]:
        numbers = array("I")
        for sector in sectors:
            content = self._sector(sector)
            numbers.frombytes(content[: len(content) // 4 * 4])
        return numbers

    def _directory(self, start: int) -> Iterator[_Entry]:
        content = self._joined(start)
        for at in range(0, len(content) - _ENTRY + 1, _ENTRY):
            length, kind = struct.unpack_from("<HB", content, at + 64)
            first, size = struct.unpack_from("<II", content, at + 116)
            name = content[at : at + min(max(length - 2, 0), 64)].decode("utf-16-le", "replace")
            yield _Entry(name, kind, first, size)


def container_of(stream: bytes, name: str) -> bytes:
    """A container with one stream and nothing else."""
    content = stream.ljust(max(_CUT, -(-len(stream) // _HEADER) * _HEADER), b"\0")
    sectors = len(content) // _HEADER
    tables = 1
    while tables * _NUMBERS < sectors + 1 + tables + _further(tables):
        tables += 1
    further = _further(tables)
    directory, first = tables + further, tables + further + 1
    chain = array("I", [_TABLE] * tables + [_LIST] * further + [_LAST])
    chain.extend([*range(first + 1, first + sectors), _LAST])
    chain.extend([_FREE] * (tables * _NUMBERS - len(chain)))
    listed = array("I", range(tables))
    head = struct.pack(
        "<8s16xHHHHH6xIII4xIIIII", _SIGNATURE, 0x3E, 3, 0xFFFE, 9, 6, 0, tables, directory, _CUT, _LAST, 0,
        tables if further else _LAST, further,
    )  # fmt: skip
    entries = _entry("Root Entry", _ROOT, 1, _LAST, 0) + _entry(name, _STREAM, _FREE, first, len(content))
    return b"".join(
        (
            head,
            _filled(listed[:_IN_HEADER], _IN_HEADER),
            chain.tobytes(),
            _lists(listed[_IN_HEADER:], tables),
            entries.ljust(_HEADER, b"\0"),
            content,
        )
    )


def _further(tables: int) -> int:
    """Sectors with the numbers of tables that do not fit into the header."""
    return -(-max(tables - _IN_HEADER, 0) // (_NUMBERS - 1))


def _lists(listed: array[int], first: int) -> bytes:
    """These sectors: each ends with the number of the next."""
    pieces = [listed[at : at + _NUMBERS - 1] for at in range(0, len(listed), _NUMBERS - 1)]
    following = [*range(first + 1, first + len(pieces)), _LAST]
    return b"".join(
        _filled(piece, _NUMBERS - 1) + array("I", [number]).tobytes()
        for piece, number in zip(pieces, following, strict=False)
    )


def _filled(numbers: array[int], length: int) -> bytes:
    return (numbers + array("I", [_FREE] * (length - len(numbers)))).tobytes()


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    return struct.pack("<64sHBBIII36xIQ", text, len(text) + 2, kind, 1, _FREE, _FREE, child, start, size)
