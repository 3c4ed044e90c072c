"""Where a finding is, in words for lines of text."""

from __future__ import annotations

from probation_etl.contracts.findings import Finding


def place(finding: Finding) -> str:
    """Cell or row and column of a finding, with a colon; empty for a finding about the file or table as a whole."""
    if finding.row is None:
        return ""
    column = f", {' '.join(finding.column.split())}" if finding.column else ""
    return f"{finding.cell or f'row {finding.row}'}{column}: "
