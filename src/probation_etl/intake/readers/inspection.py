"""Checks that a workbook may be opened: its archive is valid, declares no document types, and has not too many cells."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.archives import Archive
from probation_etl.intake.readers.biff import marks_of_xls, workbook_stream
from probation_etl.intake.readers.dimensions import Extent, InspectedSheet, extent_of_xlsx
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits, check_limit
from probation_etl.intake.readers.open_document import inspect_content, never_calculated
from probation_etl.intake.readers.sheet_parts import plain, xlsx_sheet_names
from probation_etl.intake.readers.typed_cells import has_typed_cells, typed_cells
from probation_etl.intake.readers.xlsb import inspect_xlsb_sheet, xlsb_sheet_names

#: A marker of an encrypted workbook in the old container format.
_PROTECTED = "EncryptedPackage".encode("utf-16-le")
_OFFICE, _OPEN_DOCUMENT = "[Content_Types].xml", "content.xml"
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
#: A cell with a formula and no result or an empty one; the longest formula; the type and the place of a cell.
_NO_RESULT = re.compile(
    rb"<(?:\w+:)?c(\s[^<>]*)?>\s*<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*(?:/>|>\s*</(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"
)
_LONGEST_FORMULA = 50_000
_TEXT_RESULT, _PLACE = (
    re.compile(rb"""\st\s*=\s*["']str["']"""),
    re.compile(rb"""\sr\s*=\s*["']([A-Z]{1,3}\d{1,7})["']"""),
)
_BINARY_SHEET = b"\x81\x01"


def is_workbook(archive: Archive) -> bool:
    """Whether an archive is an office document rather than a collection of files."""
    return _OFFICE in archive.names or _OPEN_DOCUMENT in archive.names


def is_open_document(archive: Archive) -> bool:
    """Whether an office document is an OpenDocument spreadsheet."""
    return _OPEN_DOCUMENT in archive.names and _OFFICE not in archive.names


def inspect_xls(data: bytes) -> dict[str, InspectedSheet]:
    """Refuses an encrypted workbook in the container format of old workbooks.

    Returns:
        By name of the sheet, its error cells, which the library that opens the workbook reads as empty.

    Raises:
        UnreadableFile: It is protected by a password.
    """
    if _PROTECTED in data:
        raise protected()
    return {name: InspectedSheet(name=name, marks=marks) for name, marks in marks_of_xls(workbook_stream(data)).items()}


def protected() -> UnreadableFile:
    """The refusal of a workbook with a password."""
    return UnreadableFile("The workbook is protected by a password. Save it without one and send it again.")


def inspect_workbook(archive: Archive, limits: Limits = DEFAULT_LIMITS) -> dict[str, InspectedSheet]:
    """Inspects every part of a workbook.

    Returns:
        By name of the sheet, what the library that opens the workbook does not read as the file says it: error
        cells, dates that are stored as text, and merged cells.

    Raises:
        UnreadableFile: A part is damaged, declares a document type or entities, has a formula that was never
            calculated, or it is too large.
    """
    check_limit(sum(member.file_size for member in archive.members), limits.workbook_bytes, "bytes once unpacked")
    unpacked, cells = 0, 0
    inspected: dict[str, InspectedSheet] = {}
    names = xlsb_sheet_names(archive, limits) or xlsx_sheet_names(archive, limits)
    for member in archive.members:
        counted = _Counted(archive.pieces(member, limits), unpacked, limits)
        extents = _extents(archive, member, _plain(member, counted))
        if any(_beyond(extent, cells, limits) for extent in extents) and member.filename != _OPEN_DOCUMENT:
            extents = _extents(archive, member, archive.pieces(member, limits), exact=True)
        for extent in extents:
            cells += extent.cells
            _check_extent(extent, cells, limits)
        inspected |= {each.name or names.get(plain(member.filename), ""): each for each in extents}
        unpacked = counted.unpacked
    return inspected


def _beyond(extent: Extent, cells: int, limits: Limits) -> bool:
    """Whether a sheet seems to be too large, so that it must be measured again without its empty cells."""
    return cells + extent.cells > limits.cells or extent.columns > limits.columns or extent.rows > limits.rows


def _check_extent(extent: Extent, cells: int, limits: Limits) -> None:
    check_limit(extent.columns, limits.columns, "columns")
    check_limit(extent.rows, limits.rows, "rows")
    check_limit(cells, limits.cells, f"cells, empty ones included, as its cells reach to row {extent.rows:,}")


class _Counted:
    """The pieces of a part, with a count of the bytes unpacked of the whole workbook."""

    def __init__(self, pieces: Iterable[bytes], unpacked: int, limits: Limits) -> None:
        self._pieces, self.unpacked, self._limits = pieces, unpacked, limits

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.unpacked += len(piece)
            check_limit(self.unpacked, self._limits.workbook_bytes, "bytes once unpacked")
            yield piece


def _plain(member: zipfile.ZipInfo, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a part, checked for declarations, which only pictures may have."""
    if member.filename.lower().endswith(".svg"):
        yield from pieces
        return
    before = None
    for piece in pieces:
        if before is None and piece.startswith(_WIDE_MARKS):
            raise UnreadableFile(
                "A part of the workbook is UTF-16. Open it in a spreadsheet program and save it again."
            )
        seen = (before or b"") + piece
        if any(word in seen for word in _DECLARATIONS):
            raise UnreadableFile("A part of the workbook declares a document type or entities: no spreadsheet does.")
        if member.filename == "META-INF/manifest.xml" and b":encryption-data" in seen:
            raise protected()
        before = piece[-20:]
        yield piece


def _extents(
    archive: Archive, member: zipfile.ZipInfo, pieces: Iterator[bytes], *, exact: bool = False
) -> list[InspectedSheet]:
    if member.filename == _OPEN_DOCUMENT and is_open_document(archive):
        return [*inspect_content(pieces)]
    first = next(pieces, b"")
    if first.startswith(_BINARY_SHEET):
        return [inspect_xlsb_sheet(_again(first, pieces))]
    whole = _Searched(_again(first, pieces))
    sheet = extent_of_xlsx(_calculated(whole), exact=exact)
    if whole.has_typed_cells:
        sheet.marks += typed_cells(archive.pieces(member))
    return [sheet]


class _Searched:
    """The pieces of a sheet, searched for cells whose type says more than the library reads."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self.has_typed_cells = pieces, False

    def __iter__(self) -> Iterator[bytes]:
        rest = b""
        for piece in self._pieces:
            self.has_typed_cells = self.has_typed_cells or has_typed_cells(rest + piece[:20]) or has_typed_cells(piece)
            rest = piece[-20:]
            yield piece


def _calculated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a sheet, checked for formulas without a result; only a text may be empty."""
    rest = b""
    for piece in pieces:
        seen = rest + piece
        if b"<f" in seen or b":f" in seen:
            for cell in _NO_RESULT.finditer(seen):
                if not _TEXT_RESULT.search(cell[1] or b""):
                    place = _PLACE.search(cell[1] or b"")
                    raise never_calculated(f"cell {place[1].decode()}" if place else "in a cell without a name")
        rest = seen[-_LONGEST_FORMULA:]
        yield piece


def _again(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from others
