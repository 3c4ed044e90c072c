"""Which return is this? Sheets by their names, CSV files by theirs or by the header; doubt is a finding."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.assess import assess
from probation_etl.intake.file_names import file_name_matches
from probation_etl.intake.result import ReturnResult
from probation_etl.intake.sender import Given

if TYPE_CHECKING:
    from conftest import Library

FILE = "B1_return_2024-03-31.xlsx"
NAME = r"(?P<supplier_code>[A-Z]\d)_return_(?P<period_end>\d{4}-\d{2}-\d{2})\.xlsx"
ROW = ["L0001", 1, "Central", "01/03/2024"]


@pytest.fixture(scope="module")
def family(library: Library) -> Rulebook:
    """Two returns that come as sheets of one workbook, with a cover."""
    cover = {"sheet": "Cover", "supplierCode": "Code"}

    def sheet(name: str, title: str) -> dict[str, Any]:
        identification = {"sheet": title, "fileName": NAME, "cover": cover}
        return library.contract(name=name, custom={"identification": identification})

    return library.rulebook(sheet("loans", "Loans"), sheet("reservations", "Reservations"))


@pytest.fixture(scope="module")
def extracts(library: Library) -> Rulebook:
    """Two returns that come as CSV files, of different columns."""
    members = [
        {"name": "member", "physicalName": "Member", "logicalType": "string", "required": True},
        {"name": "branch", "physicalName": "Branch", "logicalType": "string", "required": True},
    ]
    named = {
        "identification": {"fileName": r"(?P<supplier_code>[A-Z]\d)_members_(?P<period_end>\d{4}-\d{2}-\d{2})\.csv"}
    }
    return library.rulebook(
        library.contract(), library.contract(name="members", columns=members, rules=[], custom=named)
    )


def assessed(data: bytes, rulebook: Rulebook, name: str = FILE, **more: Any) -> dict[str, ReturnResult]:
    results = list(assess(name, data, rulebook, **more))
    by_contract = {result.contract.id if result.contract else "none": result for result in results}
    assert len(by_contract) == len(results)
    return by_contract


def messages(result: ReturnResult) -> list[tuple[str, str, str]]:
    return result.findings.select("code", "severity", "message").rows()


# Workbooks


def test_every_sheet_of_the_family_is_a_return_of_its_own(library: Library, family: Rulebook) -> None:
    results = assessed(library.workbook(Loans=[library.header, ROW], Reservations=[library.header]), family)
    assert {name: (each.sheet, each.verdict, each.rows.read) for name, each in results.items()} == {
        "loans": ("Loans", "accepted", 1), "reservations": ("Reservations", "accepted", 0)
    }  # fmt: skip


def test_a_header_alone_is_a_nil_return(library: Library, family: Rulebook) -> None:
    results = assessed(library.workbook(Loans=[library.header, ROW], Reservations=[library.header]), family)
    assert results["reservations"].is_nil
    assert not results["loans"].is_nil


@pytest.mark.parametrize("written", ["LOANS", " Loans ", "loans"])
def test_the_name_of_a_sheet_may_be_typed_otherwise(library: Library, family: Rulebook, written: str) -> None:
    data = library.workbook(**{written: [library.header, ROW], "Reservations": [library.header]})
    result = assessed(data, family)["loans"]
    assert (result.sheet, result.verdict, result.rows.accepted) == (written, "accepted", 1)


def test_two_sheets_of_one_name_are_refused_and_neither_is_lost(library: Library, family: Rulebook) -> None:
    other = ["L0002", *ROW[1:]]
    sheets = {"Loans": [library.header, ROW], "Loans ": [library.header, other], "Reservations": [library.header]}
    results = list(assess(FILE, library.workbook(**sheets), family))
    accounted = sum(result.rows.read for result in results)
    refused = [
        result
        for result in results
        if result.verdict == "rejected" and result.contract and result.contract.id == "loans"
    ]
    assert accounted == 2 or refused


def test_a_missing_sheet_rejects_its_return_and_no_other(library: Library, family: Rulebook) -> None:
    results = assessed(library.workbook(Loans=[library.header, ROW]), family)
    assert results["loans"].verdict == "accepted"
    missing = results["reservations"]
    assert messages(missing) == [("missing-sheet", "error", "The sheet ‘Reservations’ is not in the workbook.")]
    assert (missing.verdict, missing.sheet, missing.rows.read) == ("rejected", "Reservations", 0)


def test_an_empty_sheet_is_not_a_nil_return(library: Library, family: Rulebook) -> None:
    result = assessed(library.workbook(Loans=[], Reservations=[library.header]), family)["loans"]
    assert [code for code, _, _ in messages(result)] == ["empty-file"]
    assert (result.verdict, result.is_nil) == ("rejected", False)


def test_a_wrong_sheet_name_is_answered_with_the_nearest(library: Library, family: Rulebook) -> None:
    results = assessed(library.workbook(Loan=[library.header, ROW], Reservations=[library.header]), family)
    ((code, severity, message),) = messages(results["loans"])
    assert (code, severity) == ("unidentified-return", "error")
    assert "‘Loan’" in message
    assert "did you mean ‘Loans’?" in message
    assert messages(results["reservations"]) == []


def test_a_sheet_that_belongs_to_no_return_is_a_warning(library: Library, family: Rulebook) -> None:
    data = library.workbook(
        Cover=[["Code", "B1"]], Loans=[library.header, ROW], Reservations=[library.header], Pivot=[["x"]]
    )
    results = assessed(data, family)
    warnings = [each for result in results.values() for each in messages(result)]
    assert warnings == [("unexpected-sheet", "warning", "The sheet ‘Pivot’ belongs to no return and was not read.")]
    assert results["loans"].verdict == "accepted_with_warnings"


def test_a_workbook_of_no_family_is_refused_with_what_it_has_and_what_was_expected(
    library: Library, family: Rulebook
) -> None:
    result = assessed(library.workbook(Pivot=[["x"]]), family, "pivot.xlsx")["none"]
    ((code, _, message),) = messages(result)
    assert (code, result.verdict) == ("unidentified-return", "rejected")
    assert all(name in message for name in ("‘Pivot’", "Loans", "Reservations"))


def test_a_workbook_of_the_right_name_with_no_right_sheet_names_every_missing_one(
    library: Library, family: Rulebook
) -> None:
    results = assessed(library.workbook(Pivot=[["x"]]), family)
    assert [messages(results[name])[0][0] for name in ("loans", "reservations")] == ["missing-sheet", "missing-sheet"]


def test_a_sheet_without_a_header_says_which_columns_it_should_have(library: Library, family: Rulebook) -> None:
    result = assessed(library.workbook(Loans=[["some", "text"]], Reservations=[library.header]), family)["loans"]
    ((code, _, message),) = messages(result)
    assert code == "missing-column"
    assert all(header in message for header in library.header)


def test_a_workbook_with_one_sheet_serves_where_a_csv_file_is_expected(library: Library, extracts: Rulebook) -> None:
    result = assessed(library.workbook(Loans=[library.header, ROW]), extracts, library.file)["loans"]
    assert (result.verdict, result.rows.accepted) == ("accepted", 1)


def test_a_workbook_with_more_sheets_does_not(library: Library, extracts: Rulebook) -> None:
    sheets = {"Loans": [library.header, ROW], "Other": [library.header, ROW]}
    result = assessed(library.workbook(**sheets), extracts, library.file)["none"]
    assert messages(result)[0][0] == "unidentified-return"


# CSV files


def test_a_csv_file_is_known_by_its_name(library: Library, extracts: Rulebook) -> None:
    results = assessed(library.text(["Member", "Branch"], ["M1", "N"]), extracts, "B1_members_2024-03-31.csv")
    assert list(results) == ["members"]
    assert results["members"].verdict == "accepted"


def test_the_name_decides_in_any_case_and_in_any_folder(library: Library, extracts: Rulebook) -> None:
    assert list(assessed(library.csv(library.row()), extracts, "march/b1_LOANS_2024-03-31.CSV")) == ["loans"]


def test_a_csv_file_of_another_name_is_known_by_its_header(library: Library, extracts: Rulebook) -> None:
    given = Given(supplier_code="B1", period_end=None)
    results = assessed(library.text(["Branch", "Member"], ["N", "M1"]), extracts, "export.csv", given=given)
    assert list(results) == ["members"]


def test_a_header_that_fits_two_returns_names_both(library: Library) -> None:
    first = library.contract(name="first", custom={"identification": None})
    shelf = {"name": "shelf", "physicalName": "Shelf", "logicalType": "string"}
    second = library.contract(name="second", columns=[*library.columns(), shelf], custom={"identification": None})
    result = assessed(library.csv(library.row()), library.rulebook(first, second), "export.csv")["none"]
    assert [(code, message) for code, _, message in messages(result)] == [
        ("ambiguous-return", "The file fits several contracts: first, second.")
    ]
    assert result.verdict == "rejected"


def test_a_file_close_to_a_return_is_reported_with_what_it_lacks(library: Library, extracts: Rulebook) -> None:
    result = assessed(library.text(["Loan reference", "Copy", "Lent on"], ["L1", "1", "x"]), extracts, "export.csv")[
        "none"
    ]
    ((code, _, message),) = messages(result)
    assert code == "unidentified-return"
    assert "‘loans’" in message
    assert message.endswith("but these columns are missing: Branch.")


@pytest.mark.parametrize("text", [b"a,b\n1,2\n", b"just some text\n", b"\xef\xbb\xbf\n"])
def test_a_file_unlike_any_return_is_reported_as_not_recognised(text: bytes, extracts: Rulebook) -> None:
    assert messages(assessed(text, extracts, "export.csv")["none"])[0][0] in ("unidentified-return", "empty-file")


def test_an_unreadable_file_is_one_rejected_return(extracts: Rulebook) -> None:
    result = assessed(b"%PDF-1.7", extracts, "B1_loans_2024-03-31.csv")["none"]
    assert (messages(result)[0][0], result.verdict) == ("unreadable-file", "rejected")


def test_the_caller_may_say_which_return_it_is(library: Library, extracts: Rulebook) -> None:
    contract = extracts.contracts["loans"]
    results = assessed(
        library.csv(library.row()), extracts, "B1_members_2024-03-31.csv", given=Given((contract,), "B1")
    )
    assert list(results) == ["loans"]


def test_a_file_name_says_who_and_when(extracts: Rulebook) -> None:
    match = file_name_matches("inbox/B1_loans_2024-03-31.csv", extracts.contracts["loans"])
    assert match is not None
    assert match.groups == {"supplier_code": "B1", "period_end": "2024-03-31"}
    assert file_name_matches("B1_loans_2024-03-31.csv.bak", extracts.contracts["loans"]) is None


# Packed files


def packed(name: str, data: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(name, data)
    return target.getvalue()


@pytest.mark.parametrize("name", ["B1_loans_2024-03-31.csv.gz", "b1_loans_2024-03-31.CSV.GZ"])
def test_a_packed_file_is_known_by_its_name_as_unpacked(library: Library, extracts: Rulebook, name: str) -> None:
    result = assessed(gzip.compress(library.csv(library.row())), extracts, name)["loans"]
    assert (result.verdict, result.supplier and result.supplier.code) == ("accepted", "B1")


@pytest.mark.parametrize(
    "name", ["B1_loans_2024-03-31.zip", "B1_loans_2024-03-31.csv.zip", "archive.zip", "march/Sent by B2.zip"]
)
def test_an_archive_is_known_by_its_name_or_by_that_of_the_file_in_it(
    library: Library, extracts: Rulebook, name: str
) -> None:
    data = packed("reports/B1_loans_2024-03-31.csv", library.csv(library.row()))
    result = assessed(data, extracts, name)["loans"]
    assert (result.verdict, result.supplier and result.supplier.code) == ("accepted", "B1")


@pytest.mark.parametrize("inner", ["B2_loans_2024-03-31.csv", "B1_loans_2024-02-29.csv", "B1_members_2024-03-31.csv"])
def test_where_an_archive_and_the_file_in_it_disagree_both_are_shown(
    library: Library, extracts: Rulebook, inner: str
) -> None:
    data = packed(inner, library.csv(library.row()))
    result = assessed(data, extracts, "B1_loans_2024-03-31.zip")["loans"]
    ((code, severity, message),) = messages(result)
    assert (code, severity, result.verdict) == ("ambiguous-return", "error", "rejected")
    assert inner in message
    assert "B1_loans_2024-03-31.zip" in message


# What disagrees


def test_a_file_name_and_a_header_of_another_return_show_both(library: Library, extracts: Rulebook) -> None:
    results = assessed(library.csv(library.row()), extracts, "B1_members_2024-03-31.csv")
    ((code, severity, message),) = messages(results["members"])
    assert (code, severity) == ("ambiguous-return", "error")
    assert message == "The name of the file is that of ‘members’, the header that of ‘loans’."
    assert (results["members"].verdict, results["members"].rows.read) == ("rejected", 0)


def test_a_sheet_with_the_header_of_another_return_shows_both(library: Library) -> None:
    members = [
        {"name": "member", "physicalName": "Member", "logicalType": "string", "required": True},
        {"name": "branch", "physicalName": "Branch", "logicalType": "string", "required": True},
    ]
    loans = library.contract(custom={"identification": {"sheet": "Loans", "fileName": NAME}})
    other = {"identification": {"sheet": "Members", "fileName": NAME}}
    rulebook = library.rulebook(loans, library.contract(name="members", columns=members, rules=[], custom=other))
    results = assessed(
        library.workbook(Loans=[["Member", "Branch"], ["M1", "N"]], Members=[["Member", "Branch"]]), rulebook
    )
    assert messages(results["loans"]) == [
        ("ambiguous-return", "error", "The name of the sheet is that of ‘loans’, the header that of ‘members’.")
    ]
    assert results["members"].verdict == "accepted"


def test_sheets_of_other_returns_are_not_reported_as_unknown(library: Library, family: Rulebook) -> None:
    data = library.workbook(
        Cover=[["Code", "B1"]], Loans=[library.header, ROW], Reservations=[library.header], Pivot=[["x"]]
    )
    asked = Given((family.contracts["loans"],))
    results = assessed(data, family, given=asked)
    assert list(results) == ["loans"]
    assert [message for _, _, message in messages(results["loans"])] == [
        "The sheet ‘Pivot’ belongs to no return and was not read."
    ]


# Did you mean


def test_a_header_that_may_be_meant_is_named(library: Library, extracts: Rulebook) -> None:
    data = library.text(["Loan reference", "Copy", "Brnch", "Lent on"], ["L0001", "1", "N", "01/03/2024"])
    ((_, _, message),) = messages(assessed(data, extracts, "export.csv")["none"])
    assert message.endswith("but these columns are missing: Branch (did you mean this by ‘Brnch’?).")
    result = assessed(data, extracts, "B1_loans_2024-03-31.csv")["loans"]
    hints = {column: hint for column, hint in result.findings.select("column", "hint").rows() if hint}
    assert hints["Branch"] == "Did you mean this by ‘Brnch’? Correct the header."


@pytest.mark.parametrize("name", ["B1_loans_2024-03-31.csv", "export.csv"])
def test_text_is_validated_against_its_own_contract_whether_found_by_name_or_header(
    library: Library, name: str
) -> None:
    server = {
        "server": "return", "type": "local", "path": "loans.csv", "format": "csv", "encoding": "Windows-1252",
        "customProperties": [{"property": "delimiter", "value": ";"}],
    }  # fmt: skip
    rulebook = library.rulebook(library.contract(servers=[server]))
    given = Given(supplier_code="B1", period_end=date(2024, 3, 31))
    good = library.csv(library.row(Notes="Brontë")).decode().replace(",", ";").encode("cp1252")
    assert messages(assessed(good, rulebook, name, given=given)["loans"]) == []
    other = library.csv(library.row(Notes="Brontë"))
    codes = [code for code, _, _ in messages(assessed(other, rulebook, name, given=given)["loans"])]
    assert codes == ["wrong-encoding", "wrong-delimiter"]
