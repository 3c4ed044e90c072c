"""What a contract says of the rows of its file holds for long files, which are read in pieces, as for any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from probation_etl.intake import pieces
from probation_etl.intake.assess import assess
from probation_etl.intake.long import rows as long_rows
from probation_etl.intake.readers import in_pieces
from probation_etl.intake.received import InBytes, Received
from probation_etl.intake.result import ReturnResult

if TYPE_CHECKING:
    from conftest import Library

ROWS = [f"L{at:04},{at % 90 + 1},Central,0{at % 9 + 1}/03/2024" for at in range(1, 40)]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read some lines at a time."""
    monkeypatch.setattr(in_pieces, "PIECE", 60)
    monkeypatch.setattr(in_pieces, "_BEGINNING", 150)
    monkeypatch.setattr(in_pieces, "_LEAST_ROWS", 1)
    for module in (pieces, long_rows):
        monkeypatch.setattr(module, "ROWS_AT_A_TIME", 3)


def compared(library: Library, text: str, **custom: Any) -> ReturnResult:
    """The return, which is the same read in pieces and as a whole."""
    rulebook = library.rulebook(library.contract(columns=library.columns()[:4], rules=[], custom=custom))

    def result(data: bytes | Received) -> ReturnResult:
        (found,) = assess(library.file, data, rulebook)
        return found

    whole, long = result(text.encode()), result(InBytes(text.encode()))
    assert long.source.grid is not None
    assert long.source.grid.pieces is not None
    for each in (whole, long):
        assert each.verdict != "rejected"
    assert (long.verdict, long.rows, long.notes) == (whole.verdict, whole.rows, whole.notes)
    assert long.findings.rows() == whole.findings.rows()
    assert long.accepted.rows() == whole.accepted.rows()
    return long


def test_rows_are_left_out(library: Library) -> None:
    left = [
        {"name": "instructions", "belowHeader": 2},
        {"name": "formulas", "filledOnly": ["copy_number"]},
        {"name": "totals", "column": "loan_reference", "matches": "total .*"},
        {"name": "the rest", "column": "loan_reference", "matches": "end", "andBelow": True},
    ]
    lines = [
        "a,b,c,d",
        "",
        *ROWS[:15],
        ",0,,",
        "Total so far,15,,",
        "",
        *ROWS[15:],
        ",0,,",
        "End,,,",
        *(["x,y,z,z"] * 20),
    ]
    result = compared(library, "\n".join(["Loan reference,Copy,Branch,Lent on", *lines]) + "\n", leftOut=left)
    assert (result.rows.accepted, result.rows.quarantined, result.rows.blank, result.rows.notes) == (39, 0, 2, 25)


@pytest.mark.parametrize(
    ("above", "lines"), [([], 0), (["Loan,,,Lent", "reference,Copy,Branch,on"], 2)], ids=["no header", "two lines"]
)
def test_headers_of_no_line_and_of_two(library: Library, above: list[str], lines: int) -> None:
    result = compared(library, "\n".join([*above, *ROWS, "L1,1,Central"]) + "\n", headerRows=lines)
    assert (result.rows.accepted, result.rows.quarantined) == (39, 1)


def test_columns_that_are_not_read_and_severities(library: Library) -> None:
    text = "\n".join(["Loan reference,Copy,Branch,Lent on,Check,Other", *(f"{row},x,y" for row in ROWS)]) + "\n"
    result = compared(library, text, notRead={"columns": ["check"]}, severities={"out-of-range": "warning"})
    assert result.findings["code"].to_list() == ["unexpected-column"]
