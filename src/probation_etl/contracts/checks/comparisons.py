"""Comparisons of things that cannot be compared, such as a number with a text.

Polars would compare some of them all the same: it makes a number of the text, or nothing, and the rule is silent or
wrong in every row. So each comparison in the SQL of a contract is held against the types of its columns.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from probation_etl.contracts.checks.sql import type_of

_OPERATIONS = frozenset(("Eq", "NotEq", "Lt", "LtEq", "Gt", "GtEq", "EqValidity", "NotEqValidity"))


def impossible_comparisons(expression: pl.Expr, types: Mapping[str, pl.DataType]) -> list[str]:
    """What is compared with something of another kind, each once; what cannot be computed at all is told elsewhere.

    Args:
        expression: The expression as it is written.
        types: Type of each column that it may read.
    """
    tree = json.loads(expression.meta.serialize(format="json"))
    found = []
    for left, right in _compared(tree):
        kinds = _kind(type_of(left, types)), _kind(type_of(right, types))
        if None not in kinds and kinds[0] != kinds[1]:
            sides = (_told(left, str(kinds[0])), _told(right, str(kinds[1])))
            found.append(f"it compares {sides[0]} with {sides[1]}: things of different kinds")
    return list(dict.fromkeys(found))


def _compared(tree: Any) -> Iterator[tuple[pl.Expr, pl.Expr]]:
    """Both sides of every comparison in it."""
    if isinstance(tree, dict):
        match tree:
            case {"BinaryExpr": {"left": left, "op": operation, "right": right}} if operation in _OPERATIONS:
                yield _expression(left), _expression(right)
    # The bytes of a series are numbers alone: there is nothing to be found in them.
    parts = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    for part in parts:
        if isinstance(part, dict | list):
            yield from _compared(part)


def _expression(tree: Any) -> pl.Expr:
    return pl.Expr.deserialize(io.StringIO(json.dumps(tree)), format="json")


def _kind(kind: pl.DataType | None) -> str | None:
    """What may be compared with its like, in words; None where it is not known, or nothing (NULL)."""
    if kind is None or kind == pl.Null():
        return None
    if kind.is_numeric():
        return "a number"
    if kind in (pl.Date(), pl.Datetime):
        return "a date"
    known = {pl.String(): "a text", pl.Boolean(): "true or false", pl.Time(): "a time of day"}
    return known.get(kind, "a length of time" if kind == pl.Duration else str(kind))


def _told(side: pl.Expr, kind: str) -> str:
    """A side of a comparison: a column is named, and what is written in the contract is shown."""
    if side.meta.is_column():
        return f"‘{side.meta.output_name()}’ ({kind})"
    if side.meta.is_literal() and kind == "a text":
        return f"the text ‘{pl.select(side).item()}’"
    return kind
