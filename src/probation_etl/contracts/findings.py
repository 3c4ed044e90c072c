"""The catalogue of findings, and the finding itself.

The wording stands in :mod:`finding_kinds`; reports, documentation and the command line are rendered from it. A template may use ``{value}`` (the
text as the supplier wrote it, masked where restricted), ``{shown}`` (what a person sees, masked likewise), ``{column}`` and
``{expected}``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from probation_etl.contracts.finding_kinds import KINDS, FindingKind
from probation_etl.contracts.model import Severity
from probation_etl.discreet import Discreet

#: Every finding code with its wording. The codes are a promise to users: codes are added, never changed.
CATALOGUE: dict[str, FindingKind] = {kind.code: kind for kind in KINDS}


#: Codes of what a column alone decides: a contract may say whether each is an error or a warning.
COLUMN_CODES = (
    "control-character", "wrong-kind", "shown-otherwise", "shown-in-part", "error-cell", "damaged-value", "ambiguous-date",
    "missing-value", "not-a-date", "not-a-timestamp", "not-a-time", "not-a-duration", "not-a-number", "not-an-integer", "not-a-boolean", "too-precise", "wrong-pattern", "wrong-length",
    "out-of-range", "unlikely-date", "not-in-list", "duplicate-row", "restricted-value-elsewhere",
)  # fmt: skip


#: Codes of a file as a whole that are warnings, unless a contract says that they are errors; of missing columns those that no row needs.
FILE_CODES = (
    "missing-column", "unexpected-column", "hidden-columns", "hidden-rows", "unexpected-sheet", "hidden-sheet", "wrong-encoding",
    "wrong-delimiter", "wrong-quotation-mark", "workbook-with-macros", "workbook-with-links", "restricted-value-in-name",
    "no-control-total", "dates-outside-period", "fewer-rows",
)  # fmt: skip


#: Codes of what another file says against a return: it is taken again as long as its file lies in the inbox.
CONTESTED = ("competing-returns", "content-of-another-return")
#: Name of the rule that control totals in a file beside the return agree: if they do not, that file may be wrong.
CONTROL_FILE = "control-file"
#: Codes of what other files and other returns say of a return.
BESIDE_OTHERS = (*CONTESTED, "superseded-content")
#: Codes of files that were not read, which the operator has to see to: nobody else can.
FOR_THE_OPERATOR = ("inaccessible-file", "linked-file", "parked-file")
#: Code of a file that brought the process down which read it.
BROUGHT_DOWN = "reader-failed"


@dataclass(frozen=True)
class Finding(Discreet, tells=("code", "rule", "severity", "cell")):
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
