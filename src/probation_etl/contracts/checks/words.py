"""What a contract asks by each of its rules, in a sentence: the source of a finding, for those who must put it right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from probation_etl.contracts.checks.columns import decimals
from probation_etl.contracts.checks.patterns_in_words import form_in_words
from probation_etl.contracts.date_formats import in_words
from probation_etl.contracts.model import Bound, Column, CrossRule, ReturnContract, Rule, TableRule

_DATED = {"at least": "on or after", "more than": "after", "at most": "on or before", "less than": "before"}
_TYPES = {
    "string": "text", "integer": "a whole number", "number": "a number", "date": "a date", "boolean": "true or false",
}  # fmt: skip


def provision(contract: ReturnContract, rule: str) -> str:
    """What the contract asks by a rule; empty where the rule is none of the contract, as for a file that cannot be read.

    Args:
        contract: The contract of a return.
        rule: Name of the rule, such as ``order_type|enum`` or ``row|heard_not_before_logged``.
    """
    first, _, check = rule.partition("|")
    if first in _WHOLE:
        return _WHOLE[first](contract, check)
    if check == "mapped":
        return f"Every value has a counterpart in ‘{first}’ of the unified table ‘{contract.mapping.table}’."
    if first not in contract.column_names:
        return ""
    column = contract.column(first)
    if check in _CHECKS:
        return f"‘{column.header}’ {_CHECKS[check](column)}.{_about(column)}"
    refers = next((each for each in contract.references if (each.column, each.name) == (first, check)), None)
    return f"Every row refers to a row of ‘{refers.table}’ by {_headers(contract, refers.columns)}." if refers else ""


def _about(column: Column) -> str:
    return f" Its meaning: {column.description}" if column.description else ""


def _row_rule(contract: ReturnContract, name: str) -> str:
    found = (each for each in contract.rules if each.name == name)
    return next((_titled(each) or f"In every row: {_one_line(each.expression)}." for each in found), "")


def _table_rule(contract: ReturnContract, name: str) -> str:
    found = (each for each in contract.table_rules if each.name == name)
    return next((_titled(each) or f"Of all rows together: {_one_line(each.expression)}." for each in found), "")


def _cross_rule(contract: ReturnContract, name: str) -> str:
    found = (each for each in contract.cross_rules if each.name == name)
    return next((_titled(each) or f"Of this return and the supplier’s others: {_totals(each)}." for each in found), "")


def _totals(rule: CrossRule) -> str:
    return f"{_one_line(rule.this)} {rule.operator} {_one_line(rule.other)} of ‘{rule.table}’"


def _titled(rule: Rule | TableRule | CrossRule) -> str:
    """What a rule asks in the contract's own words: an expression says little to those who must put a row right."""
    return f"{_one_line(rule.title).rstrip('.')}." if rule.title.strip() else ""


def _key(contract: ReturnContract, _check: str) -> str:
    return f"No two rows have the same {_headers(contract, contract.key)}."


def _headers(contract: ReturnContract, names: Iterable[str]) -> str:
    return ", ".join(f"‘{contract.column(name).header}’" for name in names if name in contract.column_names)


def _one_line(expression: str) -> str:
    return " ".join(expression.split())


def _type(column: Column) -> str:
    form = f" in the form {' or '.join(column.formats)}" if column.formats else ""
    return f"is {_TYPES[column.type]}{form}"


def _length(column: Column) -> str:
    low, high = column.min_length, column.max_length
    if low is None:
        return f"has at most {high} characters"
    return f"has at least {low} characters" if high is None else f"has {low} to {high} characters"


def _range(column: Column) -> str:
    bounds: dict[str, Bound | None] = {
        "at least": column.minimum, "more than": column.exclusive_minimum,
        "at most": column.maximum, "less than": column.exclusive_maximum,
    }  # fmt: skip
    return "is " + " and ".join(_bound(word, bound) for word, bound in bounds.items() if bound is not None)


def _bound(word: str, bound: Bound) -> str:
    return f"{_DATED[word]} {in_words(bound)}" if isinstance(bound, date) else f"{word} {bound}"


def _form(column: Column) -> str:
    """The pattern in words; a regular expression only where neither words nor the contract's own hint say it."""
    words, hint = form_in_words(column.pattern or ""), _one_line(column.hints.get("wrong-pattern", ""))
    if words:
        return f"is {words}"
    return (
        f"has the form that the contract describes: {hint.rstrip('.')}"
        if hint
        else f"matches the regular expression {column.pattern}"
    )


def _enum(column: Column) -> str:
    return f"is one of: {'; '.join(v if v == label else f'{v} ({label})' for v, label in column.labels.items())}"


_WHOLE: Mapping[str, Callable[[ReturnContract, str], str]] = {
    "row": _row_rule, "table": _table_rule, "across": _cross_rule, "key": _key,
}  # fmt: skip
_CHECKS: Mapping[str, Callable[[Column], str]] = {
    "present": lambda _: "is a column of the return",
    "once": lambda _: "is a column of the return, once",
    "error": lambda column: f"{_type(column)}, and not the error of a formula",
    "control": lambda _: "has no hidden characters",
    "type": _type,
    "integer": _type,
    "decimals": lambda column: f"has at most {decimals(column)} decimal places",
    "required": lambda _: "is filled in, in every row",
    "pattern": _form,
    "length": _length,
    "range": _range,
    "enum": _enum,
    "unique": lambda _: "is different in every row",
}
