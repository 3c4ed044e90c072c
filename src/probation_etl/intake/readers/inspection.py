"""Checks that a workbook may be opened: its archive is valid, declares no document types, and has not too many cells."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.archives import Archive
from probation_etl.intake.readers.biff import inspect_records, without_dimensions, workbook_stream
from probation_etl.intake.readers.compound import container_of
from probation_etl.intake.readers.dimensions import Extent, InspectedSheet, extent_of_xlsx
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits, check_limit
from probation_etl.intake.readers.open_document import inspect_content
from probation_etl.intake.readers.shared_texts import check_shared_texts
from probation_etl.intake.readers.sheet_parts import part_of, plain, xlsx_sheet_names
from probation_etl.intake.readers.typed_cells import has_typed_cells, typed_cells
from probation_etl.intake.readers.xlsb import inspect_xlsb_sheet, xlsb_sheet_names
from probation_etl.intake.readers.xml_parts import Counted, again, calculated, checked, protected

#: A marker of an encrypted workbook in the old container format.
_PROTECTED = "EncryptedPackage".encode("utf-16-le")
_OFFICE, _OPEN_DOCUMENT = "[Content_Types].xml", "content.xml"
_BINARY_SHEET = b"\x81\x01"
#: Programs that calculate what they save: they write no result where it is an empty text.
_CALCULATES = re.compile(rb"<meta:generator>\s*(?:MicrosoftOffice|LibreOffice|OpenOffice|Collabora|gnumeric|Calligra)")


def is_workbook(archive: Archive) -> bool:
    """Whether an archive is an office document rather than a collection of files."""
    return _OFFICE in archive.names or _OPEN_DOCUMENT in archive.names


def is_open_document(archive: Archive) -> bool:
    """Whether an office document is an OpenDocument spreadsheet."""
    return _OPEN_DOCUMENT in archive.names and _OFFICE not in archive.names


def inspect_xls(data: bytes, limits: Limits = DEFAULT_LIMITS) -> tuple[bytes, dict[str, InspectedSheet]]:
    """Inspects the records of a workbook in the container format of old workbooks.

    Returns:
        The workbook as the library may open it, in a container of our own; and by name of the sheet, its error cells,
        which the library reads as empty.

    Raises:
        UnreadableFile: It is protected by a password, is no workbook, or has too many cells.
    """
    if _PROTECTED in data:
        raise protected()
    stream = workbook_stream(data)
    if not stream:
        raise unopened()
    inspected, cells = inspect_records(stream), 0
    for sheet in inspected.values():
        cells += sheet.cells
        _check_extent(sheet, cells, limits)
    return container_of(without_dimensions(stream), "Workbook"), inspected


def unopened() -> UnreadableFile:
    """The refusal of what the library does not open."""
    return UnreadableFile(
        "The file cannot be opened as a workbook: it is damaged, protected by a password, or of another kind."
    )


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
    unpacked = cells = texts = 0
    inspected: dict[str, InspectedSheet] = {}
    names = xlsb_sheet_names(archive, limits) or xlsx_sheet_names(archive, limits)
    for member in archive.members:
        counted = Counted(archive.pieces(member, limits), unpacked, limits)
        extents = _extents(archive, member, checked(member, counted))
        if any(_beyond(extent, cells, limits) for extent in extents) and member.filename != _OPEN_DOCUMENT:
            extents = _extents(archive, member, archive.pieces(member, limits), exact=True)
        for extent in extents:
            cells, texts = cells + extent.cells, texts + extent.text_bytes
            _check_extent(extent, cells, limits)
            check_limit(texts, limits.text_bytes, "bytes of text in its cells")
        inspected |= {each.name or names.get(plain(member.filename), ""): each for each in extents}
        unpacked = counted.unpacked
    check_shared_texts(archive, names, cells, limits)
    return inspected


def _beyond(extent: Extent, cells: int, limits: Limits) -> bool:
    """Whether a sheet seems to be too large, so that it must be measured again without its empty cells."""
    return cells + extent.cells > limits.cells or extent.columns > limits.columns or extent.rows > limits.rows


def _check_extent(extent: Extent, cells: int, limits: Limits) -> None:
    check_limit(extent.columns, limits.columns, "columns")
    check_limit(extent.rows, limits.rows, "rows")
    check_limit(cells, limits.cells, f"cells, empty ones included, as its cells reach to row {extent.rows:,}")


def _extents(
    archive: Archive, member: zipfile.ZipInfo, pieces: Iterator[bytes], *, exact: bool = False
) -> list[InspectedSheet]:
    if member.filename == _OPEN_DOCUMENT and is_open_document(archive):
        return inspect_content(pieces, calculated=_CALCULATES.search(part_of(archive, "meta.xml")) is not None)
    first = next(pieces, b"")
    if first.startswith(_BINARY_SHEET):
        return [inspect_xlsb_sheet(again(first, pieces))]
    whole = _Searched(again(first, pieces))
    sheet = extent_of_xlsx(calculated(whole), exact=exact)
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
