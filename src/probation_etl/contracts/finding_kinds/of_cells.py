"""Findings of single cells."""

from __future__ import annotations

from probation_etl.contracts.finding_kinds.kind import FindingKind

OF_CELLS = (
    # The cell
    FindingKind(
        "control-character",
        "Cell contains a hidden character",
        "‘{value}’ contains a control character, which cannot be seen.",
        "Clear the cell and type the value again. Hidden characters come from damaged files or from pasted text.",
    ),
    FindingKind(
        "merged-cell",
        "Cell is merged with others",
        "The cell is merged with others, so it is not clear what it holds in each row.",
        "Unmerge the cells and fill in each of them.",
    ),
    FindingKind(
        "wrong-kind",
        "Cell holds another kind of value",
        "The cell holds a value of another kind, shown ‘{shown}’; {expected} is due.",
        "Format the cell for what its column asks: as text, a number or a date. Then enter the value again.",
    ),
    FindingKind(
        "shown-otherwise",
        "Cell shows something else than it holds",
        "The cell shows ‘{shown}’, but ‘{value}’ is stored.",
        "Take away the format of the cell, and enter the value that you mean as it is to be read.",
    ),
    FindingKind(
        "shown-in-part",
        "Cell shows only a part of what it holds",
        "The cell shows ‘{shown}’ alone, but ‘{value}’ is stored.",
        "Check the value that is stored. Give the cell a format that shows all of it.",
    ),
    FindingKind(
        "error-cell", "Cell shows an error", "The cell shows ‘{value}’.", "Correct the formula, or write the value."
    ),
    FindingKind(
        "damaged-value",
        "Value is damaged",
        "‘{value}’ is what a program leaves behind when it damages a value.",
        "Write the value again, from the record that it comes from.",
    ),
    FindingKind(
        "ambiguous-dates",
        "Dates of a column contradict each other",
        "Day and month are exchanged in dates of ‘{column}’: {expected}. So none of its dates that could be two days is known.",
        "Write the dates of this column again from the record that they come from, all in the form that is due.",
    ),
    FindingKind(
        "ambiguous-date",
        "Date could be two days",
        "It is not known which day ‘{value}’ is: day and month are exchanged in other dates of the column.",
        "Write the date again from the record that it comes from, in the form that is due.",
    ),
    FindingKind(
        "restricted-value-elsewhere",
        "Value of a restricted column in another column",
        "‘{value}’ looks like a value of a restricted column, and would be shown here.",
        "Write such a value in its own column alone.",
    ),
    FindingKind("missing-value", "Value is missing", "‘{column}’ is empty.", "Fill in the cell."),
    FindingKind(
        "not-a-date",
        "Not a date",
        "‘{value}’ is not a date in the form {expected}.",
        "Check that the date exists, and write it in that form.",
        "A date cell will do too.",
    ),
    FindingKind(
        "not-a-timestamp",
        "Not a date with a time",
        "‘{value}’ is not a date with a time in the form {expected}.",
        "Check that the day and the time exist, and write them in that form.",
        "A date cell with a time will do too.",
    ),
    FindingKind(
        "not-a-time",
        "Not a time of day",
        "‘{value}’ is not a time of day in the form {expected}.",
        "Check that the time exists, and write it in that form.",
        "A time cell will do too.",
    ),
    FindingKind(
        "not-a-duration",
        "Not a length of time",
        "‘{value}’ is not a length of time in the form {expected}.",
        "Write it in that form. Hours may be more than 24 where they come first.",
        "A time cell will do too.",
    ),
    FindingKind(
        "not-a-number", "Not a number", "‘{value}’ is not a number.", "Write digits only, with a point for decimals."
    ),
    FindingKind(
        "not-an-integer",
        "Not a whole number",
        "‘{value}’ is not a whole number.",
        "Write digits only, without decimals.",
    ),
    FindingKind("not-a-boolean", "Not yes or no", "‘{value}’ is not {expected}.", "Write true or false."),
    FindingKind(
        "too-precise",
        "Too many decimal places",
        "‘{value}’ has too many decimal places. At most {expected} can be given.",
        "Round the number.",
    ),
    FindingKind(
        "wrong-pattern", "Wrong format", "‘{value}’ is not in the right format. {expected}", "Correct the value."
    ),
    FindingKind(
        "unlikely-date",
        "Day is not likely",
        "‘{value}’ is not a likely day: dates of this column lie {expected}.",
        "Check the day, and its year above all. A year or another number in a cell that is formatted as a date is shown as a day "
        "of long ago.",
    ),
    FindingKind("wrong-length", "Wrong length", "The text must have {expected} characters.", "Correct the value."),
    FindingKind(
        "out-of-range", "Out of range", "‘{value}’ is out of range: it must be {expected}.", "Check the value."
    ),
    FindingKind(
        "not-in-list",
        "Not in the list",
        "‘{value}’ is not one of: {expected}.",
        "Use a value from the list, spelt exactly as it is there.",
    ),
    FindingKind(
        "unmapped-value",
        "Value has no place in the unified data",
        "‘{value}’ is allowed here, but the contract does not say what it means in the unified data.",
        "Check the value. If it is right, tell the team that sent you this report: the contract must be put right.",
    ),
)
