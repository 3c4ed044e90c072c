"""Takes a stream out of the container of old workbooks, which is a file system of its own: sectors, chained by tables."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from typing import NamedTuple

_HEADER, _ENTRY = 512, 128
#: Numbers from here on are no sectors: the end of a chain, a free sector, a table.
_NO_SECTOR = 0xFFFFFFFA
_STREAM, _ROOT = 2, 5
#: Streams below this size, which the header may change, lie in small sectors within the stream of the root.
_CUT = 4_096


class _Entry(NamedTuple):
    name: str
    kind: int
    start: int
    size: int


def stream_of(data: bytes, *names: str) -> bytes:
    """The content of the first of some streams that is there; nothing where none is, or the container is damaged.

    Args:
        data: The whole file.
        names: Names of streams, in order of preference; capital letters do not count.
    """
    try:
        return _Container(data).stream(names)
    except (struct.error, IndexError, ValueError):
        return b""


class _Container:
    def __init__(self, data: bytes) -> None:
        self._data = data
        shift, small_shift = struct.unpack_from("<HH", data, 30)
        if not (7 <= shift <= 16 and 2 <= small_shift <= shift):
            raise ValueError
        self._size, self._small_size = 1 << shift, 1 << small_shift
        tables, directory, self._cut, small_table = struct.unpack_from("<I I 4x I I", data, 44)
        self._table = self._numbers(self._table_sectors(tables))
        self._small_table = self._numbers(self._chain(small_table, self._table))
        self._entries = [*self._directory(directory)]

    def stream(self, names: tuple[str, ...]) -> bytes:
        by_name = {entry.name.lower(): entry for entry in self._entries if entry.kind == _STREAM}
        found = next((by_name[name.lower()] for name in names if name.lower() in by_name), None)
        if found is None:
            return b""
        if found.size >= (self._cut or _CUT):
            return self._joined(found.start)[: found.size]
        root = next(entry for entry in self._entries if entry.kind == _ROOT)
        small = self._joined(root.start)
        places = (at * self._small_size for at in self._chain(found.start, self._small_table))
        return b"".join(small[at : at + self._small_size] for at in places)[: found.size]

    def _sector(self, number: int) -> bytes:
        # The first sector is the header, which is padded where sectors are larger than it.
        begin = max(_HEADER, self._size) + number * self._size
        return self._data[begin : begin + self._size]

    def _joined(self, start: int) -> bytes:
        return b"".join(self._sector(number) for number in self._chain(start, self._table))

    def _chain(self, start: int, table: array[int]) -> Iterator[int]:
        """The sectors from the first on; a chain cannot be longer than its table, or it would go round in a circle."""
        at = start
        for _ in range(len(table)):
            if at >= len(table):
                return
            yield at
            at = table[at]

    def _table_sectors(self, count: int) -> Iterator[int]:
        """Sectors that hold the table: the header lists the first 109, further sectors the others."""
        listed = array("I", self._data[76:_HEADER])
        (more,) = struct.unpack_from("<I", self._data, 68)
        yield from (each for each in listed if each < _NO_SECTOR)
        for _ in range(count):
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
