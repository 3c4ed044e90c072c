"""Frictionless: a schema with constraints, and the rules as a check of each row; it reads row by row in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import sqlglot
from frictionless import Check, Checklist, Resource, Row, Schema, errors
from sqlglot import exp

from work import Column, Work

_COMPARED: dict[type[exp.Expr], Callable[[Any, Any], bool]] = {
    exp.EQ: lambda a, b: a == b, exp.GTE: lambda a, b: a >= b, exp.LTE: lambda a, b: a <= b,
}  # fmt: skip


def checker(work: Work) -> Callable[[Path], int]:
    """Validates the file with all errors kept."""
    fields = [_field(each) for each in work.columns]
    rules = [(each.id, _condition(sqlglot.parse_one(each.sql, dialect="duckdb"))) for each in work.rules]

    def faulty(path: Path) -> int:
        resource = Resource(
            path=path.name, basepath=str(path.parent), schema=Schema.from_descriptor({"fields": fields})
        )
        report = resource.validate(Checklist(checks=[_Rules(rules, work.key)]), limit_errors=10**9)
        return len({row for (row,) in report.flatten(["rowNumber"])})

    return faulty


class _Rules(Check):
    """The conditions on a row, and that its key does not come twice."""

    type = "work"
    Errors = [errors.RowConstraintError]  # noqa: RUF012 -- Frictionless declares it so

    def __init__(self, rules: list[tuple[str, Callable[[Row], Any]]], key: Iterable[str]) -> None:
        super().__init__()
        self._rules, self._key, self._keys = rules, tuple(key), set[tuple[Any, ...]]()

    def validate_row(self, row: Row) -> Iterable[errors.RowConstraintError]:
        """The faults of one row."""
        for name, holds in self._rules:
            if holds(row) is False:
                yield errors.RowConstraintError.from_row(row, note=name)
        key = tuple(row[each] for each in self._key)
        if key in self._keys:
            yield errors.RowConstraintError.from_row(row, note="key")
        self._keys.add(key)


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": column.required, "unique": column.unique}
    bounds = {"pattern": column.pattern, "minimum": column.least, "maximum": column.most, "maxLength": column.longest}
    constraints |= {name: each for name, each in bounds.items() if each is not None}
    if column.values:
        constraints["enum"] = list(column.values)
    return {"name": column.name, "type": column.type, "constraints": constraints}


def _condition(node: exp.Expr) -> Callable[[Row], Any]:
    """A condition in SQL as a function of a row; None where SQL gives null."""
    if isinstance(node, exp.Column):
        name = node.name
        return lambda row: row[name]
    if isinstance(node, exp.Cast):
        from datetime import date

        day = date.fromisoformat(node.this.name)
        return lambda _row: day
    if isinstance(node, exp.Literal):
        text = node.name
        return lambda _row: text
    if isinstance(node, exp.Paren):
        return _condition(node.this)
    if isinstance(node, exp.In):
        inner, values = _condition(node.this), {each.name for each in node.expressions}
        return lambda row: None if inner(row) is None else inner(row) in values
    if isinstance(node, exp.Is):
        inner = _condition(node.this)
        return lambda row: inner(row) is None
    if isinstance(node, exp.Not):
        inner = _condition(node.this)
        return lambda row: None if inner(row) is None else not inner(row)
    left, right = _condition(node.this), _condition(node.expression)
    if isinstance(node, exp.Or):
        return lambda row: (
            True if True in (left(row), right(row)) else None if None in (left(row), right(row)) else False
        )
    compare = _COMPARED[type(node)]
    return lambda row: None if None in (left(row), right(row)) else compare(left(row), right(row))
