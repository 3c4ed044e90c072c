"""A name that is not in the form of its contract: one finding says the form, an example and the wrong part, and nothing is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Library

FORM = "‘<supplier code>_loans_<period end, yyyy-MM-dd>.csv’"
ORGANISATIONS = (
    "code,name,kind,level,valid_from,valid_to\nB1,Central library,library,branch,,\nB2,North library,library,branch,,\n"
)


def told(library: Library, name: str, **more: str) -> tuple[list[str], str]:
    """Codes of the findings of the file and the message of the first, of a faultless return under another name."""
    rulebook = library.rulebook(library.contract(), tables=more or None)
    result = library.assess(library.csv(library.row()), rulebook, name=name)
    assert (result.verdict, result.supplier, result.period_end) == ("rejected", None, None)
    of_file = result.findings.filter(result.findings["row"].is_null())
    return of_file["code"].to_list(), of_file["message"][0]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Copy of B1_loans_2024-03-31.csv", "‘Copy of’ does not belong to it"),
        ("B1_loans_2024-03-31 - Copy.csv", "‘- Copy’ does not belong to it"),
        ("B1_loans_2024-03-31 (1).csv", "‘(1)’ does not belong to it"),
        ("B1_loans_2024-03-31.csv.txt", "the ending ‘.txt’ does not belong to it"),
        ("B1_loans_2024-03-31.xls", "it ends with ‘.csv’, not with ‘.xls’"),
        ("B1_loans_2024-03-31", "it ends with ‘.csv’"),
        ("B1_loans_31-03-2024.csv", "its date must be in the form yyyy-MM-dd"),
        ("B1_loans_03-31-2024.csv", "its date must be in the form yyyy-MM-dd"),
        ("B1_loans_20240331.csv", "its date must be in the form yyyy-MM-dd"),
        ("B1_loans_31 Mar 2024.csv", "its date must be in the form yyyy-MM-dd"),
        ("B1 loans 2024-03-31.csv", "it has spaces or hyphens in place of ‘_’"),
    ],
)
def test_the_form_an_example_and_the_wrong_part_are_said(library: Library, name: str, part: str) -> None:
    codes, message = told(library, name, organisations=ORGANISATIONS)
    assert codes == ["wrong-file-name"]
    assert message.startswith(
        f"The file name ‘{name}’ is not in the form {FORM}, for example ‘B1_loans_2024-03-31.csv’: {part}"
    )


@pytest.mark.parametrize("name", ["loans.csv", "B1 loans to the end of March FINAL v2.csv", "inbox/March.csv"])
def test_a_name_far_from_the_form_has_an_example_all_the_same(library: Library, name: str) -> None:
    codes, message = told(library, name, organisations=ORGANISATIONS)
    assert codes == ["wrong-file-name"]
    assert f"{FORM}, for example ‘B1_loans_2024-03-31.csv’." in message


def test_a_date_that_could_be_two_days_is_no_example(library: Library) -> None:
    _, message = told(library, "B2_loans_04-03-2024.csv", organisations=ORGANISATIONS)
    assert "‘B2_loans_2024-03-31.csv’: its date must be in the form yyyy-MM-dd" in message


def test_without_a_list_of_organisations_the_example_has_a_code_by_the_pattern(library: Library) -> None:
    assert "_loans_2024-03-31.csv’" in told(library, "loans.csv")[1]


def test_what_the_caller_gives_needs_no_name(library: Library) -> None:
    from datetime import date

    from probation_etl.intake.sender import Given

    given = Given((), "B1", date(2024, 3, 31))
    result = library.assess(library.csv(library.row()), name="loans.csv", given=given)
    assert (result.verdict, result.findings.height) == ("accepted", 0)


def test_nothing_is_said_of_a_cover_where_the_file_is_csv(library: Library) -> None:
    result = library.assess(library.csv(library.row()), name="B1_loans_2024-02-31.csv")
    (code, message, hint) = result.findings.select("code", "message", "hint").row(0)
    assert code == "period-mismatch"
    assert "2024-02-31" in message
    assert hint == "Correct the period in the file name."
