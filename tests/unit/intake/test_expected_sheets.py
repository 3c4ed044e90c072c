"""Which sheets a workbook must have: those of contracts in force at the end of its period that are not optional."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.assess import assess

if TYPE_CHECKING:
    from conftest import Library

NAME = r"(?P<supplier_code>[A-Z]\d)_return_(?P<period_end>\d{4}-\d{2}-\d{2})\.xlsx"
FILE = "B1_return_2024-03-31.xlsx"
ROW = ["L0001", 1, "Central", "01/03/2024"]
ORGANISATIONS = (
    "code,name,kind,level,valid_from,valid_to\nB1,Baths Library,library,town,,\nC1,Mill College,college,town,,\n"
)


def sheet(library: Library, title: str, *, name: str = "", more: dict[str, Any] | None = None, **custom: Any) -> Any:
    identification = {"sheet": title, "fileName": NAME, **(more or {})}
    return library.contract(name=name or title.lower(), custom={"identification": identification, **custom})


def codes(library: Library, rulebook: Rulebook, *, name: str = FILE, **sheets: Any) -> dict[str, list[str]]:
    found = assess(name, library.workbook(**sheets), rulebook)
    return {each.contract.id if each.contract else "none": each.findings["code"].to_list() for each in found}


def test_an_optional_sheet_may_be_missing_and_is_read_where_it_is_there(library: Library) -> None:
    rulebook = library.rulebook(
        sheet(library, "Loans"), sheet(library, "Reservations", more={"optional": True}), sheet(library, "Fines")
    )
    loans = [library.header, ROW]
    assert codes(library, rulebook, Loans=loans) == {"loans": [], "fines": ["missing-sheet"]}
    assert codes(library, rulebook, Loans=loans, Fines=loans, Reservations=[library.header, ["x", *ROW[1:]]]) == {
        "loans": [], "reservations": ["wrong-pattern"], "fines": []
    }  # fmt: skip


def test_a_sheet_is_asked_for_only_while_its_contract_is_in_force(library: Library) -> None:
    rulebook = library.rulebook(
        sheet(library, "Loans"),
        sheet(library, "Reservations", effectiveFrom="2024-04-01"),
        sheet(library, "Fines", effectiveTo="2024-03-31"),
    )
    loans = [library.header, ROW]
    assert codes(library, rulebook, Loans=loans) == {"loans": [], "fines": ["missing-sheet"]}
    april = codes(library, rulebook, name=FILE.replace("03-31", "04-30"), Loans=loans)
    assert april == {"loans": [], "reservations": ["missing-sheet"]}


def test_the_version_is_chosen_before_the_sender_is_judged(library: Library) -> None:
    of_libraries = sheet(library, "Loans", effectiveTo="2024-03-31", suppliers={"kind": "library"})
    of_colleges = {
        **sheet(library, "Loans", effectiveFrom="2024-04-01", suppliers={"kind": "college"}),
        "version": "2.0.0",
    }
    rulebook = library.rulebook(of_libraries, of_colleges, tables={"organisations": ORGANISATIONS})

    def told(name: str) -> list[str]:
        return codes(library, rulebook, name=name, Loans=[library.header])["loans"]

    assert told(FILE) == told("C1_return_2024-04-30.xlsx") == []
    assert told("B1_return_2024-04-30.xlsx") == told("C1_return_2024-03-31.xlsx") == ["unknown-organisation"]


def test_nothing_is_said_of_what_is_expected_and_not_read(library: Library) -> None:
    beside = {"columns": ["Row no.", "check *"], "sheets": ["Guidance", "Lists*"]}
    rulebook = library.rulebook(sheet(library, "Loans", notRead=beside))
    loans = [
        ["row no", *library.header, "Check of totals", "Checked by"],
        [1, *ROW, None, None, None, None, "ok", "Jo"],
    ]
    found = codes(library, rulebook, Loans=loans, Guidance=[["Read this"]], Lists2=[["a"]], Lost=[["b"]])
    assert found == {"loans": ["unexpected-sheet", "unexpected-column"]}


def test_a_contract_makes_errors_of_warnings_and_gives_columns_a_severity(library: Library) -> None:
    columns = library.columns(
        branch={"customProperties": [{"property": "severities", "value": {"not-in-list": "error"}}]}
    )
    severities = {
        "unexpected-column": "error",
        "unexpected-sheet": "error",
        "out-of-range": "warning",
        "not-in-list": "warning",
    }
    contract = sheet(library, "Loans", severities=severities)
    contract["schema"][0]["properties"] = columns
    rulebook = library.rulebook(contract)

    def found(**sheets: Any) -> tuple[str, list[tuple[str, str]]]:
        (result,) = assess(FILE, library.workbook(**sheets), rulebook)
        return result.verdict, result.findings.select("code", "severity").rows()

    row = ["L0001", 100, "East", "01/03/2024"]
    told = [("out-of-range", "warning"), ("not-in-list", "error")]
    assert found(Loans=[library.header, ROW, row]) == ("partly_accepted", told)
    assert found(Loans=[[*library.header, "More"], ROW]) == ("rejected", [("unexpected-column", "error")])
    assert found(Loans=[library.header, ROW], More=[["x"]]) == ("rejected", [("unexpected-sheet", "error")])
