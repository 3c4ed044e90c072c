"""A contract as a suite of Great Expectations, in JSON, for typed frames in pandas.

The suite of a return is written without the library, whose import takes seconds. That of a unified table is the one
that the release checks run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from probation_etl.contracts.checks import Check, Kind, Schema
from probation_etl.contracts.checks.columns import required_key
from probation_etl.contracts.model import CONTEXT_COLUMNS, Contract, ReturnContract
from probation_etl.contracts.patterns import python_pattern
from probation_etl.targets.expressed import (
    UNKNOWN_TO_PYTHON,
    Split,
    Why,
    handed_over,
    provenance,
    split,
    typed_differences,
    typed_only,
    unknown_to_the_frame,
)
from probation_etl.unified.release_checks import to_expectation_suite
from probation_etl.unified.release_checks.checks import Expectation, expectations_of, plan

_COMPARISON = re.compile(r"\s*(\w+)\s*(>=|<=|>|<|=)\s*(\w+)\s*")
_BETWEEN = re.compile(r"\s*(\w+)\s+BETWEEN\s+(\w+)\s+AND\s+(\w+)\s*", re.IGNORECASE)
_ALSO: Mapping[str, str] = {
    "frame": "for pandas, with decimals as floats and dates as date objects; floats are exact to 15 digits",
}


def to_suite(schema: Schema) -> str:
    """The suite as JSON text. Each expectation has the name of its rule as ``meta["rule"]``."""
    contract, rules = schema.contract, handed_over(schema)
    if isinstance(contract, ReturnContract):
        found = split(rules, lambda rule: _express(rule, contract))
        lost = found.not_expressed
        expressed = found.expressed
        expectations = [each for rule, made in found.made for each in _expectations(rule, made)]
    else:
        expectations, expressed, lost = _release_checks(contract, rules)
    also = {**_ALSO, **typed_differences(contract)}
    meta = {"_probation_etl": provenance(contract, expressed, lost, also)}
    document = {"name": contract.id, "expectations": expectations, "meta": meta}
    return json.dumps(document, ensure_ascii=False, indent=2, default=str)


def _expectations(rule: Check, made: list[Expectation]) -> list[dict[str, Any]]:
    severity = "warning" if rule.severity == "warning" else "critical"
    shared = {"meta": {"rule": rule.name}, "severity": severity, "description": rule.short or rule.name}
    return [{"type": each.type, "kwargs": each.kwargs, **shared} for each in made]


def _release_checks(
    contract: Contract, rules: tuple[Check, ...]
) -> tuple[list[dict[str, Any]], list[str], Mapping[str, str]]:
    """The suite of a unified table, each expectation with the rule that it checks, where it checks one.

    Returns:
        The expectations, the names of the rules that are among them, and why each of the others is not.
    """
    known = {rule.name for rule in rules}
    rule_of = {check.name: check.rule for check in plan(contract) if check.rule in known}
    suite = to_expectation_suite(contract).to_json_dict()
    expectations: list[dict[str, Any]] = json.loads(json.dumps(suite["expectations"], default=str))
    for each in expectations:
        if rule := rule_of.get(each["meta"]["check"]):
            each["meta"]["rule"] = rule
    expressed = list(dict.fromkeys(each["meta"]["rule"] for each in expectations if "rule" in each["meta"]))
    reasons: Split[Why] = split(rules, lambda rule: typed_only(rule) or Why("no release check does this"))
    return expectations, expressed, {name: why for name, why in reasons.not_expressed.items() if name not in expressed}


def _express(rule: Check, contract: Contract) -> list[Expectation] | Why:
    if rule.kind is Kind.DECIMALS:
        return Why("decimals are floats there, whose places cannot be counted")
    if rule.kind is Kind.RANGE and rule.its_column.type == "time":
        return Why("a time of day is no type of its frames")
    if rule.kind is Kind.ROW:
        return unknown_to_the_frame(rule, contract) or _row(rule.sql, contract)
    if rule.kind is Kind.KEY:
        return [_key(contract)]
    if rule.kind is Kind.PATTERN and python_pattern(rule.pattern) is None:
        return Why(UNKNOWN_TO_PYTHON)
    return typed_only(rule) or list(expectations_of(rule))


def _key(contract: Contract) -> Expectation:
    """Two rows that lack the same required part of the key are not the same row."""
    needed = required_key(contract)
    if len(contract.key) == 1:  # the library refuses a compound key of one column
        return Expectation("expect_column_values_to_be_unique", {"column": contract.key[0]})
    given = {"column_list": list(contract.key), "ignore_row_if": "all_values_are_missing"}
    condition = " and ".join(f'col("{name}").notnull()' for name in needed)
    where = {"row_condition": condition, "condition_parser": "great_expectations"} if needed else {}
    return Expectation("expect_compound_columns_to_be_unique", {**given, **where})


def _row(expression: str, contract: Contract) -> list[Expectation] | Why:
    """Comparisons of two columns; missing values do not fail."""
    known = {*contract.column_names, *CONTEXT_COLUMNS}
    compared, between = _COMPARISON.fullmatch(expression), _BETWEEN.fullmatch(expression)
    if compared and {compared[1], compared[3]} <= known:
        return [_pair(compared[1], compared[2], compared[3])]
    if between and {*between.groups()} <= known:
        return [_pair(between[1], ">=", between[2]), _pair(between[1], "<=", between[3])]
    return Why("Great Expectations compares two columns of a pandas frame, and no more than that")


def _pair(left: str, operator: str, right: str) -> Expectation:
    given: dict[str, Any] = {"column_A": left, "column_B": right, "ignore_row_if": "either_value_is_missing"}
    if operator == "=":
        return Expectation("expect_column_pair_values_to_be_equal", given)
    if operator.startswith("<"):
        given |= {"column_A": right, "column_B": left}
    given["or_equal"] = operator.endswith("=")
    return Expectation("expect_column_pair_values_a_to_be_greater_than_b", given)
