"""From a file to grids of text. The type of a file is detected from its content, not from its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.apart import read_apart
from probation_etl.intake.readers.archives import open_archive
from probation_etl.intake.readers.base import (
    BLANKS,
    CONTROL_NAMES,
    ERROR_CELLS,
    SHOWN_SCHEMA,
    Block,
    CellKind,
    Grid,
    Otherwise,
    column_letters,
    printable_name,
)
from probation_etl.intake.readers.columnar_in_pieces import read_columnar_in_pieces
from probation_etl.intake.readers.compressed import gunzip, unzip
from probation_etl.intake.readers.contents import Content, read_content
from probation_etl.intake.readers.csv import read_csv
from probation_etl.intake.readers.dialect import Quotation
from probation_etl.intake.readers.fixed_width import read_fixed_width
from probation_etl.intake.readers.foreign import refuse_foreign, refuse_foreign_archive
from probation_etl.intake.readers.in_pieces import read_in_pieces
from probation_etl.intake.readers.inspection import is_workbook
from probation_etl.intake.readers.limits import (
    BY_ITS_CONTRACT,
    DEFAULT_LIMITS,
    NOT_IN_PIECES,
    Limits,
    check_file_size,
    check_whole_size,
    limits_from,
)
from probation_etl.intake.readers.long_lines import check_long_text
from probation_etl.intake.readers.parquet_arrow import is_columnar
from probation_etl.intake.received import InBytes, Received

__all__ = [
    "BLANKS", "BY_ITS_CONTRACT", "CONTROL_NAMES", "DEFAULT_LIMITS", "ERROR_CELLS", "SHOWN_SCHEMA", "Block", "CellKind", "Content", "Grid", "Limits",
    "Otherwise", "Quotation", "check_whole_size", "column_letters", "limits_from", "printable_name", "read_content", "read_grids",
]  # fmt: skip

_ZIP, _OLE, _GZIP = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b"
#: White space, NULs and byte order marks: a file with nothing else is empty in any encoding.
_NOTHING = b" \t\r\n\v\f\0\xef\xbb\xbf\xff\xfe"


def read_grids(
    data: bytes | Received,
    *,
    delimiter: str = ",",
    encoding: str = "UTF-8",
    places: Sequence[tuple[int, int]] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> list[Grid]:
    """Reads every sheet of a workbook, or the one table of any other type of file.

    CSV may be compressed, as ``.csv.gz`` or as the one file in a ``.zip``.

    Args:
        data: The file; one that is not in memory is CSV, Parquet or Arrow, and is read in pieces.
        delimiter: The delimiter that CSV should have; another one is used where the text cannot be split by it.
        encoding: The encoding that CSV should have; another one is used where the bytes are not valid in it.
        places: Where columns stand in text that is no CSV: the first and the last character of each, from 1.
        limits: How much is read at most.

    Raises:
        UnreadableFile: The file is empty, damaged, too large, or of a type that cannot be a return.
    """
    form = _Form(delimiter, encoding, places)
    if not isinstance(data, bytes):
        begin = next(data.parts())
        _refuse_other_kinds(begin)
        if is_columnar(begin):
            return [read_columnar_in_pieces(data, limits)]
        grid = form.in_pieces(data, limits)
        if grid is not None:
            return [grid]
        check_whole_size(len(data), limits, NOT_IN_PIECES)
        data = data.whole()
    of_pieces, limits = limits, limits.of_a_whole
    check_file_size(len(data), limits)
    _refuse_other_kinds(data)
    if is_columnar(data) or data.startswith(_OLE):
        return read_apart(data, limits) or [read_columnar_in_pieces(InBytes(data), of_pieces)]
    if data.startswith(_ZIP):
        archive = open_archive(data, limits)
        refuse_foreign_archive(archive.names, data[:200])
        if is_workbook(archive):
            return read_apart(data, limits)
    packed_name, inner = _unpacked(data, limits) if data.startswith((_ZIP, _GZIP)) else (None, data)
    grid = form.unpacked_in_pieces(inner, of_pieces) if isinstance(inner, Received) else None
    if grid is None:
        grid = form.whole(inner if isinstance(inner, bytes) else inner.whole(), limits)
    return [replace(grid, packed_name=printable_name(packed_name) if packed_name else None)]


class _Form(NamedTuple):
    """How text is to be read; see :func:`read_grids`."""

    delimiter: str
    encoding: str
    places: Sequence[tuple[int, int]]

    def whole(self, data: bytes, limits: Limits) -> Grid:
        """The one table of a text."""
        if self.places:
            return read_fixed_width(data, self.places, encoding=self.encoding, limits=limits)
        return read_csv(data, delimiter=self.delimiter, encoding=self.encoding, limits=limits)

    def in_pieces(self, data: Received, limits: Limits) -> Grid | None:
        """The same of a long text; None where it is not read in pieces."""
        if self.places:
            return None
        return read_in_pieces(data, delimiter=self.delimiter, encoding=self.encoding, limits=limits)

    def unpacked_in_pieces(self, data: Received, limits: Limits) -> Grid | None:
        """The same of a long text that was in an archive, whose lines nobody has looked at yet."""
        check_long_text(data, limits)
        return self.in_pieces(data, limits)


def _refuse_other_kinds(data: bytes) -> None:
    if not data[:1_000].strip(_NOTHING):
        _refuse_empty(data)
    refuse_foreign(data)


def _refuse_empty(data: bytes) -> None:
    if not data.strip(_NOTHING):
        raise UnreadableFile("The file is empty: it has not even a header.", code="empty-file")


def _unpacked(data: bytes, limits: Limits) -> tuple[str | None, bytes | Received]:
    """Name and content of the one file in an archive. It must be CSV: an archive in an archive could hide anything."""
    name, found = (None, gunzip(data, limits)) if data.startswith(_GZIP) else unzip(open_archive(data, limits), limits)
    inner = found if isinstance(found, bytes) else next(found.parts())
    _refuse_other_kinds(inner)
    if inner.startswith((_ZIP, _OLE, _GZIP)) or is_columnar(inner):
        raise UnreadableFile("The archive holds a file that is not CSV: send that file as it is.")
    return name, found
