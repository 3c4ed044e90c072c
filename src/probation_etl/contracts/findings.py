"""The catalogue of findings: every code with its title, message and hint, and the finding itself.

Reports, documentation and the command line are rendered from this one place. A template may use ``{value}`` (the
text as the supplier wrote it, masked where restricted), ``{shown}`` (what a person sees, masked likewise), ``{column}`` and
``{expected}``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from probation_etl.contracts.model import Severity


@dataclass(frozen=True)
class FindingKind:
    """One entry of the catalogue.

    Attributes:
        hint: What to do.
        in_workbooks: What can be done besides in a workbook.
    """

    code: str
    title: str
    template: str
    hint: str
    in_workbooks: str = ""


_KINDS = (
    # The file
    FindingKind(
        "unreadable-file",
        "File cannot be read",
        "{expected}",
        "Open the file, save it again in the agreed format and send it again.",
    ),
    FindingKind(
        "empty-file",
        "File or sheet is empty",
        "{expected}",
        "Send the return again. If there is nothing to report, send the header row alone.",
    ),
    FindingKind(
        "too-large",
        "File is too large",
        "{expected}",
        "Take out what is not part of the return, or ask for the limit to be raised. Do not send the return in parts.",
    ),
    FindingKind(
        "unidentified-return",
        "Return not recognised",
        "{expected}",
        "Check the name of the file, the names of its sheets and the headers.",
    ),
    FindingKind(
        "ambiguous-return",
        "Not clear which return this is",
        "{expected}",
        "Check the name of the file, the names of its sheets and the headers.",
    ),
    FindingKind(
        "missing-sheet",
        "Sheet is missing",
        "The sheet ‘{expected}’ is not in the workbook.",
        "Add the sheet. If there is nothing to report, leave it with the header row alone.",
    ),
    FindingKind(
        "unexpected-sheet",
        "Sheet is not part of the return",
        "The sheet ‘{value}’ belongs to no return and was not read.",
        "Remove the sheet, or rename it if it holds a return.",
    ),
    FindingKind(
        "hidden-sheet",
        "Sheet is hidden",
        "The sheet ‘{value}’ is hidden; it was read.",
        "Check that it is the sheet you mean to send, and show it.",
    ),
    FindingKind(
        "wrong-encoding",
        "Text is not in the agreed encoding",
        "The file is in {value}, but {expected} was agreed. It was read as {value}.",
        "Save the file in the agreed encoding next time. Check letters with accents and pound signs.",
    ),
    FindingKind(
        "wrong-delimiter",
        "Cells are not separated as agreed",
        "Cells are separated by {value}, but {expected} was agreed. The file was read with {value}.",
        "Save the file with the agreed delimiter next time.",
    ),
    FindingKind(
        "wrong-quotation-mark",
        "Cells are not quoted as agreed",
        "Cells are in the quotation mark ‘{value}’, but ‘{expected}’ was agreed. The file was read with ‘{value}’.",
        "Save the file with the agreed quotation marks next time.",
    ),
    # Who and when
    FindingKind(
        "wrong-file-name",
        "File name is not in the agreed form",
        "{expected}",
        "Give the file a name in that form, and send it again.",
    ),
    FindingKind(
        "unknown-organisation",
        "Organisation not known",
        "{expected}",
        "Use the code and the name that the list of organisations has.",
    ),
    FindingKind(
        "ambiguous-organisation",
        "Organisation not clear",
        "{expected}",
        "Give the code of the organisation, and check that the name is of the same one.",
    ),
    FindingKind("period-mismatch", "Period not clear", "{expected}", "Correct the period."),
    FindingKind(
        "control-total",
        "Control total does not agree",
        "The number of rows on the cover is {value}, but the number found is {expected}.",
        "Check that no rows are missing. Correct the sheet or the cover.",
    ),
    FindingKind(
        "no-control-total",
        "Number of rows is not given",
        "The cover has a place for the number of rows, and it is empty: nothing was counted.",
        "Fill in the number of rows: it shows that none was lost on the way.",
    ),
    FindingKind(
        "dates-outside-period",
        "No date is in the period",
        "{expected}",
        "Check that this is the return of this period, and not that of another under its name.",
    ),
    # Beside other files and other returns
    FindingKind(
        "fewer-rows",
        "Many rows fewer than before",
        "{expected}",
        "If rows are missing, send the whole return again. If they were taken out on purpose, there is nothing to do.",
    ),
    FindingKind(
        "competing-returns",
        "Several files of one return",
        "This is the return of the same supplier and period as {expected}, and not the same. Which of them is right is not known.",
        "Keep only the right file and run again. Or let ‘run --newest-by’ say what decides: the time of the file, or its name.",
    ),
    FindingKind(
        "content-of-another-return",
        "Content of another supplier or period",
        "The file has the same content as {expected}.",
        "Send the file of this supplier and period. If it is the other one that is wrong, it must be withdrawn or taken away first.",
    ),
    FindingKind(
        "superseded-content",
        "Content that was superseded",
        "{expected}",
        "If this content is to count, withdraw the return that counts now.",
    ),
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
    FindingKind("missing-value", "Value is missing", "‘{column}’ is empty.", "Fill in the cell."),
    FindingKind(
        "not-a-date",
        "Not a date",
        "‘{value}’ is not a date in the form {expected}.",
        "Check that the date exists, and write it in that form.",
        "A date cell will do too.",
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
    FindingKind("not-a-boolean", "Not yes or no", "‘{value}’ is not true or false.", "Write true or false."),
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
        "unchecked-reference",
        "Reference not checked",
        "References to {expected} were not checked: no such rows were given.",
        "Give the other files too, or use a store.",
    ),
    FindingKind("table-rule", "Return breaks a rule", "{expected}", "Check that the return is complete."),
    FindingKind("cross-return-rule", "Returns do not agree", "{expected}", "Check this return against the other."),
    FindingKind("row-rule", "Row breaks a rule", "{expected}", "Check the values of the row."),
)

#: Every finding code with its wording. The codes are a promise to users: codes are added, never changed.
CATALOGUE: dict[str, FindingKind] = {kind.code: kind for kind in _KINDS}


#: Codes of what a column alone decides: a contract may make warnings of these.
COLUMN_CODES = (
    "control-character", "wrong-kind", "shown-otherwise", "shown-in-part", "error-cell", "damaged-value", "ambiguous-date", "missing-value", "not-a-date", "not-a-number", "not-an-integer", "not-a-boolean", "too-precise",
    "wrong-pattern", "wrong-length", "out-of-range", "unlikely-date", "not-in-list", "duplicate-row",
)  # fmt: skip


#: Codes of what another file says against a return: it is taken again as long as its file lies in the inbox.
CONTESTED = ("competing-returns", "content-of-another-return")
#: Codes of what other files and other returns say of a return.
BESIDE_OTHERS = (*CONTESTED, "superseded-content")


@dataclass(frozen=True)
class Finding:
    """One fault, located as closely as it can be.

    Attributes:
        rule: The contract's name for the rule, ``column|check``, or the code for faults of the file.
        row: Row as a person sees it in a spreadsheet, or None for a fault of the file or table.
        column: Header as the supplier wrote it.
        cell: A1 reference, None for CSV.
        value: Text as the supplier wrote it, masked where the contract says that the column is restricted.
    """

    code: str
    message: str
    rule: str = ""
    severity: Severity = "error"
    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    cell: str | None = None
    value: str | None = None
    hint: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The finding as it is in JSON."""
        return asdict(self)


def make(
    code: str,
    *,
    expected: str = "",
    value: str | None = None,
    shown: str = "",
    column: str | None = None,
    hint: str = "",
    rule: str = "",
    severity: Severity = "error",
    file: str | None = None,
    sheet: str | None = None,
    row: int | None = None,
    cell: str | None = None,
) -> Finding:
    """A finding with the catalogue's wording.

    Args:
        code: A code of the catalogue.
        expected: What the template's ``{expected}`` stands for.
        value: What was found.
        shown: What a person sees instead.
        column: Header of the column.
        hint: What to do; the catalogue's own hint where empty.
        rule: Name of the rule; the code where empty.
        severity: How grave it is.
        file: Name of the file.
        sheet: Name of the sheet.
        row: Row as a person sees it in a spreadsheet.
        cell: A1 reference.
    """
    kind = CATALOGUE[code]
    message = kind.template.format(value=value, shown=shown, column=column, expected=expected).rstrip()
    return Finding(
        code, message, rule=rule or code, severity=severity, file=file, sheet=sheet, row=row, column=column, cell=cell,
        value=value, hint=hint or kind.hint,
    )  # fmt: skip
