"""Whether an Office workbook counts its days from 1904, and how the library is told so.

The workbook says it once; its extensions may have an element of the same name. The library takes the last of them.
"""

from __future__ import annotations

import io
import re
import zipfile
from xml.parsers import expat

from probation_etl.intake.readers.archives import Archive
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits
from probation_etl.intake.readers.sheet_parts import book_part, part_of, plain
from probation_etl.intake.readers.xlsb import xlsb_counts_from_1904
from probation_etl.intake.readers.xml_parts import BROKEN_XML

_TRUE = ("1", "true", "on")
#: An element that says from when days are counted, with the name of the workbook's own.
_SAYS = re.compile(rb"<(?:\w+:)?workbookPr\s[^<>]*?date1904\s*=\s*([\"'])([^\"'<>]*)\1")
_NAME, _ROOT = re.compile(rb"\bworkbookPr\b"), re.compile(rb"<(?:\w+:)?workbook\b[^<>]*>")
#: How the library understands the words.
_UNDERSTOOD = {b"1": True, b"true": True, b"0": False, b"false": False}


def counts_from_1904(archive: Archive, limits: Limits = DEFAULT_LIMITS) -> bool:
    """Whether the workbook itself, and not one of its extensions, says that days are counted from 1904."""
    name = book_part(archive, limits)
    book = part_of(archive, name, limits)
    return xlsb_counts_from_1904(book) if name.endswith(".bin") else _says_1904(book)


def with_plain_date_system(archive: Archive, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """The workbook, in a form of which the library reads the same date system; mostly as it is."""
    name = book_part(archive, limits)
    if name.endswith(".bin"):
        return archive.data
    book = part_of(archive, name, limits)
    said = [_UNDERSTOOD.get(word) for _, word in _SAYS.findall(book)]
    from_1904 = _says_1904(book)
    if (said or [False])[-1] is from_1904:
        return archive.data
    changed = _ROOT.sub(
        lambda root: root[0] + b'<workbookPr date1904="%d"/>' % from_1904, _NAME.sub(b"otherPr", book), count=1
    )
    return _with_part(archive, name, changed)


def _says_1904(book: bytes) -> bool:
    depth, found = 0, False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, found
        depth += 1
        if depth == 2 and tag.rpartition(":")[2] == "workbookPr":
            found = attributes.get("date1904", "").strip().lower() in _TRUE

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(book, True)  # noqa: FBT003 -- the library takes it by place only
    except BROKEN_XML:
        return found
    return found


def _with_part(archive: Archive, name: str, content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive.data)) as old, zipfile.ZipFile(target, "w") as new:
        for member in archive.members:
            new.writestr(member.filename, content if plain(member.filename) == plain(name) else old.read(member))
    return target.getvalue()
