"""Decodes text in the contract's encoding, or in the one that it is found to have, with a warning; never by guessing.

Where a file is not in the contract's encoding, a byte order mark decides; otherwise it is UTF-8 if it is valid UTF-8,
else Windows-1252. No character is replaced or left out. Old code pages are not tried: they cannot be distinguished.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from probation_etl.contracts.findings import Finding, make
from probation_etl.discreet import Discreet
from probation_etl.errors import UnreadableFile, UsageError

#: UTF-32 begins like UTF-16, so it comes first; it is not read.
_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF8, "UTF-8"), (codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"),
)  # fmt: skip
#: Bytes that Windows-1252 does not define.
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
#: Accented letters, signs, dashes and quotation marks in UTF-8; read as Windows-1252 they would be nonsense such as Ã©.
_TELLING = re.compile(rb"\xc3[\x80-\xbf]|\xc2[\xa0-\xbf]|\xe2\x80[\x90-\xba]|\xe2\x82\xac")
#: Sequences that do not occur in text written in Windows-1252. Right after a small letter: the signs and capitals that it
#: has where older code pages have é, è, ë, ê, ü, or where UTF-8 has the first byte of a letter. Before a digit: œ, where
#: older code pages have the pound sign. Two such signs or capitals in a row, as in words of another alphabet. And half of a
#: UTF-16 pair, written as UTF-8 would write it.
_UNLIKELY = re.compile(
    rb"[a-z][\x82-\x84\x88-\x8a\x8c\x8e\x98\x9f\xc2\xc3]|\x9c ?[0-9]"
    rb"|[\x80\x82-\x84\x88-\x8c\x8e\x98\x9a\x9e\x9f]{2}|\xed[\xa0-\xbf][\x80-\xbf]"
)
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True)
class Text(Discreet):
    """The text of a file, and a warning where its encoding is not the contract's."""

    text: str
    findings: tuple[Finding, ...] = ()


def decode(data: bytes, encoding: str = "UTF-8") -> Text:
    """The text of a file.

    Args:
        data: The whole file. A byte order mark is removed.
        encoding: The contract's encoding, used unless the file is not valid in it.

    Raises:
        UnreadableFile: The encoding cannot be determined, changes within the file, or the file contains a NUL.
        UsageError: The contract's encoding is not known.
    """
    found = _encoding_of(data, _checked(encoding))
    try:
        text = data.decode(found)
    except UnicodeDecodeError as error:
        raise _undecodable(data, error.start, found, encoding) from None
    if _same_family(found, "Windows-1252") and (unlikely := _UNLIKELY.search(data)):
        raise _another_code_page(line_of(data, unlikely.start()), encoding)
    if "\0" in text:
        before = text[: text.index("\0")].encode()
        line = line_of(before, len(before))
        raise UnreadableFile(f"Line {line} holds a NUL character: this is not a text file, or it is damaged.")
    return Text(text.removeprefix("\ufeff"), _findings(found, encoding))


def findings_of_utf_8(encoding: str, *, is_ascii: bool) -> tuple[Finding, ...]:
    """What is to be said of the encoding of a file that is valid UTF-8, where it should have another."""
    return () if is_ascii and _ascii_like(_checked(encoding)) else _findings("UTF-8", _checked(encoding))


def line_of(data: bytes, position: int) -> int:
    """Number of the line that a byte is in, for any kind of line end."""
    before = data[:position]
    return before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1


def _checked(encoding: str) -> str:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise UsageError(f"The encoding ‘{encoding}’ is not known.") from None
    return encoding


def _encoding_of(data: bytes, declared: str) -> str:
    """The one encoding that the file is read in."""
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if marked == "UTF-32":
        raise UnreadableFile("The file is UTF-32, which is not read: save it again as UTF-8.")
    if marked:
        return marked
    if _same_family(declared, "UTF-16") and b"\0" in data[:2]:
        return "UTF-16-BE" if data.startswith(b"\0") else "UTF-16-LE"
    if data.isascii():
        return declared if _ascii_like(declared) else "UTF-8"
    if _is(data, "UTF-8"):
        return "UTF-8"
    if _name(declared) != "utf-8" and _ascii_like(declared) and _works(data, declared):
        _refuse_two_encodings(data, single_byte=True)
        return declared
    _refuse_two_encodings(data)
    return "Windows-1252"


def _works(data: bytes, declared: str) -> bool:
    """Whether the declared encoding gives text; control characters mean that it is another one."""
    try:
        return not re.search(r"[\x80-\x9f]", data.decode(declared))
    except UnicodeDecodeError:
        return False


def _refuse_two_encodings(data: bytes, *, single_byte: bool = False) -> None:
    """Refuses a file with some lines in UTF-8 and others not, or with both in one line.

    Where the contract's encoding has one byte for a letter, a line counts as UTF-8 only if it would be nonsense
    otherwise: É before a closing quotation mark is also valid UTF-8, of a rare letter.
    """
    first: bool | None = None
    for number, line in _lines(data):
        utf_8, telling = _is(line, "UTF-8"), _TELLING.search(line) is not None
        if single_byte and utf_8 and not telling:
            continue
        if (telling and not utf_8) or first not in (None, utf_8):
            raise _two_encodings(number)
        first = utf_8


def _two_encodings(line: int) -> UnreadableFile:
    return UnreadableFile(
        f"The file is in two encodings at once, UTF-8 and Windows-1252: line {line} is where the second one begins. "
        "Save the whole file again as UTF-8."
    )


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each line with characters beyond ASCII."""
    for number, line in enumerate(_LINE_ENDS.split(data), start=1):
        if not line.isascii():
            yield number, line


def _undecodable(data: bytes, position: int, found: str, declared: str) -> UnreadableFile:
    """The refusal of a file that is neither UTF-8 nor Windows-1252, or that is damaged after its byte order mark."""
    undefined = _UNDEFINED.search(data) if found == "Windows-1252" else None
    line = line_of(data, undefined.start() if undefined else position)
    others = "" if found == declared else f", nor {found}" if found == "Windows-1252" else f" but {found}"
    return UnreadableFile(
        f"The file is not {declared}{others}: line {line} holds bytes that mean nothing there. "
        f"Save it again as {declared}."
    )


def _another_code_page(line: int, declared: str) -> UnreadableFile:
    return UnreadableFile(
        f"Line {line} has letters with accents that mean nothing in UTF-8 and no word has in Windows-1252: the file is "
        f"in another encoding, perhaps an old code page such as 437 or 850, or damaged. Save it again as {declared}."
    )


def _findings(found: str, declared: str) -> tuple[Finding, ...]:
    """A warning where the file is not in the contract's encoding; plain ASCII is valid in nearly every one."""
    if _same_family(found, declared):
        return ()
    return (make("wrong-encoding", value=found, expected=declared, severity="warning"),)


def _is(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _name(encoding: str) -> str:
    return codecs.lookup(encoding).name.replace("utf-8-sig", "utf-8")


def _same_family(one: str, other: str) -> bool:
    """Whether two names mean the same encoding; UTF-16 counts as one, in either byte order."""
    return _name(one).removesuffix("-le").removesuffix("-be") == _name(other).removesuffix("-le").removesuffix("-be")


def _ascii_like(encoding: str) -> bool:
    return "AZaz09,;\r\n".encode(encoding) == b"AZaz09,;\r\n"
