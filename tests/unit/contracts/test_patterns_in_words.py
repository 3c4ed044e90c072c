"""Patterns in words, for people who do not read regular expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from probation_etl.contracts.checks.patterns_in_words import asked_form, form_in_words
from probation_etl.contracts.model import Column
from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.reports.return_page import render_return
from probation_etl.reports.return_report import ReturnReport

if TYPE_CHECKING:
    from conftest import Library

IN_WORDS = {
    r"^[A-Z]\d{6}$": "a capital letter, then 6 digits",
    r"^L\d{4}$": "‘L’, then 4 digits",
    r"^[CN]\d{2}$": "‘C’ or ‘N’, then 2 digits",
    r"^[A-Z]{3}[0-9]{2}$": "3 capital letters, then 2 digits",
    r"^[a-zA-Z]+-\d{1}$": "one or more letters, then ‘-’, then a digit",
    r"^\d{2,4}/[A-Z0-9]{2,}$": "2 to 4 digits, then ‘/’, then 2 or more capital letters or digits",
    r"^No\. [a-z0-9]$": "‘No. ’, then a small letter or digit",
    r"^[AB]{2}$": "2 characters, each ‘A’ or ‘B’",
}
#: What is not said: half a description would mislead.
NOT_IN_WORDS = (
    r"[A-Z]\d{6}", r"^[A-Z]\d{6}", r"[A-Z]$", r"^A|B$", r"^(AB)+$", r"^[^A]$", r"^A?$", r"^\d*$", r"^\w+$", r"^.$", r"^[A-Y]$",
    r"^\d{2}?$", r"^A{2}$", r"^AB+$", r"^A\$", r"^\bA$", r"^[A-Z\d]$", r"^\u0041$", r"^(?i)a$", "^$", "^[ABCDEFG]$", r"^é$",
)  # fmt: skip


@pytest.mark.parametrize("pattern", IN_WORDS)
def test_a_simple_pattern_is_put_in_words(pattern: str) -> None:
    assert form_in_words(pattern) == IN_WORDS[pattern]


@pytest.mark.parametrize("pattern", NOT_IN_WORDS)
def test_of_any_other_nothing_is_said(pattern: str) -> None:
    assert form_in_words(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "hints", "asked"),
    [
        (r"^[A-Z]\d{6}$", {}, "It must be a capital letter, then 6 digits."),
        (r"^[A-Z]\d{6}$", {"wrong-pattern": "Copy it from the card."}, ""),
        (r"^(A|B)$", {"wrong-pattern": "Copy it from the card."}, ""),
        (r"^(A|B)$", {"missing-value": "Fill it in."}, "It must match the regular expression ^(A|B)$"),
        (None, {}, ""),
    ],
)
def test_the_contract_s_own_words_come_first(pattern: str | None, hints: dict[str, str], asked: str) -> None:
    assert asked_form(Column("reference", "string", "Reference", pattern=pattern, hints=hints)) == asked


def test_the_page_of_the_supplier_shows_no_regular_expression(library: Library) -> None:
    page = render_return(ReturnReport.of(library.assess(library.csv(library.row(Loan_reference="A1")))))
    assert "is not in the right format: " in page
    assert "Copy it from the card." in page
    assert "‘Loan reference’ is ‘L’, then 4 digits." in page
    assert "\\d{" not in page
    assert "each letter is shown as A and each digit as 9" in page


def test_every_pattern_that_ships_can_be_said() -> None:
    patterns = {
        column.pattern for each in load_rulebook().contracts.values() for column in each.columns if column.pattern
    }
    assert patterns
    assert [pattern for pattern in sorted(patterns) if form_in_words(pattern) is None] == []
