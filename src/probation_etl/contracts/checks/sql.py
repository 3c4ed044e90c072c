"""SQL expressions of contracts, made safe: exact where they can be computed, null in the rows where they cannot.

Polars itself wraps whole numbers that grow too large (``LENGTH(text) - 5`` becomes some four thousand million), gives
infinity where whole numbers are divided by nought, and gives up the whole frame where decimals are, or where one text is
not the number it is cast to. Each of these would be a false verdict, or none, on rows that have no fault.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import polars as pl

from probation_etl.contracts.checks.compiled import CONTEXT_TYPES, KEY_UNCERTAIN, TYPES
from probation_etl.contracts.model import Contract

_WIDE = pl.Int128()
#: Room that is left below what decimals can hold: results may be added up, and the test itself is made in floats.
_MARGIN = 100.0
#: Just below what 64 and 128 bits, and floats, can hold.
_LARGEST_WHOLE, _LARGEST_FLOAT = (9.2e18, 1.7e38), 1.7e308
#: Where the test in floats needs another operation: floats are not divided to whole numbers.
_IN_FLOATS = {str({"Sql": {"Binary": "IntDiv"}}): {"Sql": {"Binary": "Div"}}}


def column_types(contract: Contract) -> dict[str, pl.DataType]:
    """Everything that an expression of a contract can read, with its type."""
    types: dict[str, pl.DataType] = {column.name: TYPES[column.type] for column in contract.columns}
    own = {"source_row": pl.Int64(), KEY_UNCERTAIN: pl.Boolean(), **CONTEXT_TYPES}
    return {**types, **own, **dict.fromkeys(contract.derived, pl.Int32())}


def safe_sql(text: str, types: Mapping[str, pl.DataType], *, default: int | None = None) -> pl.Expr:
    """A SQL expression that gives null, and nothing else, for the rows where a part of it cannot be computed.

    Args:
        text: The expression.
        types: Type of each column that it may read; what reads any other column is left as it is.
        default: What stands for a part that cannot be computed, instead of null. Where the expression gives null, and
            with a default does not, it is null because a part could not be computed, and for no other reason.

    Raises:
        polars.exceptions.PolarsError: The text is no SQL expression.
    """
    return _safe_sql(text, tuple(types.items()), default)


# Contracts say the same of every return, and to make it safe takes longer than to compute it.
@lru_cache(maxsize=1 << 12)
def _safe_sql(text: str, types: tuple[tuple[str, pl.DataType], ...], default: int | None) -> pl.Expr:
    written = pl.sql_expr(text).meta.serialize(format="json")
    return _expression(_Rewriter(dict(types), default).rewritten(json.loads(written)))


def type_of(expression: pl.Expr, types: Mapping[str, pl.DataType]) -> pl.DataType | None:
    """The type of what an expression gives; None where it cannot be computed from these columns."""
    try:
        return pl.LazyFrame(schema=dict(types)).select(expression.alias("value")).collect_schema()["value"]
    except pl.exceptions.PolarsError:
        return None


def _expression(tree: Any) -> pl.Expr:
    return pl.Expr.deserialize(io.StringIO(json.dumps(tree)), format="json")


def _tree(expression: pl.Expr) -> Any:
    return json.loads(expression.meta.serialize(format="json"))


class _Rewriter:
    """Rewrites the tree of an expression, from the leaves up."""

    def __init__(self, types: Mapping[str, pl.DataType], default: int | None) -> None:
        self._types, self._default = types, default

    def rewritten(self, tree: Any) -> Any:
        """The tree with every part safe."""
        if isinstance(tree, list):
            return [self.rewritten(each) for each in tree]
        if not isinstance(tree, dict):
            return tree
        made = {key: self.rewritten(value) for key, value in tree.items()}
        match made:
            case {"Function": {"input": [left, right], "function": {"Sql": {"Binary": _}} | {"Pow": _} as operation}}:
                return self._guarded(self._wide(left), self._wide(right), operation)
            case {"BinaryExpr": {"left": left, "op": "Plus" | "Minus" as operation, "right": right}}:
                sides = {"left": self._wide(left), "op": operation, "right": self._wide(right)}
                return {"BinaryExpr": sides}
            case {"Agg": {"Sum": inner}}:
                return {"Agg": {"Sum": self._wide(inner)}}
            case {"Cast": {"expr": inner, "options": "Strict"} as cast}:
                return self._loose(inner, {"Cast": {**cast, "options": "NonStrict"}})
            case {"Function": {"input": [inner, *others], "function": {"StringExpr": {"Strptime": [kind, how]}}}}:
                parser = {"StringExpr": {"Strptime": [kind, {**how, "strict": False}]}}
                return self._loose(inner, {"Function": {"input": [inner, *others], "function": parser}})
            case {"Function": _}:
                return self._finite(made)
        return made

    def _type(self, tree: Any) -> pl.DataType | None:
        return type_of(_expression(tree), self._types)

    def _wide(self, tree: Any) -> Any:
        """Whole numbers in a type that the product of any two cells fits in."""
        kind = None if "Literal" in tree else self._type(tree)
        return _tree(_expression(tree).cast(_WIDE, strict=False)) if kind is not None and kind.is_integer() else tree

    def _guarded(self, left: Any, right: Any, operation: Any) -> Any:
        """An operation without sides where the result would be too large, or none at all."""
        limit = _limit(self._type(_operation(left, right, operation)))
        if limit is None:
            return _operation(left, right, operation)
        left_float, right_float = (_tree(_expression(each).cast(pl.Float64, strict=False)) for each in (left, right))
        in_floats = _operation(left_float, right_float, _IN_FLOATS.get(str(operation), operation))
        fits = _expression(in_floats).abs() < limit
        return _operation(self._where(fits, left), self._where(fits, right), operation)

    def _finite(self, tree: Any) -> Any:
        """A root of less than nought, or the logarithm of nought, is no number that anything could be compared with."""
        kind = self._type(tree)
        return self._where(_expression(tree).is_finite(), tree) if kind is not None and kind.is_float() else tree

    def _loose(self, inner: Any, cast: Any) -> Any:
        """A cast that gives null for what is no number or day."""
        kind, given = self._type(cast), _expression(inner).is_not_null()
        if kind is None or not (kind.is_numeric() or kind.is_temporal()):
            return cast
        return self._where(pl.when(given).then(_expression(cast).is_not_null()), cast)

    def _where(self, good: pl.Expr, tree: Any) -> Any:
        """The value where the condition holds; the default where it does not, and null where it is not known."""
        if self._default is not None and "Literal" in tree:
            return tree
        kept, kind = pl.when(good).then(_expression(tree)), self._type(tree)
        if self._default is None or kind is None:
            return _tree(kept)
        return _tree(kept.when(good.is_not_null()).then(pl.lit(self._default).cast(kind)))


def _operation(left: Any, right: Any, operation: Any) -> Any:
    return {"Function": {"input": [left, right], "function": operation}}


def _limit(kind: pl.DataType | None) -> float | None:
    """How large a result of this type may be; None where it is no number."""
    if isinstance(kind, pl.Decimal):
        return 10.0 ** (kind.precision - kind.scale) / _MARGIN
    if kind is None or not kind.is_numeric():
        return None
    return _LARGEST_FLOAT if kind.is_float() else _LARGEST_WHOLE[kind == _WIDE]
