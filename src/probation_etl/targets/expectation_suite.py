"""A contract as a suite of Great Expectations, in JSON, for typed frames in pandas.

The suite of a return is written without the library, whose import takes seconds. That of a unified table is the one
that the release checks run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from probation_etl.contracts.checks import Schema
from probation_etl.contracts.checks.listed import (
    UNKNOWN_TO_PYTHON,
    ListedRule,
    Split,
    Why,
    listed_rules,
    provenance,
    split,
    typed_differences,
    typed_only,
    unknown_to_the_frame,
)
from probation_etl.contracts.model import CONTEXT_COLUMNS, Bound, Column, Contract, ReturnContract
from probation_etl.contracts.patterns import python_pattern
from probation_etl.unified.release_checks import to_expectation_suite

#: One or more expectations that stand for one rule: type and arguments.
_Made = list[tuple[str, dict[str, Any]]]
_COMPARISON = re.compile(r"\s*(\w+)\s*(>=|<=|>|<|=)\s*(\w+)\s*")
_BETWEEN = re.compile(r"\s*(\w+)\s+BETWEEN\s+(\w+)\s+AND\s+(\w+)\s*", re.IGNORECASE)
#: Release checks that have another name than the rule, or are parts of one.
_RULE_OF_CHECK = {"not-in-list": "enum"} | dict.fromkeys(
    ("minimum", "maximum", "exclusive-minimum", "exclusive-maximum"), "range"
)
_ALSO: Mapping[str, str] = {
    "frame": "for pandas, with decimals as floats and dates as date objects; floats are exact to 15 digits",
}


def to_suite(schema: Schema) -> str:
    """The suite as JSON text. Each expectation has the name of its rule as ``meta["rule"]``."""
    contract = schema.contract
    rules = listed_rules(schema)
    if isinstance(contract, ReturnContract):
        found = split(rules, lambda rule: _express(rule, contract))
        expectations = [each for rule in rules for each in _expectations(rule, found)]
    else:
        expectations, found = _release_checks(contract, rules)
    also = {**_ALSO, **typed_differences(contract)}
    meta = {"_probation_etl": provenance(contract, found, also)}
    document = {"name": contract.id, "expectations": expectations, "meta": meta}
    return json.dumps(document, ensure_ascii=False, indent=2)


def _expectations(rule: ListedRule, found: Split) -> list[dict[str, Any]]:
    severity = "warning" if rule.severity == "warning" else "critical"
    shared = {"meta": {"rule": rule.name}, "severity": severity, "description": rule.words or rule.name}
    return [{"type": kind, "kwargs": given, **shared} for kind, given in found.expressed.get(rule.name, ())]


def _release_checks(contract: Contract, rules: tuple[ListedRule, ...]) -> tuple[list[dict[str, Any]], Split]:
    """The suite of a unified table, each expectation with the rule that it stands for, where it does for one."""
    suite = to_expectation_suite(contract).to_json_dict()
    names = {rule.name for rule in rules}
    expectations: list[dict[str, Any]] = json.loads(json.dumps(suite["expectations"], default=str))
    done = dict.fromkeys(filter(None, (_name_rule(each, names) for each in expectations)), ())
    reasons = split(rules, lambda rule: typed_only(rule) or Why("no release check does this"))
    lost = {name: why for name, why in reasons.not_expressed.items() if name not in done}
    return expectations, Split(done, lost)


def _name_rule(expectation: dict[str, Any], names: set[str]) -> str | None:
    column, _, check = expectation["meta"]["check"].partition("|")
    name = f"{column}|{_RULE_OF_CHECK.get(check, check)}"
    if name in names:
        expectation["meta"]["rule"] = name
        return name
    return None


def _express(rule: ListedRule, contract: Contract) -> _Made | Why:
    if rule.kind == "decimals":
        return Why("decimals are floats there, whose places cannot be counted")
    if rule.kind == "row":
        return unknown_to_the_frame(rule, contract) or _row(rule.expression, contract)
    if rule.kind == "key":
        return _key(contract)
    return typed_only(rule) or _of_column(rule.kind, rule.its_column)


def _of_column(kind: str, column: Column) -> _Made | Why:
    if kind == "range":
        return _range(column)
    regex = python_pattern(column.pattern or "")
    if regex is None:
        return Why(UNKNOWN_TO_PYTHON)
    size = {"min_value": column.min_length, "max_value": column.max_length}
    made: dict[str, tuple[str, dict[str, Any]]] = {
        "required": ("values_to_not_be_null", {}),
        "pattern": ("values_to_match_regex", {"regex": regex}),
        "length": ("value_lengths_to_be_between", {key: value for key, value in size.items() if value is not None}),
        "enum": ("values_to_be_in_set", {"value_set": list(column.labels)}),
        "unique": ("values_to_be_unique", {}),
    }
    type_, given = made[kind]
    return [(f"expect_column_{type_}", {"column": column.name, **given})]


def _range(column: Column) -> _Made:
    bounds = (
        ("min", False, column.minimum), ("min", True, column.exclusive_minimum),
        ("max", False, column.maximum), ("max", True, column.exclusive_maximum),
    )  # fmt: skip
    return [
        (
            "expect_column_values_to_be_between",
            {"column": column.name, f"{side}_value": _json(bound), f"strict_{side}": strict},
        )
        for side, strict, bound in bounds
        if bound is not None
    ]


def _json(bound: Bound) -> str | float:
    return bound.isoformat() if isinstance(bound, date) else float(Decimal(bound))


def _key(contract: Contract) -> _Made:
    """Two rows that lack the same needed part of the key are not the same row."""
    needed = [name for name in contract.key if contract.column(name).required]
    if len(contract.key) == 1:  # the library refuses a compound key of one column
        return [("expect_column_values_to_be_unique", {"column": contract.key[0]})]
    given = {"column_list": list(contract.key), "ignore_row_if": "all_values_are_missing"}
    condition = " and ".join(f'col("{name}").notnull()' for name in needed)
    where = {"row_condition": condition, "condition_parser": "great_expectations"} if needed else {}
    return [("expect_compound_columns_to_be_unique", {**given, **where})]


def _row(expression: str, contract: Contract) -> _Made | Why:
    """Comparisons of two columns; missing values do not fail."""
    known = {*contract.column_names, *CONTEXT_COLUMNS}
    compared, between = _COMPARISON.fullmatch(expression), _BETWEEN.fullmatch(expression)
    if compared and {compared[1], compared[3]} <= known:
        return [_pair(compared[1], compared[2], compared[3])]
    if between and {*between.groups()} <= known:
        return [_pair(between[1], ">=", between[2]), _pair(between[1], "<=", between[3])]
    return Why("Great Expectations compares two columns of a pandas frame, and no more than that")


def _pair(left: str, operator: str, right: str) -> tuple[str, dict[str, Any]]:
    given: dict[str, Any] = {"column_A": left, "column_B": right, "ignore_row_if": "either_value_is_missing"}
    if operator == "=":
        return "expect_column_pair_values_to_be_equal", given
    if operator.startswith("<"):
        given |= {"column_A": right, "column_B": left}
    given["or_equal"] = operator.endswith("=")
    return "expect_column_pair_values_a_to_be_greater_than_b", given
