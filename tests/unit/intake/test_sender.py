"""Who sends a return for which period: cover, file name and caller, and what they disagree on."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.assess import assess
from probation_etl.intake.result import ReturnResult
from probation_etl.intake.sender import Given

if TYPE_CHECKING:
    from conftest import Library

FILE = "B1_return_2024-03-31.xlsx"
ORGANISATIONS = {
    "organisations": (
        "code,name,kind,level,valid_from,valid_to\n"
        "B1,Baths Library,library,town,,\n"
        "B2,Mill Library,library,town,2020-01-01,2023-12-31\n"
        "S1,County School,school,town,,\n"
    )
}
COVER = {
    "sheet": "Cover", "supplierCode": "Code", "supplierName": "Name", "periodStart": "From", "periodEnd": "To",
    "controlRows": "Loans sent",
}  # fmt: skip


@pytest.fixture(scope="module")
def workbooks(library: Library) -> Rulebook:
    """Loans as a sheet of a workbook with a cover, from a list of libraries."""
    identification = {
        "sheet": "Loans",
        "fileName": r"(?P<supplier_code>[A-Z]\d)_return_(?P<period_end>\d{4}-\d{2}-\d{2})\.xlsx",
        "cover": COVER,
    }
    custom = {
        "identification": identification, "suppliers": {"kind": "library"},
        "effectiveFrom": "2020-01-01", "effectiveTo": "2024-12-31",
    }  # fmt: skip
    return library.rulebook(library.contract(custom=custom), tables=ORGANISATIONS)


def sent(
    library: Library, rulebook: Rulebook, cover: list[list[Any]], *, name: str = FILE, given: Given | None = None
) -> ReturnResult:
    row = ["L0001", 1, "Central", date(2024, 3, 1), date(2024, 3, 15), 0.5, True, None]
    data = library.workbook(Cover=cover, Loans=[library.header, row])
    (result,) = assess(name, data, rulebook, **({"given": given} if given else {}))
    return result


def messages(result: ReturnResult) -> list[tuple[str, str]]:
    return result.findings.select("code", "message").rows()


def test_the_cover_says_who_and_when(library: Library, workbooks: Rulebook) -> None:
    cover = [
        ["Name", "Baths Library"],
        ["Code", "B1"],
        ["From", date(2024, 3, 18)],
        ["To", date(2024, 3, 31)],
        ["Loans sent", 1],
    ]
    result = sent(library, workbooks, cover)
    assert messages(result) == []
    assert result.supplier is not None
    assert (result.supplier.code, result.supplier.kind) == ("B1", "library")
    assert (result.period_start, result.period_end) == (date(2024, 3, 18), date(2024, 3, 31))
    assert (result.verdict, result.control_rows) == ("accepted", 1)


@pytest.mark.parametrize("end", [date(2024, 3, 31), "31/03/2024", "2024-03-31", " 31/03/2024 "])
def test_a_day_on_the_cover_is_a_real_date_or_of_the_agreed_form(
    library: Library, workbooks: Rulebook, end: Any
) -> None:
    result = sent(library, workbooks, [["To", end]], name="loans of March.xlsx", given=Given(supplier_code="B1"))
    assert result.period_end == date(2024, 3, 31)


def test_labels_of_the_cover_may_stand_anywhere_in_any_spelling(library: Library, workbooks: Rulebook) -> None:
    cover = [["Loans of March"], [], [None, "CODE:", "b1"], [None, " to ", None, "31/03/2024"], ["Code", "B1"]]
    result = sent(library, workbooks, cover)
    assert messages(result) == []
    assert result.supplier is not None
    assert result.supplier.code == "B1"


@pytest.mark.parametrize(
    ("label", "second", "code"),
    [
        ("Code", "B9", "ambiguous-organisation"),
        ("Name", "Mill Library", "ambiguous-organisation"),
        ("From", "02/03/2024", "period-mismatch"),
        ("To", "30/03/2024", "period-mismatch"),
        ("Loans sent", "2", "control-total"),
    ],
)
def test_a_cover_that_says_two_things_shows_both(
    library: Library, workbooks: Rulebook, label: str, second: str, code: str
) -> None:
    first = {"Code": "B1", "Name": "Baths Library", "From": "01/03/2024", "To": "31/03/2024", "Loans sent": "1"}
    result = sent(library, workbooks, [*([*each] for each in first.items()), [label, second]])
    text = f"The cover says ‘{first[label]}’ and, further down, ‘{second}’ for ‘{label}’."
    assert (messages(result), result.verdict) == ([(code, text)], "rejected")


def test_the_file_name_says_what_the_cover_does_not(library: Library, workbooks: Rulebook) -> None:
    result = sent(library, workbooks, [["Prepared by", "Jane"]], name="b1_RETURN_2024-03-31.xlsx")
    assert messages(result) == []
    assert result.supplier is not None
    assert (result.supplier.code, result.period_end) == ("B1", date(2024, 3, 31))


def test_without_a_start_the_period_has_the_contract_s_length(library: Library, workbooks: Rulebook) -> None:
    assert sent(library, workbooks, []).period_start == date(2024, 3, 1)


def test_where_cover_and_file_name_disagree_both_are_shown(library: Library, workbooks: Rulebook) -> None:
    result = sent(library, workbooks, [["Code", "B2"], ["To", "30/03/2024"]])
    assert messages(result) == [
        ("ambiguous-organisation", "The cover says ‘B2’, the file name ‘B1’."),
        ("period-mismatch", "The cover says 30 March 2024, the file name 31 March 2024."),
    ]
    assert (result.verdict, result.supplier) == ("rejected", None)
    assert (result.rows.read, result.rows.quarantined) == (1, 1)


def test_what_the_caller_gives_overrides_cover_and_file_name(library: Library, workbooks: Rulebook) -> None:
    given = Given(supplier_code="B1", period_end=date(2024, 4, 30))
    result = sent(library, workbooks, [["Code", "B2"], ["To", "30/03/2024"]], given=given)
    assert result.supplier is not None
    assert (result.supplier.code, result.period_end) == ("B1", date(2024, 4, 30))
    assert result.verdict == "accepted"


def test_an_unknown_organisation_is_named(library: Library, workbooks: Rulebook) -> None:
    result = sent(library, workbooks, [], name="X9_return_2024-03-31.xlsx")
    assert messages(result) == [("unknown-organisation", "No organisation has the code ‘X9’.")]
    assert result.verdict == "rejected"


def test_an_organisation_outside_its_days_is_refused_with_them(library: Library, workbooks: Rulebook) -> None:
    ((code, message),) = messages(sent(library, workbooks, [], name="B2_return_2024-03-31.xlsx"))
    assert code == "unknown-organisation"
    assert "1 January 2020" in message
    assert "31 December 2023" in message
    assert sent(library, workbooks, [], name="B2_return_2023-12-31.xlsx").supplier is not None


def test_a_code_and_the_name_of_another_organisation_show_both(library: Library, workbooks: Rulebook) -> None:
    ((code, message),) = messages(sent(library, workbooks, [["Name", "Mill Library"]]))
    assert code == "ambiguous-organisation"
    assert "B1 (Baths Library)" in message
    assert "B2 (Mill Library)" in message


def test_an_organisation_of_another_kind_does_not_send_this_return(library: Library, workbooks: Rulebook) -> None:
    result = sent(library, workbooks, [], name="S1_return_2024-03-31.xlsx")
    assert messages(result) == [("unknown-organisation", "County School (S1) does not send the return ‘loans’.")]
    assert (result.supplier, result.verdict) == (None, "rejected")


@pytest.mark.parametrize("end", ["31/02/2024", "March 2024", "3/31/2024"])
def test_a_period_end_that_is_not_a_date_is_shown(library: Library, workbooks: Rulebook, end: str) -> None:
    result = sent(library, workbooks, [["To", end], ["Code", "B1"]], name="March.xlsx")
    ((code, message),) = messages(result)
    assert code == "period-mismatch"
    assert f"‘{end}’ is not a date" in message
    assert result.verdict == "rejected"


def test_a_period_start_that_is_not_a_date_is_not_replaced_by_a_guess(library: Library, workbooks: Rulebook) -> None:
    result = sent(library, workbooks, [["From", "1 March"], ["To", "31/03/2024"]])
    assert result.verdict == "rejected"
    assert [code for code, _ in messages(result)] == ["period-mismatch"]
    assert "‘1 March’" in messages(result)[0][1]


def test_without_a_period_end_the_return_is_rejected(library: Library, workbooks: Rulebook) -> None:
    result = sent(library, workbooks, [["Code", "B1"]], name="March.xlsx")
    assert [code for code, _ in messages(result)] == ["period-mismatch"]
    assert result.verdict == "rejected"


def test_a_period_that_starts_after_its_end_is_refused_with_both_days(library: Library, workbooks: Rulebook) -> None:
    ((code, message),) = messages(sent(library, workbooks, [["From", "01/04/2024"], ["To", "31/03/2024"]]))
    assert code == "period-mismatch"
    assert "1 April 2024" in message
    assert "31 March 2024" in message


@pytest.mark.parametrize(
    ("end", "good"), [("2024-12-31", True), ("2025-01-01", False), ("2020-01-01", True), ("2019-12-31", False)]
)
def test_a_contract_applies_to_periods_that_end_while_it_is_in_force(
    library: Library, workbooks: Rulebook, end: str, good: bool
) -> None:
    result = sent(library, workbooks, [], name=f"B1_return_{end}.xlsx")
    assert ("not in force" not in " ".join(message for _, message in messages(result))) is good


@pytest.mark.parametrize("announced", [0, 2, 100])
def test_a_control_total_that_does_not_agree_rejects_the_return(
    library: Library, workbooks: Rulebook, announced: int
) -> None:
    result = sent(library, workbooks, [["Loans sent", announced]])
    assert messages(result) == [
        ("control-total", f"The number of rows on the cover is {announced}, but the number found is 1.")
    ]
    assert (result.verdict, result.rows.quarantined, result.control_rows) == ("rejected", 1, announced)


@pytest.mark.parametrize("announced", ["about 3", "-1", "1.5"])
def test_a_control_total_that_is_not_a_number_rejects_the_return(
    library: Library, workbooks: Rulebook, announced: str
) -> None:
    result = sent(library, workbooks, [["Loans sent", announced]])
    ((code, message),) = messages(result)
    assert code == "control-total"
    assert f"‘{announced}’" in message
    assert result.verdict == "rejected"


def test_without_a_list_of_organisations_a_code_is_the_same_in_any_case(library: Library, loans: Rulebook) -> None:
    data = library.csv(library.row())
    senders = [library.assess(data, loans, name=f"{code}_loans_2024-03-31.csv").supplier for code in ("b1", "B1")]
    assert [sender.code if sender else None for sender in senders] == ["B1", "B1"]


@pytest.mark.parametrize("below", [[], [["Prepared by", "Ann"]]])
def test_a_number_of_rows_that_is_left_empty_is_told(
    library: Library, workbooks: Rulebook, below: list[list[Any]]
) -> None:
    cover = [["Code", "B1"], ["To", date(2024, 3, 31)], ["Loans sent", None], *below]
    result = sent(library, workbooks, cover)
    assert [code for code, _ in messages(result)] == ["no-control-total"]
    assert (result.verdict, result.control_rows) == ("accepted_with_warnings", None)


def test_a_number_of_rows_further_down_counts(library: Library, workbooks: Rulebook) -> None:
    result = sent(library, workbooks, [["Code", "B1"], ["Loans sent"], ["Loans sent", 1]])
    assert messages(result) == []
