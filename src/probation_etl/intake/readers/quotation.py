"""Finds how cells are quoted where that is not as usual: by another mark, or behind a blank after each delimiter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from probation_etl.intake.readers.dialect import Dialect, line_at

_OTHERS = ("'", "`")
_RECORDS, _CHARACTERS = 200, 60_000
#: Share of the records below the header that must be so for a file to be read so.
_MOST = 0.8


def quotation_of(text: str, usual: Dialect) -> Dialect:
    """How the cells of a text are quoted.

    Another mark is used only where it is around every name in the header and around a cell of most records. A blank behind
    delimiters is skipped only where most records with quoted cells, or all cells of most records, have it.
    """
    sample = text[:_CHARACTERS]
    for mark in _OTHERS:
        if mark in sample:
            other = replace(usual, quote=mark)
            for dialect in (other, replace(other, blanks=True)):
                if _is_quoted(_table(_records(sample, dialect), dialect), dialect):
                    return dialect
    blanks = replace(usual, blanks=True)
    return blanks if f"{usual.delimiter} " in sample and _has_blanks(sample, usual, blanks) else usual


def _records(sample: str, dialect: Dialect) -> list[str]:
    """The first records of a text; a line, where quotation marks are wrong."""
    at, records = 0, list[str]()
    while at < len(sample) and len(records) < _RECORDS:
        good = dialect.good_record(sample, at)
        record = good[0] if good else line_at(sample, at)
        at += len(record)
        if record.strip():
            records.append(record)
    return records


def _table(records: Sequence[str], dialect: Dialect) -> list[str]:
    """The records from the header on: the first that has as many cells as most of them."""
    widths = [len(dialect.cells(record)) for record in records]
    several = Counter(width for width in widths if width > 1).most_common(1)
    return list(records[widths.index(several[0][0]) :]) if several else []


def _is_quoted(table: Sequence[str], dialect: Dialect) -> bool:
    if not table:
        return False
    header, *records = table
    named = [cell for cell in dialect.written_cells(header) if cell.strip()]
    quoted = [_quoted_cells(line, dialect) for line in records]
    return _quoted_cells(header, dialect) == len(named) > 1 and sum(map(bool, quoted)) >= _MOST * len(records)


def _quoted_cells(line: str, dialect: Dialect) -> int:
    """How many cells of a record are quoted; none where its quotation marks are wrong."""
    record = dialect.good_record(line, 0)
    if record is None or record.end() < len(line):
        return 0
    return sum(cell.lstrip(" ").startswith(dialect.quote) for cell in dialect.written_cells(line))


def _has_blanks(sample: str, usual: Dialect, blanks: Dialect) -> bool:
    quoted = [record for record in _records(sample, blanks) if usual.quote in record]
    only_so = [line for line in quoted if _quoted_cells(line, blanks) and not _quoted_cells(line, usual)]
    if only_so and 2 * len(only_so) > len(quoted):
        return True
    table = _table(_records(sample, usual), usual)
    begin = [_all_begin_with_a_blank(line, usual) for line in table]
    return len(begin) > 1 and begin[0] and sum(begin[1:]) >= _MOST * (len(begin) - 1)


def _all_begin_with_a_blank(line: str, dialect: Dialect) -> bool:
    """Whether every filled cell behind a delimiter begins with a blank, and there is one."""
    filled = [cell for cell in dialect.written_cells(line)[1:] if cell.strip()]
    return bool(filled) and all(cell.startswith(" ") for cell in filled)
