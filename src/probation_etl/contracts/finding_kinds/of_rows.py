"""Findings of rows, and of the table as a whole."""

from __future__ import annotations

from probation_etl.contracts.finding_kinds.kind import FindingKind

OF_ROWS = (
    # The row and the table
    FindingKind(
        "malformed-row",
        "Row is broken",
        "The row has {value} cells, but the header has {expected}.",
        "Check the delimiters and quotation marks of this row.",
    ),
    FindingKind(
        "record-width",
        "All rows have another number of cells than the header",
        "Every row has {value} cells, but the header has {expected}",
        "Give each column a header, and each row as many cells as there are headers.",
    ),
    FindingKind(
        "perhaps-cut-off",
        "Data may have been cut off",
        "{expected}",
        "Compare the last row with your system. If it is complete, give the number of rows on the cover, or write a note below "
        "the data, after an empty row.",
    ),
    FindingKind(
        "total-row",
        "Row is a total",
        "The row is no row of data. {expected}",
        "Take the row out. Totals are worked out from the other rows, and would count twice.",
    ),
    FindingKind(
        "repeated-header",
        "Header is repeated",
        "{expected}",
        "Take out the headers between the rows.",
    ),
    FindingKind(
        "report-mark",
        "Row is a mark of a report",
        "The row is a mark of the report, such as its end or its page, and no row of data. {expected}",
        "Take the row out, and check that no rows are missing.",
    ),
    FindingKind(
        "nil-row",
        "Row says that there is nothing to report",
        "The row says that there is nothing to report. {expected}",
        "If there is nothing to report, send the header row alone. Otherwise take this row out.",
    ),
    FindingKind(
        "instruction-row",
        "Row tells how to fill in the table",
        "The row tells how to fill in the columns. It is no row of data.",
        "Take the row out.",
    ),
    FindingKind(
        "note-among-rows",
        "Row may be a note",
        "‘{value}’ looks like a note, but stands among the rows of data, or right below them.",
        "Put notes below the data, after an empty row. If it is a row of data, fill in its other cells.",
    ),
    FindingKind(
        "unclear-blank",
        "Not clear what an empty cell means",
        "‘{column}’ is empty below a filled cell. It may mean the same as the cell above, or it may be left empty on purpose.",
        "Fill in the cell in every row. Rows in which it is empty on purpose belong above all rows in which it is filled.",
    ),
    FindingKind(
        "duplicate-row",
        "Row appears twice",
        "Rows {value} have the same {expected}.",
        "Keep the right row and remove the others.",
    ),
    FindingKind(
        "unknown-reference",
        "Refers to a row that is not there",
        "No accepted {expected} was found for this row, in this or an earlier return.",
        "Send the row it refers to, or correct the reference.",
    ),
    FindingKind(
        "not-in-reference-table",
        "Not in a reference table",
        "‘{value}’ is not in the list of {expected}.",
        "Check the values against the list; if one is missing there, ask for it to be added.",
    ),
    FindingKind(
        "unknown-row",
        "Refers to a row that the return does not have",
        "No row of this return is the one that ‘{column}’ refers to.",
        "Send the row it refers to with this return, or correct the reference.",
    ),
    FindingKind(
        "unchecked-reference",
        "Reference not checked",
        "References to {expected} were not checked: no such rows were given.",
        "Give the other files too, or use a store.",
    ),
    FindingKind("table-rule", "Return breaks a rule", "{expected}", "Check that the return is complete."),
    FindingKind("cross-return-rule", "Returns do not agree", "{expected}", "Check this return against the other."),
    FindingKind(
        "uncomputed-rule",
        "Rule could not be computed",
        "This could not be checked, because computing it failed or took too long: {expected}",
        "Tell those who look after the contract. The return is not loaded before it is checked.",
    ),
    FindingKind("row-rule", "Row breaks a rule", "{expected}", "Check the values of the row."),
)
