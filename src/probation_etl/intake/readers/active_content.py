"""Tells what a workbook holds besides values: programs, which are never run here, and links, which are never followed.

Such a workbook is read, with a warning: its values are those that were stored when it was saved.
"""

from __future__ import annotations

from collections.abc import Iterable

from probation_etl.contracts.findings import Finding, make
from probation_etl.intake.readers.archives import Archive
from probation_etl.intake.readers.biff import records_of
from probation_etl.intake.readers.sheet_parts import plain

#: How names of parts begin or end that hold programs; how those begin that say where values come from.
_PROGRAMS_BEGIN = ("xl/macrosheets/", "xl/activex/", "xl/dialogsheets/", "basic/", "scripts/")
_PROGRAMS_END = ("vbaproject.bin",)
_LINKS = ("xl/externallinks/", "xl/connections.", "xl/querytables/")
#: The same in old workbooks: the name of a stream, and a record that says which workbook is linked; of itself it is short.
_PROGRAM = "_VBA_PROJECT".encode("utf-16-le")
_LINKED, _OF_ITSELF = 0x01AE, 4


def active_content(archive: Archive) -> tuple[Finding, ...]:
    """Warnings of a workbook that is kept as an archive."""
    names = [plain(name) for name in archive.names]
    programs = any(name.startswith(_PROGRAMS_BEGIN) or name.endswith(_PROGRAMS_END) for name in names)
    return (*_told(programs=programs, links=any(name.startswith(_LINKS) for name in names)),)


def active_content_of_xls(data: bytes, stream: bytes) -> tuple[Finding, ...]:
    """Warnings of an old workbook.

    Args:
        data: The whole file.
        stream: The records in it.
    """
    links = any(record.kind == _LINKED and record.size > _OF_ITSELF for record in records_of(stream, 0))
    return (*_told(programs=_PROGRAM in data, links=links),)


def _told(*, programs: bool, links: bool) -> Iterable[Finding]:
    if programs:
        yield make("workbook-with-macros", severity="warning")
    if links:
        yield make("workbook-with-links", severity="warning")
