"""Rules about one row that judge it in another way beside other rows: faults of the contract.

What reads other rows by its words is refused when a contract is read. This tries what the words do not show, with plausible rows:
each is judged among the others, and alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from probation_etl.contracts.checks import Schema, safe_sql
from probation_etl.contracts.checks.check import Scope
from probation_etl.contracts.checks.place import Place
from probation_etl.contracts.model import ReturnContract

#: So many rows are tried, and in one cell of so many there is nothing.
_ROWS, _EMPTY_EVERY = 24, 4
_ERRORS = (pl.exceptions.PolarsError, pl.exceptions.PanicException)


def unsteady_parts(schema: Schema, rows: pl.DataFrame) -> Iterator[str]:
    """Rules and mappings that give a row another result beside other rows than alone.

    Args:
        schema: The compiled contract.
        rows: Typed rows of plausible values.
    """
    parts, tried = list(_of_one_row(schema, rows)), _with_gaps(rows.head(_ROWS))
    if _is_steady([each for _, _, each in parts], tried):
        return
    for part, place, expression in parts:
        if not _is_steady([expression], tried):
            yield (
                f"{schema.contract.where(part)}: it gives a row another result beside other rows than alone, but {place.value}"
            )


def _of_one_row(schema: Schema, rows: pl.DataFrame) -> Iterator[tuple[str, Place, pl.Expr]]:
    """What must be about one row: the part of the contract that it comes from, where it stands, and the expression."""
    for each in schema.checks:
        if each.scope is Scope.ROW and each.holds is not None:
            yield each.part, Place.RULE, each.holds
    contract = schema.contract
    for row in contract.mapping.rows if isinstance(contract, ReturnContract) else ():
        texts = [(row.part(each.name), text) for each in row.columns for text in each.texts]
        for part, text in (*texts, *([(row.part("when"), row.when)] if row.when else [])):
            yield part, Place.MAPPING, safe_sql(text, rows.schema)


def _with_gaps(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with nothing in some cells, of each column in other rows."""
    place = pl.int_range(pl.len())
    return rows.with_columns(
        pl.when((place + at) % _EMPTY_EVERY != 0).then(pl.col(name)).alias(name) for at, name in enumerate(rows.columns)
    )


def _is_steady(expressions: Sequence[pl.Expr], rows: pl.DataFrame) -> bool:
    """Whether expressions give every row the same alone as among the others. One that stops at a value of a row does not."""
    names = [str(at) for at in range(len(expressions))]
    made = [each.alias(name) for name, each in zip(names, expressions, strict=True)]
    try:
        among = rows.with_columns(made).select(names)
        alone = [rows.slice(at, 1).with_columns(made).select(names) for at in range(rows.height)]
    except _ERRORS:
        return False
    return among.equals(pl.concat([among.clear(), *alone]))
