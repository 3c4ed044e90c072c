"""Comparisons of things that cannot be compared, such as a number with a text.

Polars would compare some of them all the same: it makes a number of the text, or nothing, and the rule is silent or
wrong in every row. So each comparison in the SQL of a contract is checked against the types of its columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl
from sqlglot import exp

from probation_etl.contracts.checks.dialect import expression, parsed
from probation_etl.contracts.checks.types import type_of

NUMBER, DATE, TEXT, TRUTH = "a number", "a date", "a text", "true or false"
TIME, LENGTH_OF_TIME = "a time of day", "a length of time"
_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ)


def impossible_comparisons(text: str, types: Mapping[str, pl.DataType]) -> list[str]:
    """What is compared with something of another kind, each once; what cannot be computed at all is reported elsewhere.

    Args:
        text: The expression as it is written.
        types: Type of each column that it may read.
    """
    found = []
    for node in parsed(text).dfs():
        for left, right in ((expression(a), expression(b)) for a, b in _compared(node)):
            kinds = kind_of(type_of(left, types)), kind_of(type_of(right, types))
            if None not in kinds and kinds[0] != kinds[1]:
                sides = (_shown(left, str(kinds[0])), _shown(right, str(kinds[1])))
                found.append(f"it compares {sides[0]} with {sides[1]}: things of different kinds")
    return list(dict.fromkeys(found))


def _compared(node: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    """What this part of the expression compares."""
    match node:
        case exp.Between():
            yield node.this, node.args["low"]
            yield node.this, node.args["high"]
        case exp.In():
            yield from ((node.this, each) for each in node.expressions)
        case exp.Case(this=exp.Expr() as compared):
            yield from ((compared, each.this) for each in node.args["ifs"])
        case exp.Is(expression=exp.Boolean() as truth):
            yield node.this, truth
        case exp.Anonymous(name=name, expressions=[left, right]) if name.upper() == "NULLIF":
            yield left, right
        case _ if isinstance(node, _COMPARISONS):
            yield node.this, node.expression


def kind_of(kind: pl.DataType | None) -> str | None:
    """What may be compared with its like, in words; None where it is not known, or nothing (NULL)."""
    if kind is None or kind == pl.Null():
        return None
    if kind.is_numeric():
        return NUMBER
    if kind in (pl.Date(), pl.Datetime):
        return DATE
    known = {pl.String(): TEXT, pl.Boolean(): TRUTH, pl.Time(): TIME}
    return known.get(kind, LENGTH_OF_TIME if kind == pl.Duration else str(kind))


def _shown(side: pl.Expr, kind: str) -> str:
    """A side of a comparison: a column is named, and what is written in the contract is shown."""
    if side.meta.is_column():
        return f"‘{side.meta.output_name()}’ ({kind})"
    if side.meta.is_literal() and kind == TEXT:
        return f"the text ‘{pl.select(side).item()}’"
    return kind
