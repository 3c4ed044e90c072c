"""How reports write where a finding is, and a day."""

from __future__ import annotations

from datetime import date

from probation_etl.contracts.findings import Finding


def place(finding: Finding) -> str:
    """Cell or row and column of a finding, with a colon; empty for a finding about the file or table as a whole."""
    if finding.row is None:
        return ""
    column = f", {' '.join(finding.column.split())}" if finding.column else ""
    return f"{finding.cell or f'row {finding.row}'}{column}: "


def iso(day: date | None) -> str | None:
    """A day as JSON has it."""
    return day.isoformat() if day else None
