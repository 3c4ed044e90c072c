"""Names files that hold no table that can be read, by their content: what they are, and how to send the table instead.

The name of a file says nothing: what many systems call ``.xls`` is HTML or XML.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.foreign_texts import ATTACHED, COPY, EXPORT, ITSELF, SAVE_AS, UNPACK, foreign_text

#: First bytes, what such a file is, and what to do.
_SIGNATURES = (
    (b"\x89PNG", "a picture", ITSELF), (b"\xff\xd8\xff", "a picture", ITSELF), (b"GIF87a", "a picture", ITSELF),
    (b"GIF89a", "a picture", ITSELF), (b"II*\0", "a picture", ITSELF), (b"MM\0*", "a picture", ITSELF),
    (b"PK\x05\x06", "an archive with nothing in it", ITSELF), (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", UNPACK), (b"\xfd7zXZ\0", "an XZ archive", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", UNPACK), (b"MSCF\0\0\0\0", "a Cabinet archive", UNPACK),
    (b"{\\rtf", "a text document (RTF)", COPY), (b"%!PS", "a PostScript document", ITSELF),
    (b"SQLite format 3\0", "an SQLite database", EXPORT), (b"\0\x01\0\0Standard ", "an Access database", EXPORT),
    (b"\x7fELF", "a program", ITSELF), (b"\xca\xfe\xba\xbe", "a program", ITSELF),
    (b"\xcf\xfa\xed\xfe", "a program", ITSELF), (b"\xfe\xed\xfa", "a program", ITSELF),
    (b"$FL2@(#)", "an SPSS data file", EXPORT), (b"<stata_dta>", "a Stata data file", EXPORT),
    (b"ID;PWXL", "a SYLK spreadsheet", SAVE_AS), (b"ID;PCALC", "a SYLK spreadsheet", SAVE_AS),
    (b"ID;PSCALC", "a SYLK spreadsheet", SAVE_AS), (b"-----BEGIN PGP", "an encrypted or signed message (PGP)", ITSELF),
    (b"BEGIN:VCALENDAR", "a calendar entry", ITSELF), (b"BEGIN:VCARD", "a contact card", ITSELF),
    *((start, "a workbook of an Excel before version 5", SAVE_AS) for start in (b"\x09\0\x04\0", b"\x09\2\6\0", b"\x09\4\6\0")),
)  # fmt: skip
_SPACE = b"\xef\xbb\xbf \t\r\n\0"
#: Tests of more than the first bytes, for signatures that a header could begin with too.
_TESTS: tuple[tuple[Callable[[bytes], bool], str, str], ...] = (
    (lambda data: data[:1_024].lstrip(_SPACE).startswith(b"%PDF"), "a PDF document", ITSELF),
    (lambda data: data[257:262] == b"ustar", "a tar archive", UNPACK),
    (lambda data: data.startswith(b"BZh") and data[4:10] == b"1AY&SY", "a bzip2 archive", UNPACK),
    (lambda data: data.startswith(b"RIFF") and data[8:12] == b"WEBP", "a picture", ITSELF),
    (lambda data: data.startswith(b"\0\0\0") and data[4:8] == b"ftyp", "a picture or a film", ITSELF),
    (lambda data: data.startswith(b"BM") and int.from_bytes(data[2:6], "little") == len(data), "a picture", ITSELF),
    (
        lambda data: data.startswith(b"MZ") and data[int.from_bytes(data[60:64], "little") :][:2] in (b"PE", b"NE"),
        "a program", ITSELF,
    ),
)  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0"
#: Names of streams in the container of old office documents; one with a workbook is none of these.
_STREAMS = (
    ("__substg1.0_", "an Outlook e-mail", ATTACHED), ("WordDocument", "a Word document", COPY),
    ("PowerPoint Document", "a PowerPoint presentation", COPY), ("VisioDocument", "a Visio drawing", COPY),
)  # fmt: skip
_WORKBOOK_STREAMS = ("Workbook", "Book", "EncryptedPackage")
_APPLE = "In Numbers use File, Export To, Excel or CSV, and send that."
#: How names of parts of an archive begin.
_PARTS = (
    ("word/", "a Word document", COPY), ("ppt/", "a PowerPoint presentation", COPY),
    ("visio/", "a Visio drawing", COPY), ("Index/", "a Numbers, Pages or Keynote document of Apple", _APPLE),
    ("Index.zip", "a Numbers, Pages or Keynote document of Apple", _APPLE),
    ("DataModel", "a Power BI report", EXPORT),
)  # fmt: skip
#: What an OpenDocument file says of itself in its first part.
_OPEN_DOCUMENTS = (
    (b"opendocument.text", "a text document (OpenDocument)"), (b"opendocument.presentation", "a presentation (OpenDocument)"),
    (b"opendocument.graphics", "a drawing (OpenDocument)"), (b"application/epub+zip", "an e-book"),
)  # fmt: skip


def refuse_foreign(data: bytes) -> None:
    """Refuses a file that is something else than a table.

    Raises:
        UnreadableFile: It is; the message says what, the hint how to send the table.
    """
    kind = _by_bytes(data) or foreign_text(data)
    if kind:
        raise _refusal(*kind)


def refuse_foreign_archive(names: Iterable[str], first_part: bytes) -> None:
    """Refuses a document that is kept as an archive but is no workbook.

    Args:
        names: Names of the parts of the archive.
        first_part: The beginning of the archive, where OpenDocument says what it is.

    Raises:
        UnreadableFile: It is one.
    """
    listed = list(names)
    if any(name.startswith("xl/") for name in listed):
        return
    for start, kind, advice in _PARTS:
        if any(name.startswith(start) for name in listed) and (
            start != "Index/" or any(".iwa" in name for name in listed)
        ):
            raise _refusal(kind, advice)
    for sign, kind in _OPEN_DOCUMENTS:
        if sign in first_part[:200]:
            raise _refusal(kind, COPY)


def _refusal(kind: str, advice: str) -> UnreadableFile:
    return UnreadableFile(f"The file is {kind}, not a workbook or CSV.", hint=advice)


def _by_bytes(data: bytes) -> tuple[str, str] | None:
    signed = ((kind, advice) for signature, kind, advice in _SIGNATURES if data.startswith(signature))
    tested = ((kind, advice) for is_it, kind, advice in _TESTS if is_it(data))
    return next(signed, None) or next(tested, None) or _by_streams(data)


def _by_streams(data: bytes) -> tuple[str, str] | None:
    if not data.startswith(_OLE) or any(f"{name}\0".encode("utf-16-le") in data for name in _WORKBOOK_STREAMS):
        return None
    return next(((kind, advice) for name, kind, advice in _STREAMS if name.encode("utf-16-le") in data), None)
