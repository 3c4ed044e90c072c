"""What a contract asks by a rule, in a sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from probation_etl.contracts.lint.rules import compile_contract
from probation_etl.contracts.model import Contract
from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.reports.rule_counts import count_by_rule

if TYPE_CHECKING:
    from conftest import Library

ASKED = {
    "loan_reference|pattern": "‘Loan reference’ is ‘L’, then 4 digits.",
    "loan_reference|required": "‘Loan reference’ is filled in, in every row.",
    "copy_number|type": "‘Copy’ is a whole number.",
    "copy_number|range": "‘Copy’ is at least 1 and at most 99.",
    "branch|enum": "‘Branch’ is one of: Central; N (North).",
    "lent_on|type": "‘Lent on’ is a date in the form dd/MM/yyyy.",
    "lent_on|present": "‘Lent on’ is a column of the return.",
    "fine|range": "‘Fine’ is at least 0 and less than 50.",
    "fine|decimals": "‘Fine’ has at most 2 decimal places.",
    "notes|length": "‘Notes’ has at most 20 characters.",
    "row|returned_not_before_lent": "In every row: returned_on >= lent_on.",
    "key|unique": "No two rows have the same ‘Loan reference’, ‘Copy’.",
}


def provision(contract: Contract, rule: str) -> str:
    return compile_contract(contract).by_name[rule].words


@pytest.mark.parametrize("rule", ASKED)
def test_a_rule_is_a_sentence(library: Library, rule: str) -> None:
    assert provision(library.loans.contracts["loans"], rule) == ASKED[rule]


def test_every_rule_of_the_shipped_contracts_has_its_sentence() -> None:
    rulebook = load_rulebook()
    for contract in rulebook.returns():
        checks = rulebook.schema_of(contract).checks
        assert (contract.id, [each.name for each in checks if not each.words]) == (contract.id, [])


def test_a_rule_with_its_own_wording_is_described_in_these_words(library: Library) -> None:
    told = library.contract(
        rules=[
            {**library.rule("returned_on >= lent_on", name="order"), "name": "Returned on or after the day of lending"},
            library.rule("fine < 50", name="fines"),
        ]
    )
    contract = library.rulebook(told).contracts["loans"]
    assert provision(contract, "row|order") == "Returned on or after the day of lending."
    assert provision(contract, "row|fines") == "In every row: fine < 50."


@pytest.mark.parametrize(
    ("pattern", "hint", "asked"),
    [
        ("^L\\d{4}$", "Copy it from the card.", "‘Loan reference’ is ‘L’, then 4 digits."),
        ("^(L|M)\\d{4}$", "", "‘Loan reference’ matches the regular expression ^(L|M)\\d{4}$."),
        (
            "^(L|M)\\d{4}$", "An L or M and four digits.",
            "‘Loan reference’ has the form that the contract describes: An L or M and four digits.",
        ),
    ],
)  # fmt: skip
def test_a_regular_expression_is_the_last_resort(library: Library, pattern: str, hint: str, asked: str) -> None:
    column = replace(
        library.loans.contracts["loans"].column("loan_reference"), pattern=pattern,
        hints={"wrong-pattern": hint} if hint else {},
    )  # fmt: skip
    contract = library.loans.contracts["loans"]
    changed = replace(contract, columns=(column, *contract.columns[1:]))
    assert provision(changed, "loan_reference|pattern") == asked


def test_what_no_contract_asks_has_none(library: Library) -> None:
    result = library.assess(library.csv(library.row(Branch="South"), library.row(Copy="x")))
    rules = count_by_rule(result.found, result.contract, {})
    assert {each.provision for each in rules} == {None}
    asked = {each.rule: each.provision for each in count_by_rule(result.found, result.contract, result.checks)}
    assert asked == {"branch|enum": ASKED["branch|enum"], "copy_number|type": ASKED["copy_number|type"]}


def test_a_finding_of_a_file_that_cannot_be_read_has_none(library: Library) -> None:
    result = library.assess(b"")
    rules = count_by_rule(result.found, result.contract, result.checks)
    assert [each.provision for each in rules] == [None]


def test_a_reference_names_every_column_by_which_it_refers() -> None:
    contract = next(each for each in load_rulebook().returns() if any(len(one.columns) > 1 for one in each.references))
    reference = next(each for each in contract.references if len(each.columns) > 1)
    headers = ", ".join(f"‘{contract.column(name).header}’" for name in reference.columns)
    asked = load_rulebook().schema_of(contract).by_name[f"{reference.column}|{reference.name}"].words
    assert asked == f"Every row refers to a row of ‘{reference.table}’ by {headers}."


def test_the_meaning_of_a_column_is_given_with_it(library: Library) -> None:
    described = library.contract(columns=library.columns(branch={"description": "Where the book was lent."}))
    contract = library.rulebook(described).contracts["loans"]
    assert provision(contract, "branch|required").endswith("every row. Its meaning: Where the book was lent.")
