"""The checks of a table before it is released, each as an expectation under a name. It needs nothing of the library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from probation_etl.contracts.checks import Check, Kind
from probation_etl.contracts.checks.columns import column_checks
from probation_etl.contracts.model import (
    Column,
    Contract,
    GivenExpectation,
    Length,
    Limit,
    ReleaseQuery,
    Severity,
    TableContract,
)
from probation_etl.contracts.patterns import python_pattern

#: The message of a check that could not be computed.
NOT_COMPUTED = "the check could not be computed"
#: Name of the check that no key is there twice.
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
#: The rules of a column that are checked again, in the order of the results.
_KINDS = (Kind.REQUIRED, Kind.ENUM, Kind.PATTERN, Kind.LENGTH, Kind.UNIQUE, Kind.RANGE)
_LIMITS = {"ge": "minimum", "gt": "exclusive-minimum", "le": "maximum", "lt": "exclusive-maximum"}


class Expectation(NamedTuple):
    """An expectation of the library, as data."""

    type: str
    kwargs: dict[str, Any]


class ReleaseCheck(NamedTuple):
    """One release check.

    Attributes:
        name: Its name, which no other check of the table has.
        expected: What it expects, in words.
        expectation: What the library is asked.
        severity: Whether the table may be released without it (``warning``) or not.
        query: For a check that counts in the database: the query that gives the figure.
        message: Why it is made, in the words of the contract.
        rule: Name of the rule of the contract that it checks; empty where it is more than the rules say.
    """

    name: str
    expected: str
    expectation: Expectation
    severity: Severity = "error"
    query: str | None = None
    message: str = ""
    rule: str = ""


def plan(contract: Contract) -> Iterator[ReleaseCheck]:
    """All checks of a contract on its table, each under a name that no other has."""
    on_columns = [check for column in contract.columns for check in _column_checks(column)]
    yield from _named_apart([*on_columns, *_key_checks(contract.key), *map(_own_check, contract.expectations)])


def counted(contract: TableContract) -> list[ReleaseCheck]:
    """The checks of a contract that count in the database: each expects something of one figure."""
    return [_counted(each) for each in contract.release_queries]


def _named_apart(checks: Iterable[ReleaseCheck]) -> Iterator[ReleaseCheck]:
    seen: Counter[str] = Counter()
    for check in checks:
        seen[check.name] += 1
        yield check if seen[check.name] == 1 else check._replace(name=f"{check.name} ({seen[check.name]})")


def _column_checks(column: Column) -> Iterator[ReleaseCheck]:
    there = Expectation("expect_column_to_exist", {"column": column.name})
    yield ReleaseCheck(f"{column.name}|exists", "the column to exist", there)
    rules = {check.kind: check for check in column_checks(column)}
    # A time of day is no type of the library's frames, so that it compares none.
    known = [each for each in _KINDS if each in rules and (each is not Kind.RANGE or column.type != "time")]
    for rule in (rules[kind] for kind in known):
        made = [
            ReleaseCheck(f"{column.name}|{name}", expected, expectation, rule=rule.name)
            for (name, expected), expectation in zip(_named(rule), expectations_of(rule), strict=True)
        ]
        # Bounds that are allowed themselves come first: the order of the results is part of the report.
        yield from sorted(made, key=_excludes_its_bound)


def _excludes_its_bound(check: ReleaseCheck) -> bool:
    given = check.expectation.kwargs
    return bool(given.get("strict_min") or given.get("strict_max"))


def expectations_of(rule: Check) -> Iterator[Expectation]:
    """A rule of a column as expectations: one, or one for each of its bounds."""
    column = {"column": rule.target}
    if rule.kind is Kind.REQUIRED:
        yield Expectation("expect_column_values_to_not_be_null", column)
    if rule.kind is Kind.ENUM:
        yield Expectation("expect_column_values_to_be_in_set", {**column, "value_set": list(rule.values)})
    if rule.kind is Kind.PATTERN:
        yield Expectation("expect_column_values_to_match_regex", {**column, "regex": python_pattern(rule.pattern)})
    if rule.kind is Kind.LENGTH:
        yield Expectation("expect_column_value_lengths_to_be_between", {**column, **_size(rule.length)})
    if rule.kind is Kind.UNIQUE:
        yield Expectation("expect_column_values_to_be_unique", column)
    for limit in rule.interval.limits:
        yield Expectation("expect_column_values_to_be_between", {**column, **_side(limit)})


def _size(length: Length) -> dict[str, int]:
    sides = {"min_value": length.least, "max_value": length.most}
    return {side: characters for side, characters in sides.items() if characters is not None}


def _side(limit: Limit) -> dict[str, Any]:
    side = "min" if limit.is_lower else "max"
    bound = float(limit.bound) if isinstance(limit.bound, Decimal) else limit.bound
    return {f"{side}_value": bound, f"strict_{side}": limit.is_strict}


def _named(rule: Check) -> list[tuple[str, str]]:
    """The names of the checks of a rule, and what each expects in words."""
    named = {
        Kind.REQUIRED: ("required", "a value in every row"),
        Kind.ENUM: ("not-in-list", f"one of: {', '.join(rule.values)}"),
        Kind.PATTERN: ("pattern", f"the form {rule.pattern}"),
        Kind.LENGTH: ("length", f"{rule.length.least or 0} to {rule.length.most or 'any number of'} characters"),
        Kind.UNIQUE: ("unique", "no value twice"),
    }
    if rule.kind in named:
        return [named[rule.kind]]
    return [(_LIMITS[each.comparison], f"{each.word} {each.bound}") for each in rule.interval.limits]


def _key_checks(key: tuple[str, ...]) -> Iterator[ReleaseCheck]:
    expected = f"no two rows with the same {', '.join(key)}"
    if len(key) == 1:  # the library refuses a compound key of one column
        unique = Expectation("expect_column_values_to_be_unique", {"column": key[0]})
        yield ReleaseCheck(KEY, expected, unique, rule=KEY)
    elif key:
        given = {"column_list": list(key), "ignore_row_if": "never"}
        yield ReleaseCheck(KEY, expected, Expectation("expect_compound_columns_to_be_unique", given), rule=KEY)


def _own_check(given: GivenExpectation) -> ReleaseCheck:
    """An expectation that the contract spells out, named for its column and its id, or what it expects of it."""
    what = given.type.removeprefix("expect_").removeprefix("column_").removeprefix("table_").replace("_", "-")
    arguments = ", ".join(f"{name} {value}" for name, value in given.kwargs.items() if name != "column")
    return ReleaseCheck(
        f"{given.kwargs.get('column', 'table')}|{given.name or what}",
        given.title or f"{what.replace('-', ' ')} ({arguments})",
        Expectation(given.type, dict(given.kwargs)),
        given.severity,
        message=given.message,
    )


def _counted(query: ReleaseQuery) -> ReleaseCheck:
    """The figure is the greatest value of a table of one row, where its column has the name of the query."""
    sides, strict = _COMPARED[query.operator]
    bounds: dict[str, Any] = dict.fromkeys(sides, query.bound) | {_STRICT[side]: True for side in sides if strict}
    return ReleaseCheck(
        f"table|{query.name}",
        f"{query.title}: expected {_WORDS[query.operator]} {query.bound}",
        Expectation("expect_column_max_to_be_between", {"column": query.name, **bounds}),
        query.severity,
        query.query,
        query.message,
    )
