"""SQL expressions of contracts, made safe: exact where they can be computed, null in the rows where they cannot."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import polars as pl

from probation_etl.contracts.checks.compiled import CONTEXT_TYPES, KEY_UNCERTAIN, TYPES
from probation_etl.contracts.checks.known_sql import guarded_before, note_guarded
from probation_etl.contracts.checks.place import Place
from probation_etl.contracts.checks.types import type_of
from probation_etl.contracts.model import Contract
from probation_etl.contracts.model.marks import mark_of


def column_types(contract: Contract) -> dict[str, pl.DataType]:
    """Everything that an expression of a contract can read, with its type."""
    types: dict[str, pl.DataType] = {column.name: TYPES[column.type] for column in contract.columns}
    marks = {mark_of(column.name): pl.String() for column in contract.columns if column.shorthand}
    own = {"source_row": pl.Int64(), KEY_UNCERTAIN: pl.Boolean(), **CONTEXT_TYPES, **marks}
    return {**own, **types, **dict.fromkeys(contract.derived, pl.Int32())}


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
    key = ("guarded", text, types, default)
    known = guarded_before(key)
    if known is not None:
        return pl.sql_expr(known)
    # What reads and writes SQL takes long to import.
    from probation_etl.contracts.checks.dialect import parsed, written
    from probation_etl.contracts.checks.guards import Guards

    guards = Guards(dict(types), default)
    tree = guards.guarded(parsed(text).copy())
    if guards.reads_texts and type_of(pl.sql_expr(text), dict(types)) is None:
        note_guarded(key, text)
        return pl.sql_expr(text)
    made = guards.expression(tree)
    if not guards.reads_texts:
        note_guarded(key, written(tree))
    return made


def unusable(text: str, types: Mapping[str, pl.DataType], place: Place) -> list[str]:
    """Why an expression cannot be used; nothing where it can.

    Args:
        text: The expression.
        types: Type of each column that it may read; other columns are reported elsewhere.
        place: Where it stands.
    """
    key = ("usable", text, tuple(types.items()), place)
    if guarded_before(key) is not None:
        return []
    from probation_etl.contracts.checks.usable import unusable as faults_of

    found = faults_of(text, types, place)
    if not found:
        note_guarded(key, "")
    return found
