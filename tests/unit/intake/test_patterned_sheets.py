"""Sheets by a pattern of their names, each a return of its own; and files whose folders say who sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.assess import assess

if TYPE_CHECKING:
    from conftest import Library

ROW = ["L0001", 1, "Central", "01/03/2024"]
FILE = "loans_2024-03-31.xlsx"
BY_SHEET = {
    "fileName": r"loans_(?P<period_end>[\d-]{10})\.xlsx",
    "sheetPattern": r"(?P<supplier_code>[a-z]\d) loans( \(.*\))?",
}


def rulebook(library: Library, **more: Any) -> Rulebook:
    return library.rulebook(library.contract(custom={"identification": {**BY_SHEET, **more}}))


def told(library: Library, book: Rulebook, **sheets: Any) -> list[tuple[str | None, str | None, str, list[str]]]:
    return [
        (each.sheet, each.supplier.code if each.supplier else None, each.verdict, each.findings["code"].to_list())
        for each in assess(FILE, library.workbook(**sheets), book)
    ]


def test_each_sheet_of_the_pattern_is_a_return_of_its_own(library: Library) -> None:
    sheets = {"B1 loans": [library.header, ROW], "About": [["x"]], "b2 LOANS (new)": [library.header, ["x", *ROW[1:]]]}
    assert told(library, rulebook(library), **sheets) == [
        ("B1 loans", "B1", "accepted_with_warnings", ["unexpected-sheet"]),
        ("b2 LOANS (new)", "B2", "rejected", ["wrong-pattern"]),
    ]


def test_two_sheets_of_one_supplier_are_refused_and_nobody_guesses(library: Library) -> None:
    sheets = {"B1 loans": [library.header, ROW], "B1 loans (2)": [library.header, ROW], "B2 loans": [library.header]}
    assert told(library, rulebook(library), **sheets) == [
        (None, "B1", "rejected", ["ambiguous-return"]), ("B2 loans", "B2", "accepted", [])
    ]  # fmt: skip


def test_sheets_of_nobody_known_are_told_apart(library: Library) -> None:
    organisations = {"organisations": "code,name,kind,level,valid_from,valid_to\nB1,Baths,library,town,,\n"}
    book = library.rulebook(library.contract(custom={"identification": BY_SHEET}), tables=organisations)
    data = library.workbook(**{"B8 loans": [library.header, ROW], "B9 loans": [library.header, ROW]})
    found = list(assess(FILE, data, book))
    assert [each.findings["code"].to_list() for each in found] == [["unknown-organisation"]] * 2
    assert len({each.return_id for each in found}) == 2


def test_some_sheet_must_be_there_unless_it_is_optional(library: Library) -> None:
    sheets = {"Loans": [library.header, ROW], "More": [library.header]}
    ((*_, codes),) = told(library, rulebook(library), **sheets)
    assert codes == ["missing-sheet", "unexpected-sheet", "unexpected-sheet"]
    (result,) = assess(FILE, library.workbook(**sheets), rulebook(library))
    assert result.findings["message"][0] == "No sheet has a name in the form ‘<supplier code> loans’."
    ((*_, codes),) = told(library, rulebook(library, optional=True), **sheets)
    assert codes == ["unidentified-return"]


BY_FOLDER = {"fileName": r"loans\.csv", "folder": r"(?P<supplier_code>[A-Z]\d)/.*_(?P<period_end>[\d-]{10})"}


@pytest.mark.parametrize("above", ["", "inbox/", "/home/library/inbox/"])
def test_folders_say_who_sends_a_file_for_when(library: Library, above: str) -> None:
    book = library.rulebook(library.contract(custom={"identification": BY_FOLDER}))
    (result,) = assess(f"{above}B2/returns_2024-03-31/loans.csv", library.csv(library.row()), book)
    assert (result.supplier and result.supplier.code, str(result.period_end)) == ("B2", "2024-03-31")
    assert result.verdict == "accepted"


def test_a_file_in_another_folder_is_told_where_it_belongs(library: Library) -> None:
    book = library.rulebook(library.contract(custom={"identification": BY_FOLDER}))
    (result,) = assess("returns/loans.csv", library.csv(library.row()), book)
    assert result.verdict == "rejected"
    assert result.findings.select("code", "message").rows() == [
        (
            "wrong-file-name",
            "The file lies in the folder ‘returns’, and not in one of the form ‘<supplier code>/_<period end, yyyy-MM-dd>’.",
        )
    ]


def test_folders_tell_files_of_one_name_apart_and_must_agree_with_it(library: Library) -> None:
    loans = library.contract(
        custom={"identification": {"fileName": r"(?P<supplier_code>B\d).csv", "folder": "loans/(?P<period_end>.*)"}}
    )
    fines = library.contract(
        name="fines",
        custom={"identification": {"fileName": r"(?P<supplier_code>B\d).csv", "folder": "fines/(?P<period_end>.*)"}},
    )
    book = library.rulebook(loans, fines)
    found = [next(assess(f"{kind}/2024-03-31/B1.csv", library.csv(library.row()), book)) for kind in ("loans", "fines")]
    assert [each.contract and each.contract.id for each in found] == ["loans", "fines"]
    both = {"fileName": r"(?P<supplier_code>B\d)_loans.csv", "folder": "(?P<supplier_code>[^/]*)/(?P<period_end>.*)"}
    book = library.rulebook(library.contract(custom={"identification": both}))
    (result,) = assess("B2/2024-03-31/B1_loans.csv", library.csv(library.row()), book)
    assert result.findings["message"].to_list() == ["The file name says ‘B1’, the folder ‘B2’."]
