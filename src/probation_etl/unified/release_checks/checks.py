"""Which checks a unified contract makes, each as an expectation by name. Nothing of the library is needed for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from probation_etl.contracts.model import Column, Contract, ReleaseQuery, Severity, TableContract
from probation_etl.contracts.patterns import python_pattern

#: Name of the check that no key stands twice.
KEY = "key|unique"
#: Which bounds a figure must keep to, as arguments of an expectation, by how it is compared.
_COMPARED: Mapping[str, tuple[tuple[str, ...], bool]] = {
    "=": (("min_value", "max_value"), False),
    ">=": (("min_value",), False),
    ">": (("min_value",), True),
    "<=": (("max_value",), False),
    "<": (("max_value",), True),
}
_WORDS = {"=": "exactly", ">=": "at least", ">": "more than", "<=": "at most", "<": "less than"}
_STRICT = {"min_value": "strict_min", "max_value": "strict_max"}


class Check(NamedTuple):
    """One release check.

    Attributes:
        name: Its name, which no other check of the table has.
        expected: What it expects, in words.
        type: The type of the expectation.
        kwargs: Its arguments.
        severity: Whether the table may be released without it (``warning``) or not.
        query: For a check that counts in the database: the query that gives the figure.
        message: Why it is made, in the words of the contract.
    """

    name: str
    expected: str
    type: str
    kwargs: dict[str, Any]
    severity: Severity = "error"
    query: str | None = None
    message: str = ""


def plan(contract: Contract) -> Iterator[Check]:
    """All checks of a contract on its table, each under a name that no other has."""
    on_columns = [check for column in contract.columns for check in _column_checks(column)]
    yield from _named_apart([*on_columns, *_key_checks(contract.key), *map(_own_check, contract.expectations)])


def counted(contract: TableContract) -> list[Check]:
    """The checks of a contract that count in the database: each expects something of one figure."""
    return [_counted(each) for each in contract.release_queries]


def _named_apart(checks: Iterable[Check]) -> Iterator[Check]:
    seen: Counter[str] = Counter()
    for check in checks:
        seen[check.name] += 1
        yield check if seen[check.name] == 1 else check._replace(name=f"{check.name} ({seen[check.name]})")


def _column_checks(column: Column) -> Iterator[Check]:
    regex = python_pattern(column.pattern or "")
    characters = f"{column.min_length or 0} to {column.max_length or 'any number of'} characters"
    size = {"min_value": column.min_length, "max_value": column.max_length}
    one_of = f"one of: {', '.join(column.labels)}"
    checks: tuple[tuple[Any, str, str, str, dict[str, Any]], ...] = (
        (True, "exists", "the column to exist", "to_exist", {}),
        (column.required, "required", "a value in every row", "values_to_not_be_null", {}),
        (column.labels, "not-in-list", one_of, "values_to_be_in_set", {"value_set": list(column.labels)}),
        (column.pattern, "pattern", f"the form {column.pattern}", "values_to_match_regex", {"regex": regex}),
        (any(size.values()), "length", characters, "value_lengths_to_be_between", size),
        (column.unique, "unique", "no value twice", "values_to_be_unique", {}),
        *_bounds(column),
    )
    for wanted, name, words, type_, given in checks:
        if wanted:
            kwargs = {"column": column.name, **given}
            yield Check(f"{column.name}|{name}", words, f"expect_column_{type_}", kwargs)


def _bounds(column: Column) -> Iterator[tuple[bool, str, str, str, dict[str, Any]]]:
    for check, words, bound, side in (
        ("minimum", "at least", column.minimum, "min"),
        ("maximum", "at most", column.maximum, "max"),
        ("exclusive-minimum", "more than", column.exclusive_minimum, "min"),
        ("exclusive-maximum", "less than", column.exclusive_maximum, "max"),
    ):
        strict, value = check.startswith("exclusive"), float(bound) if isinstance(bound, Decimal) else bound
        kwargs = {f"{side}_value": value, f"strict_{side}": strict}
        yield bound is not None, check, f"{words} {bound}", "values_to_be_between", kwargs


def _key_checks(key: tuple[str, ...]) -> Iterator[Check]:
    expected = f"no two rows with the same {', '.join(key)}"
    if len(key) == 1:  # the library refuses a compound key of one column
        yield Check(KEY, expected, "expect_column_values_to_be_unique", {"column": key[0]})
    elif key:
        given = {"column_list": list(key), "ignore_row_if": "never"}
        yield Check(KEY, expected, "expect_compound_columns_to_be_unique", given)


def key_check(check: Check) -> Check:
    """The check of a compound key where the key stands in one column, ``key``."""
    return check._replace(type="expect_column_values_to_be_unique", kwargs={"column": "key"})


def _own_check(given: Mapping[str, Any]) -> Check:
    """An expectation that the contract spells out, named for its column and its id, or what it expects of it."""
    type_, kwargs = str(given.get("type")), dict(given.get("kwargs") or {})
    what = type_.removeprefix("expect_").removeprefix("column_").removeprefix("table_").replace("_", "-")
    arguments = ", ".join(f"{name} {value}" for name, value in kwargs.items() if name != "column")
    name = f"{kwargs.get('column', 'table')}|{given.get('id') or what}"
    expected, severity = given.get("name") or f"{what.replace('-', ' ')} ({arguments})", given.get("severity", "error")
    return Check(name, expected, type_, kwargs, severity, message=given.get("description", ""))


def _counted(query: ReleaseQuery) -> Check:
    """The figure is the greatest value of a table of one row, where its column has the name of the query."""
    sides, strict = _COMPARED[query.operator]
    bounds: dict[str, Any] = dict.fromkeys(sides, query.bound) | {_STRICT[side]: True for side in sides if strict}
    return Check(
        f"table|{query.name}",
        f"{query.title}: expected {_WORDS[query.operator]} {query.bound}",
        "expect_column_max_to_be_between",
        {"column": query.name, **bounds},
        query.severity,
        query.query,
        query.message,
    )
