"""Products of whole numbers in SQL, which Polars wraps in 64 bits without a word and stores give up on."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from sqlglot import exp

from probation_etl.contracts.checks.dialect import PolarsSQL, parsed, written
from probation_etl.contracts.checks.dialect import expression as as_polars
from probation_etl.contracts.checks.types import type_of

#: Room for the digits of every whole number that a cell may hold.
_DIGITS = "DECIMAL(18, 0)"


def without_wrapping(expression: str, columns: Mapping[str, pl.DataType]) -> str:
    """The expression with products of whole numbers in decimals: in 64 bits Polars wraps them, and stores give up."""
    tree = parsed(expression).copy()
    products = [each for each in tree.find_all(exp.Mul) if _is_whole(each.this, columns) and _is_whole(each, columns)]
    for each in products:
        each.this.replace(exp.cast(each.this.copy(), _DIGITS, dialect=PolarsSQL))
    return written(tree) if products else expression


def _is_whole(tree: exp.Expr, columns: Mapping[str, pl.DataType]) -> bool:
    kind = type_of(as_polars(tree), columns)
    return kind is not None and kind.is_integer()
