"""Why a cell is empty: ``MARK(column)`` in a mapping is the shorthand mark that stands in it."""

from __future__ import annotations

import re

_CALLED = re.compile(r"""\bMARK\s*\(\s*(?:"([^"]+)"|(\w+))\s*\)""", re.IGNORECASE)
_MADE = re.compile(r'"mark of ([^"]+)"')


def marks_as_columns(sql: str) -> str:
    """The same SQL, which reads for each such call a column that the reader of cells adds."""
    return _CALLED.sub(lambda found: f'"{mark_of(found[1] or found[2])}"', sql)


def mark_of(column: str) -> str:
    """Name of the column with the marks of another."""
    return f"mark of {column}"


def marked_in(sql: str) -> list[str]:
    """The columns whose marks some SQL reads, once its calls are columns."""
    return _MADE.findall(sql)
