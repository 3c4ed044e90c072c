"""Errors of formulas that the library does not know, such as ``#SPILL!``: it would refuse the whole workbook for one of them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping

from probation_etl.intake.readers.archives import Archive
from probation_etl.intake.readers.base import CellKind
from probation_etl.intake.readers.dimensions import InspectedSheet
from probation_etl.intake.readers.inspection import is_open_document
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits
from probation_etl.intake.readers.sheet_parts import plain, xlsx_sheet_names

_KNOWN = frozenset((b"#DIV/0!", b"#N/A", b"#NAME?", b"#NULL!", b"#NUM!", b"#REF!", b"#VALUE!"))
#: An error cell as far as its value, and the value.
_ERROR = re.compile(
    rb"""(<(?:\w+:)?c\s[^<>]*\bt\s*=\s*["']e["'][^<>]*>(?:(?!</?(?:\w+:)?(?:c|v)[\s/>])[\s\S])*+<(?:\w+:)?v(?:\s[^<>]*)?>)([^<]*)"""
)


def with_known_errors(
    data: bytes, archive: Archive, inspected: Mapping[str, InspectedSheet], limits: Limits = DEFAULT_LIMITS
) -> bytes:
    """A workbook whose errors the library knows all; mostly as it is. What they are is put into the grid afterwards.

    Args:
        data: The workbook.
        archive: Its parts, as they were sent.
        inspected: What was found in its sheets, by name.
        limits: How much is read.
    """
    if is_open_document(archive):
        return data
    names = xlsx_sheet_names(archive, limits)
    odd = {plain(part) for part, name in names.items() if name in inspected and any(_unknown(inspected[name]))}
    return _rewritten(data, odd) if odd else data


def _unknown(sheet: InspectedSheet) -> Iterator[bool]:
    return (each.kind == CellKind.ERROR and each.text.encode() not in _KNOWN for each in sheet.marks)


def _rewritten(data: bytes, parts: Collection[str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for member in old.infolist():
            content = old.read(member)
            new.writestr(member.filename, _ERROR.sub(_known, content) if plain(member.filename) in parts else content)
    return target.getvalue()


def _known(cell: re.Match[bytes]) -> bytes:
    return cell[0] if cell[2].strip() in _KNOWN else cell[1] + b"#VALUE!"
