"""What a contract asks by each of its rules, in a sentence: the source of a finding, for those who must put it right."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from probation_etl.contract import Bound, Column, Contract
from probation_etl.schema.columns import decimals

_DATED = {"at least": "on or after", "more than": "after", "at most": "on or before", "less than": "before"}
_TYPES = {
    "string": "text", "integer": "a whole number", "number": "a number", "date": "a date", "boolean": "true or false",
}  # fmt: skip


def provision(contract: Contract, rule: str) -> str:
    """What the contract asks by a rule; empty where the rule is none of the contract, as for a file that cannot be read.

    Args:
        contract: The contract of a return.
        rule: Name of the rule, such as ``order_type|enum`` or ``row|heard_not_before_logged``.
    """
    first, _, check = rule.partition("|")
    if first in _WHOLE:
        return _WHOLE[first](contract, check)
    if check == "mapped" and contract.mapping:
        return f"Every value has a counterpart in ‘{first}’ of the unified table ‘{contract.mapping.table}’."
    if first not in contract.column_names:
        return ""
    column = contract.column(first)
    if check in _CHECKS:
        return f"‘{column.header}’ {_CHECKS[check](column)}.{_about(column)}"
    refers = next((each for each in contract.references if (each.column, each.name) == (first, check)), None)
    return f"Every row refers to a row of ‘{refers.table}’ by ‘{column.header}’." if refers else ""


def _about(column: Column) -> str:
    return f" Its meaning: {column.description}" if column.description else ""


def _row_rule(contract: Contract, name: str) -> str:
    return next((f"In every row: {_one_line(each.expression)}." for each in contract.rules if each.name == name), "")


def _table_rule(contract: Contract, name: str) -> str:
    found = (each.expression for each in contract.table_rules if each.name == name)
    return next((f"Of all rows together: {_one_line(each)}." for each in found), "")


def _cross_rule(contract: Contract, name: str) -> str:
    found = (each for each in contract.cross_rules if each.name == name)
    texts = (f"{_one_line(each.this)} {each.operator} {_one_line(each.other)} of ‘{each.table}’" for each in found)
    return next((f"Of this return and the supplier’s others: {text}." for text in texts), "")


def _key(contract: Contract, _check: str) -> str:
    headers = ", ".join(f"‘{contract.column(name).header}’" for name in contract.key)
    return f"No two rows have the same {headers}."


def _one_line(expression: str) -> str:
    return " ".join(expression.split())


def _type(column: Column) -> str:
    form = f" of the form {' or '.join(column.formats)}" if column.formats else ""
    return f"holds {_TYPES[column.type]}{form}"


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
    words = _DATED if column.type == "date" else {word: word for word in bounds}
    return "is " + " and ".join(f"{words[word]} {bound}" for word, bound in bounds.items() if bound is not None)


def _enum(column: Column) -> str:
    return f"is one of: {'; '.join(v if v == label else f'{v} ({label})' for v, label in column.labels.items())}"


_WHOLE: Mapping[str, Callable[[Contract, str], str]] = {
    "row": _row_rule, "table": _table_rule, "across": _cross_rule, "key": _key,
}  # fmt: skip
_CHECKS: Mapping[str, Callable[[Column], str]] = {
    "present": lambda _: "is a column of the return",
    "once": lambda _: "is a column of the return, and stands there once",
    "error": lambda column: f"{_type(column)}, and no error of a formula",
    "control": lambda _: "holds no characters that cannot be seen",
    "type": _type,
    "integer": _type,
    "decimals": lambda column: f"has at most {decimals(column)} decimals",
    "required": lambda _: "is filled in, in every row",
    "pattern": lambda column: f"has the form {column.pattern}",
    "length": _length,
    "range": _range,
    "enum": _enum,
    "unique": lambda _: "is another in every row",
}
