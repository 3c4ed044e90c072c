"""Cells that hold a number or a truth value themselves, in the words in which the contract asks for texts.

What a workbook or a Parquet file holds as a number is that number, however texts beside it write theirs: 0.5 is not another
number where the contract has decimal commas.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from probation_etl.contracts.checks import Schema
from probation_etl.contracts.model import Column
from probation_etl.intake.readers.base import CellKind
from probation_etl.intake.table import RawTable

_POINT, _TRUE, _FALSE = ".", ("true",), ("false",)
#: A number with decimals that could be taken for groups of three digits.
_LIKE_GROUPS = r"^-?[0-9]{1,3}\.[0-9]{3}$"


def in_own_words(table: RawTable, schema: Schema) -> pl.DataFrame:
    """The rows as text, columns as in the table; the same in nearly every case.

    Args:
        table: The rows.
        schema: The compiled contract.
    """
    return table.frame.with_columns(_changed(table, schema)) if table.kinds else table.frame


def _changed(table: RawTable, schema: Schema) -> Iterator[pl.Series]:
    for column in schema.contract.columns:
        if column.name in table.kinds and (says := _says(column)):
            kind, words = says
            holds = table.kinds[column.name] == kind
            if holds.any():
                text = table.frame[column.name]
                yield text.zip_with(~holds, text.to_frame().select(words).to_series())


def _says(column: Column) -> tuple[CellKind, pl.Expr] | None:
    """The kind of cells that the contract writes in other words than we do, and these words."""
    text = pl.col(column.name)
    if column.type == "boolean" and (column.true_values, column.false_values) != (_TRUE, _FALSE):
        return CellKind.BOOLEAN, text.replace({"true": column.true_values[0], "false": column.false_values[0]})
    if column.type not in ("number", "integer"):
        return None
    words = text
    if column.decimal_separator != _POINT:
        words = text.str.replace(_POINT, column.decimal_separator, literal=True)
    elif column.thousands_separator == _POINT:
        words = pl.when(text.str.contains(_LIKE_GROUPS)).then(text + "0").otherwise(text)
    if column.needs_unit:
        words = words + column.unit_texts[0]
    return None if words is text else (CellKind.NUMBER, words)
