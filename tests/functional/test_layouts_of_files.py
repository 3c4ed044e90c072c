"""Files as people and systems make them, each by a contract alone: an extract, a national file, workbooks, a delivery of two files.

The contracts are in ``tests/data/layouts``.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from branches import Branch

from places import Outcome
from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.intake.assess import assess
from probation_etl.proof import prove
from probation_etl.stores import connect
from probation_etl.targets.workbook_template import make_template

CONTRACTS = Path(__file__).parents[1] / "data" / "layouts"
ENQUIRIES = """RowNum|EnquiryID|OpenedDateTime|ClosedDateTime|Desk|SysUser|SysHost
1|E00001|01/03/2024 09:15|01/03/2024 17:00|Café desk|ab|srv1
2|E00002|04/03/2024 10:00|03/03/2024 10:00|Front|ab|srv1
3|E00003|05/03/2024 23:59||Front|cd|srv1
END OF EXTRACT 3 rows||||||
4|E99999|06/03/2024 10:00||Test|cd|srv1
"""
MEMBERS = """Library,Age group,Members
LEEDS,Under 16,1200
LEEDS,16 and over,5400
York Libraries,Under 16,310
YORK,16 and over,none
"""
BORROWERS, LOANS = (
    "Borrower,Joined\nB001,2020-01-31\nB002,2024-03-01\n",
    ("Loan,Borrower,Lent\nL001,B001,2024-03-02\nL002,B009,2024-03-03\nL003,B002,2024-03-04\n"),
)


def workbook(**sheets: list[list[Any]]) -> bytes:
    """A workbook in which a text that ends with an arrow is merged with the cell to its right."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(rows):
                for at, cell in enumerate(cells):
                    if isinstance(cell, str) and cell.endswith("→"):
                        sheet.merge_range(row, at, row, at + 1, cell.rstrip("→"))
                    elif cell is not None:
                        sheet.write(row, at, cell)
    return target.getvalue()


STOCK = workbook(
    Guidance=[["Fill in one row for each branch."]],
    Lists=[["Armley"], ["Otley"]],
    Stock=[
        ["Stock of the month"], [],
        ["Branch", "Bought", "Withdrawn", "Change"],
        ["Choose a branch", "Whole number", "Whole number", "Calculated"],
        ["Armley", 10, 4, 6], ["Headingley", 3, 5, -2], ["Sub-total inner city", 13, 9, 4],
        ["Otley", 7, 1, 5], [None, None, None, 0], [None, None, None, 0], ["Total", 20, 10, 9],
    ],
)  # fmt: skip
VISITS = workbook(
    Visits=[
        ["Visits", None, None, None, None, None, "Opening hours"],
        [None, "Adults→", None, "Children→", None, None, "Branch", "Hours"],
        ["Branch", "Weekday", "Weekend", "Weekday", "Weekend", None, "Armley", 40],
        ["Armley", 100, 50, 30, 20, None, "Otley", 35],
        ["Otley", 80, 40, "few", 10],
        [],
        ["Compiled by Jo"],
    ],
)  # fmt: skip


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook(CONTRACTS)


def test_five_layouts_are_taken_by_contracts_alone(
    tmp_path: Path, command: Callable[..., Outcome], library: Any, rulebook: Rulebook
) -> None:
    made = Branch(tmp_path, CONTRACTS, command, library)
    made.write("LEEDS_enquiries_2024-03-31.csv", ENQUIRIES.encode("cp1252"))
    made.write("national_members_2024-03-31.csv", MEMBERS.encode())
    made.write("LEEDS_stock_2024-03-31.xlsx", STOCK)
    made.write("YORK_visits_2024-03-31.xlsx", VISITS)
    made.write("LEEDS/2024-03-31/borrowers.csv", BORROWERS.encode())
    made.write("LEEDS/2024-03-31/loans.csv", LOANS.encode())
    made.write("YORK/2024-03-31/loans.csv", b"Loan,Borrower,Lent\n")
    outcome = made.run("--json", "--no-release").json
    assert [each["file"] for each in outcome["not_taken"]] == ["YORK/2024-03-31/loans.csv"]
    told = {
        (each["contract"]["id"], each["supplier"]["code"]): (
            each["rows"]["accepted"], each["rows"]["notes"], [(one["code"], one["row"]) for one in each["findings"]]
        )
        for each in outcome["returns"]
    }  # fmt: skip
    assert told == {
        ("enquiries", "LEEDS"): (2, 2, [("row-rule", 3)]),
        ("members", "LEEDS"): (2, 0, []),
        ("members", "YORK"): (1, 0, [("not-a-number", 5)]),
        ("stock", "LEEDS"): (2, 5, [("row-rule", 8)]),
        ("visits", "YORK"): (1, 0, [("not-a-number", 5)]),
        ("borrowers", "LEEDS"): (2, 0, []),
        ("loans", "LEEDS"): (2, 0, [("unknown-reference", 3)]),
    }
    with connect(made.url, rulebook.contracts, rulebook.tables) as store:
        opened = store.query("SELECT opened_at, closed_at, desk FROM unified.enquiries ORDER BY enquiry").rows()
        assert [[str(value) for value in row] for row in opened] == [
            ["2024-03-01 09:15:00", "2024-03-01 17:00:00", "Café desk"], ["2024-03-05 23:59:00", "None", "Front"]
        ]  # fmt: skip
        visits = store.query("SELECT * EXCLUDE (return_id, source_row) FROM unified.visits").rows()
        assert [row[-5:] for row in visits] == [("Armley", 100, 50, 30, 20)]


def test_every_rule_of_their_contracts_is_proved_with_a_file_as_they_lay_it_out(rulebook: Rulebook) -> None:
    asked = ("members", "stock", "visits")
    proofs = [proof for each in rulebook.contracts.returns() if each.id in asked for proof in prove(each, rulebook)]
    assert {(each.contract, each.rule): each.how for each in proofs if not each.proved} == {}
    assert {each.contract for each in proofs} == {*asked}


def test_their_templates_are_returns_with_nothing_to_report(rulebook: Rulebook) -> None:
    for name, file in (("stock", "LEEDS_stock_2024-03-31.xlsx"), ("visits", "LEEDS_visits_2024-03-31.xlsx")):
        (result,) = assess(file, make_template(rulebook.contracts[name], rulebook.contracts), rulebook)
        assert (result.verdict, result.is_nil, result.findings["code"].to_list()) == ("accepted", True, []), name
