"""SQL expressions of contracts, made safe: exact where they can be computed, null in the rows where they cannot."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import polars as pl

from probation_etl.contracts.checks.compiled import CONTEXT_TYPES, KEY_UNCERTAIN, TYPES
from probation_etl.contracts.checks.dialect import parsed, type_of
from probation_etl.contracts.checks.guards import Guards
from probation_etl.contracts.model import Contract


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
        polars.exceptions.PolarsError: The text is not a SQL expression.
    """
    return _safe_sql(text, tuple(types.items()), default)


# Contracts say the same of every return, and to make it safe takes longer than to compute it.
@lru_cache(maxsize=1 << 12)
def _safe_sql(text: str, types: tuple[tuple[str, pl.DataType], ...], default: int | None) -> pl.Expr:
    guards = Guards(dict(types), default)
    tree = guards.guarded(parsed(text).copy())
    if guards.reads_texts and type_of(pl.sql_expr(text), dict(types)) is None:
        return pl.sql_expr(text)
    return guards.expression(tree)
