"""What a contract asks by a rule, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from probation_etl.pipeline.rulebook import load_rulebook
from probation_etl.reports.provisions import provision

if TYPE_CHECKING:
    from conftest import Library

ASKED = {
    "loan_reference|pattern": r"‘Loan reference’ has the form ^L\d{4}$.",
    "loan_reference|required": "‘Loan reference’ is filled in, in every row.",
    "copy_number|type": "‘Copy’ holds a whole number.",
    "copy_number|range": "‘Copy’ is at least 1 and at most 99.",
    "branch|enum": "‘Branch’ is one of: Central; N (North).",
    "lent_on|type": "‘Lent on’ holds a date of the form dd/MM/yyyy.",
    "lent_on|present": "‘Lent on’ is a column of the return.",
    "fine|range": "‘Fine’ is at least 0 and less than 50.",
    "fine|decimals": "‘Fine’ has at most 2 decimals.",
    "notes|length": "‘Notes’ has at most 20 characters.",
    "row|returned_not_before_lent": "In every row: returned_on >= lent_on.",
    "key|unique": "No two rows have the same ‘Loan reference’, ‘Copy’.",
}


@pytest.mark.parametrize("rule", ASKED)
def test_a_rule_is_a_sentence(library: Library, rule: str) -> None:
    assert provision(library.loans.contracts["loans"], rule) == ASKED[rule]


def test_every_rule_of_the_shipped_contracts_has_its_sentence() -> None:
    rulebook = load_rulebook()
    for contract in rulebook.returns():
        names = [
            *rulebook.schema_of(contract).rules,
            *(f"table|{each.name}" for each in contract.table_rules),
            *(f"across|{each.name}" for each in contract.cross_rules),
            *(f"{each.column}|{each.name}" for each in contract.references),
        ]
        assert (contract.id, [name for name in names if not provision(contract, name)]) == (contract.id, [])


@pytest.mark.parametrize(
    "rule", ["unreadable-file", "unexpected-column", "nothing|enum", "row|nothing", "table|nothing"]
)
def test_what_no_contract_asks_has_none(library: Library, rule: str) -> None:
    assert provision(library.loans.contracts["loans"], rule) == ""


def test_the_meaning_of_a_column_is_told_with_it(library: Library) -> None:
    described = library.contract(columns=library.columns(branch={"description": "Where the book was lent."}))
    contract = library.rulebook(described).contracts["loans"]
    assert provision(contract, "branch|required").endswith("every row. Its meaning: Where the book was lent.")
