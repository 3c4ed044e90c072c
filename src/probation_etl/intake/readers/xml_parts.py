"""The pieces of a part of a workbook as they are unpacked: counted, and checked before anything is made of them."""

from __future__ import annotations

import codecs
import re
import zipfile
from collections.abc import Iterable, Iterator
from xml.parsers import expat

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.limits import Limits, check_limit
from probation_etl.intake.readers.open_document import never_calculated

#: What the parser raises for a part that is damaged: not well formed, or in an encoding that it or nobody knows.
BROKEN_XML = (expat.ExpatError, LookupError, ValueError)
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
#: How a part in UTF-16 begins, with the name of its form.
_WIDE = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
#: What the library does not read in UTF-16: cells, which it takes for none, and the parts that all others depend on.
_NEEDED = re.compile(rb"<(?:\w+:)?(?:c|workbook|sst|styleSheet|Relationships|document-content)[\s/>]")
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


def protected() -> UnreadableFile:
    """The refusal of a workbook with a password."""
    return UnreadableFile("The workbook is protected by a password. Save it without one and send it again.")


class Counted:
    """The pieces of a part, with a count of the bytes unpacked of the whole workbook."""

    def __init__(self, pieces: Iterable[bytes], unpacked: int, limits: Limits) -> None:
        self._pieces, self.unpacked, self._limits = pieces, unpacked, limits

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.unpacked += len(piece)
            check_limit(self.unpacked, self._limits.workbook_bytes, "bytes once unpacked")
            yield piece


def checked(member: zipfile.ZipInfo, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a part, checked for declarations, which only pictures may have.

    A part in UTF-16 is given in UTF-8.

    Raises:
        UnreadableFile: It has a declaration, is in UTF-16 and must be read, or belongs to a protected workbook.
    """
    if member.filename.lower().endswith(".svg"):
        yield from pieces
        return
    before = b""
    for piece in _narrow(iter(pieces)):
        seen = before + piece
        if any(word in seen for word in _DECLARATIONS):
            raise UnreadableFile("A part of the workbook declares a document type or entities: no spreadsheet does.")
        if member.filename == "META-INF/manifest.xml" and b":encryption-data" in seen:
            raise protected()
        before = piece[-20:]
        yield piece


def _narrow(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = next(pieces, b"")
    form = _WIDE.get(first[:2])
    if form is None:
        yield from again(first, pieces)
        return
    decoder, before = codecs.getincrementaldecoder(form)("replace"), b""
    for piece in again(first, pieces):
        text = decoder.decode(piece).encode("utf-8", "replace")
        if _NEEDED.search(before + text):
            raise UnreadableFile(
                "A part of the workbook is UTF-16. Open it in a spreadsheet program and save it again."
            )
        before = text[-40:]
        yield text


def calculated(pieces: Iterable[bytes]) -> Iterator[bytes]:
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


def again(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    """The first piece, which was looked at, and the others."""
    yield first
    yield from others
