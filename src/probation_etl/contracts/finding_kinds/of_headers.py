"""Findings of the header of a table."""

from __future__ import annotations

from probation_etl.contracts.finding_kinds.kind import FindingKind

OF_HEADERS = (
    # The header
    FindingKind(
        "missing-column",
        "Column is missing",
        "The column ‘{expected}’ was not found.",
        "Add the column, or correct its header.",
    ),
    FindingKind(
        "unexpected-column",
        "Column is not part of the return",
        "The column ‘{column}’ is not part of the return and was not read.",
        "Remove the column, or correct its header.",
    ),
    FindingKind(
        "duplicate-column",
        "Column appears twice",
        "The column ‘{column}’ appears more than once, perhaps under another header.",
        "Keep one of the columns. Remove the other or correct its header.",
    ),
    FindingKind(
        "hidden-columns",
        "Columns are hidden",
        "{expected}",
        "Check what they hold, and show them.",
    ),
    FindingKind(
        "hidden-rows",
        "Rows are hidden",
        "{expected}",
        "Check that they belong to the return. Remove them or take the filter away.",
    ),
    FindingKind(
        "two-row-header",
        "Header stands in two rows",
        "{expected}",
        "Put the header of every column in one row. Group headers may stand in the row above.",
    ),
    FindingKind(
        "acceptance-limit",
        "Too many rows with errors",
        "{expected}",
        "Correct the rows and send the whole return again.",
    ),
)
