"""Whether a workbook may be opened: its archive is sound, its parts declare nothing, its cells are not too many."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.archives import Archive
from probation_etl.intake.readers.dimensions import Extent, Looked, of_office_xml
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits, hold
from probation_etl.intake.readers.open_document import look_through, never_calculated
from probation_etl.intake.readers.xlsb import binary_sheet_names, of_binary_sheet

#: What the whole file is in where a modern workbook has a password; and its name in an OpenDocument spreadsheet.
_PROTECTED = "EncryptedPackage".encode("utf-16-le")
_OFFICE, _OPEN_DOCUMENT = "[Content_Types].xml", "content.xml"
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
#: A cell with a formula and nothing, or an empty value, behind it; the longest there is; its type and its place.
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
    """Whether an archive is an office document rather than files packed together."""
    return _OFFICE in archive.names or _OPEN_DOCUMENT in archive.names


def inspect_old(data: bytes) -> None:
    """Refuses what stands in the container of old workbooks but is protected by a password.

    Raises:
        UnreadableFile: It is.
    """
    if _PROTECTED in data:
        raise protected()


def protected() -> UnreadableFile:
    """The refusal of a workbook with a password."""
    return UnreadableFile("The workbook is protected by a password. Save it without one and send it again.")


def inspect_workbook(archive: Archive, limits: Limits = DEFAULT_LIMITS) -> dict[str, Looked]:
    """Looks through every part of a workbook.

    Returns:
        By the name of a sheet, its cells that show an error and those that are merged, where the library that opens the
        workbook does not say so itself.

    Raises:
        UnreadableFile: A part is damaged, declares a document type or entities, has a formula that was never
            calculated, or a limit is passed.
    """
    hold(sum(member.file_size for member in archive.members), limits.workbook_bytes, "bytes once unpacked")
    unpacked, cells = 0, 0
    looked: dict[str, Looked] = {}
    names = binary_sheet_names(archive, limits)
    for member in archive.members:
        counted = _Counted(archive.pieces(member, limits), unpacked, limits)
        extents = _extents(archive, member, _plain(member, counted))
        if any(_beyond(extent, cells, limits) for extent in extents) and member.filename != _OPEN_DOCUMENT:
            extents = _extents(archive, member, archive.pieces(member, limits), exact=True)
        for extent in extents:
            cells += extent.cells
            _hold(extent, cells, limits)
        told = (extent for extent in extents if isinstance(extent, Looked))
        looked |= {each.name or names.get(member.filename, ""): each for each in told}
        unpacked = counted.unpacked
    return looked


def _beyond(extent: Extent, cells: int, limits: Limits) -> bool:
    """Whether a sheet seems to pass a limit: it is worth to look again and leave out cells without content."""
    return cells + extent.cells > limits.cells or extent.columns > limits.columns or extent.rows > limits.rows


def _hold(extent: Extent, cells: int, limits: Limits) -> None:
    hold(extent.columns, limits.columns, "columns")
    hold(extent.rows, limits.rows, "rows")
    hold(cells, limits.cells, f"cells, empty ones included, as its cells reach to row {extent.rows:,}")


class _Counted:
    """The pieces of a part, and how many bytes have been unpacked of the whole workbook."""

    def __init__(self, pieces: Iterable[bytes], unpacked: int, limits: Limits) -> None:
        self._pieces, self.unpacked, self._limits = pieces, unpacked, limits

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.unpacked += len(piece)
            hold(self.unpacked, self._limits.workbook_bytes, "bytes once unpacked")
            yield piece


def _plain(member: zipfile.ZipInfo, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a part, none of which declares anything; pictures may."""
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
) -> list[Extent]:
    if member.filename == _OPEN_DOCUMENT and _OFFICE not in archive.names:
        return [*look_through(pieces)]
    first = next(pieces, b"")
    whole = _again(first, pieces)
    if first.startswith(_BINARY_SHEET):
        return [of_binary_sheet(whole)]
    return [of_office_xml(_calculated(whole), exact=exact)]


def _calculated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a sheet, every formula of which has a result; that of a text may be nothing."""
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
