"""``contract prove``: a shipped contract is proved, and a rule that cannot fire is named. ``make check`` proves them all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from probation_etl.cli.contracts import prove
from probation_etl.errors import UsageError


def run(*arguments: str) -> Result:
    return CliRunner().invoke(prove, list(arguments), standalone_mode=False)


@pytest.fixture(scope="module")
def shipped() -> Result:
    return run("nps-caseload", "--json")


def test_every_rule_of_a_shipped_contract_is_proved(shipped: Result) -> None:
    proofs = json.loads(shipped.stdout)["proofs"]
    assert {each["contract"] for each in proofs} == {"nps-caseload"}
    assert [(each["rule"], each["how"]) for each in proofs if not each["proved"]] == []
    assert shipped.return_value == 0


def test_a_dead_rule_fails_and_is_named(library: Any) -> None:
    contracts = library.directory(library.contract(rules=[library.rule("copy_number = copy_number")]))
    result = run("--contracts", str(contracts))
    assert result.return_value == 1
    (line,) = [line for line in result.stdout.splitlines() if "not proved" in line]
    assert "row|some_rule" in line
    why, count = result.stderr.splitlines()
    assert why.startswith(
        "loans 1.0.0: ‘row|some_rule’ cannot be proved: no return was found that breaks it alone, in "
    )
    assert count == "1 contract(s), 18 rule(s): 1 not proved."


def test_rules_that_cannot_be_proved_for_one_reason_are_named_together(library: Any) -> None:
    columns = library.columns(notes={"logicalTypeOptions": {"pattern": "^[a-z]{5}$", "maxLength": 3}})
    contracts = library.directory(library.contract(columns=columns))
    result = run("--contracts", str(contracts), "--json")
    assert result.return_value == 1
    assert {each["rule"] for each in json.loads(result.stdout)["proofs"] if not each["proved"]} == {
        "notes|pattern", "notes|length"
    }  # fmt: skip
    why = "no value tried for ‘Notes’ keeps all rules of the contract"
    assert f"loans 1.0.0: ‘notes|pattern’, ‘notes|length’ cannot be proved: {why}." in result.stderr.splitlines()


def test_live_rules_succeed_and_values_are_masked(library: Any) -> None:
    result = run("loans", "--contracts", str(library.directory(library.contract())))
    assert result.return_value == 0
    assert "L000" not in result.stdout
    assert "not proved" not in result.stdout


def test_an_unknown_contract_is_a_usage_error() -> None:
    result = run("nps-breach")
    assert isinstance(result.exception, UsageError)
    assert "did you mean ‘nps-breaches’?" in str(result.exception)
