"""Tells of rows and columns of a table that are hidden in its sheet, by a filter for instance. They are read like any other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from probation_etl.contracts.findings import Finding, make
from probation_etl.intake.readers import Grid

#: The most groups of rows that a finding names.
_NAMED = 10


def hidden_findings(grid: Grid, rows: Iterable[int], columns: Mapping[str, int]) -> list[Finding]:
    """A warning for the hidden rows of a table, and one for its hidden columns.

    Args:
        grid: The cells, with what is hidden in the sheet.
        rows: The rows that were read, as a person sees their numbers.
        columns: Position in the cells by header, of the columns that were read.
    """
    findings = []
    read = sorted({row + 1 for row in grid.hidden_rows}.intersection(rows)) if grid.hidden_rows else []
    if read:
        several = len(read) > 1
        found = f"{'Rows' if several else 'Row'} {in_groups(read)} {'are' if several else 'is'} hidden"
        findings.append(_warning("hidden-rows", found, several=several))
    headers = [f"‘{header}’" for header, at in columns.items() if at + grid.first_column in grid.hidden_columns]
    if headers:
        several = len(headers) > 1
        found = f"The column{'s' if several else ''} {_listed(headers)} {'are' if several else 'is'} hidden"
        findings.append(_warning("hidden-columns", found, several=several))
    return findings


def _warning(code: str, found: str, *, several: bool) -> Finding:
    return make(code, expected=f"{found}; {'they were' if several else 'it was'} read.", severity="warning")


def in_groups(rows: Iterable[int]) -> str:
    """Numbers of rows, in ascending order: ``5 to 9 and 12``."""
    ordered = sorted(rows)
    ends = [at for at, (one, next_) in enumerate(pairwise(ordered)) if next_ > one + 1]
    first = [ordered[0], *(ordered[at + 1] for at in ends)]
    last = [*(ordered[at] for at in ends), ordered[-1]]
    groups = [f"{one} to {other}" if other > one else str(one) for one, other in zip(first, last, strict=True)]
    rest = sum(other - one + 1 for one, other in zip(first[_NAMED:], last[_NAMED:], strict=True))
    return _listed([*groups[:_NAMED], *([f"{rest} more"] if rest else [])])


def _listed(parts: list[str]) -> str:
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last
