"""What looks like a restricted value, or is one of the same file, is masked wherever it stands; nothing else is."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from probation_etl.contracts.guard import UNGUARDED, Guard
from probation_etl.contracts.restricted_forms import is_specific
from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.runs.lint import lint


@pytest.mark.parametrize(
    ("pattern", "specific"),
    [
        (r"^[A-Z]\d{6}$", True),
        (r"^L\d{4}$", True),
        (r"^[A-Z]{2}\d{6}[A-D]$", True),
        (r"^\d{4}/\d{7}[A-Z]$", True),
        (r"^(AB|CD)\d{5}$", True),
        (r"^\d+$", False),
        (r"^\d{10}$", False),
        (r"^\d{4}-\d{2}-\d{2}$", False),
        (r"^.*$", False),
        (r"^\w{7}$", False),
        (r"^[A-Za-z]+$", False),
        (r"^A\d$", False),
        (r"^[A-Z]\d{6}$|^\d{6}$", False),
        (r"(?=x)[A-Z]\d{6}", False),
    ],
)
def test_a_pattern_is_specific_enough_by_what_it_admits(pattern: str, specific: bool) -> None:
    assert is_specific(pattern) is specific


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("L1234", "A9999"),
        ("l1234", "A9999"),
        ("see L1234.", "see A9999."),
        ("B1_loans_L1234.csv", "B1_loans_A9999.csv"),
        ("loanL1234copy", "loanA9999copy"),
        ("2024L1234", "2024A9999"),
        ("L1234 L5678", "A9999 A9999"),
        ("Ｌ１２３４", "A9999"),
        ("L12345", "L12345"),
        ("L123", "L123"),
        ("1234", "1234"),
        ("A9999", "A9999"),
    ],
)
def test_what_looks_like_a_restricted_value_is_masked_as_a_part_of_any_text(
    text: str, shown: str, loans: Rulebook
) -> None:
    assert loans.guard.text(text) == shown
    assert loans.guard.masked(pl.Series([text, None])).to_list() == [shown, None]
    many = pl.Series([f"row {at} of {text}" for at in range(600)])
    assert loans.guard.masked(many)[599] == f"row 599 of {shown}"
    assert UNGUARDED.text(text) == text


def test_what_the_contracts_say_themselves_is_no_secret(library: Any) -> None:
    columns = library.columns(
        loan_reference={"customProperties": [{"property": "hints", "value": {"wrong-pattern": "Such as L0815."}}]}
    )
    table = {"branches": "code,name\nL4711,Central\n"}
    guard = load_rulebook(library.directory(library.contract(columns=columns), tables=table)).guard
    assert guard.text("not L0815 nor L4711, but L1234") == "not L0815 nor L4711, but A9999"


def test_values_of_the_same_file_are_masked_as_whole_words(loans: Rulebook) -> None:
    column = next(each for each in loans.contracts["loans"].columns if each.restricted)
    guard = Guard().beside([(column, pl.Series(["12345", "Jane Roe", "Ann", "7", None]))])
    assert guard.text("12345") == "99999"
    assert guard.text("ask jane roe about 12345.") == "ask AAAA AAA about 99999."
    assert guard.text("Ann has 7 and 123456") == "Ann has 7 and 123456"
    assert guard.text("Jane Roe wrote ‘Jane Roe’.", sentence=True) == "Jane Roe wrote ‘AAAA AAA’."
    held = guard.looks_restricted(pl.Series(["12345", "x 12345", "Jane Roe", None]))
    assert held.to_list() == [True, True, False, False]


def test_a_masked_name_of_a_file_can_be_found_and_is_masked_once(loans: Rulebook) -> None:
    guard, sha256 = loans.guard, "3fa9c2d1" + "0" * 56
    shown = guard.file_name("a/B1_L1234.csv.gz", sha256)
    assert shown == "a/B1_A9999~3fa9c2d1.csv.gz"
    assert guard.file_name(shown, sha256) == shown
    assert guard.file_name("B1_loans_2024-03-31.csv", sha256) == "B1_loans_2024-03-31.csv"


def test_lint_warns_of_a_pattern_that_admits_values_of_a_restricted_column(library: Any) -> None:
    columns = library.columns(notes={"logicalTypeOptions": {"pattern": r"^[A-Z]\d+$"}})
    linted = lint([library.directory(library.contract(columns=columns))])
    assert linted.faults == ()
    assert [each for each in linted.warnings if "‘notes’" in each and "restricted" in each]
    assert not [each for each in lint([library.directory(library.contract())]).warnings if "restricted" in each]


def test_a_contract_may_refuse_what_looks_like_a_restricted_value(library: Any) -> None:
    rows = [library.row(Loan_reference="L0001", Notes="late, see L0002"), library.row(Loan_reference="L0002")]
    result = library.assess(library.csv(*rows))
    (found,) = result.findings.iter_rows(named=True)
    assert (result.verdict, found["code"], found["severity"]) == (
        "accepted_with_warnings", "restricted-value-elsewhere", "warning"
    )  # fmt: skip
    assert "‘late, see A9999’" in found["message"]
    assert result.accepted["notes"].to_list() == ["late, see L0002", None]
    refusing = {
        "logicalTypeOptions": {"maxLength": 20},
        "customProperties": [{"property": "severities", "value": {"restricted-value-elsewhere": "error"}}],
    }
    strict = library.rulebook(library.contract(columns=library.columns(notes=refusing)))
    result = library.assess(library.csv(*rows), strict)
    assert (result.verdict, result.rows.accepted, result.period_end) == ("partly_accepted", 1, date(2024, 3, 31))
