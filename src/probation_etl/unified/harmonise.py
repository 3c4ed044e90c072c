"""Accepted rows become rows of the unified table, as the mapping of the contract says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import polars as pl

from probation_etl.contracts.checks import TYPES, column_types, looked_up, safe_sql
from probation_etl.contracts.made_once import made_once
from probation_etl.contracts.model import (
    LINEAGE_COLUMNS,
    MappedColumn,
    MappedRow,
    ReturnContract,
    TableContract,
)
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.discreet import Discreet
from probation_etl.intake.frames import Frames, Part
from probation_etl.intake.result import ReturnResult


@dataclass(frozen=True)
class Harmonised(Part, Discreet):
    """Rows of a unified table, mapped from accepted rows when they are read."""

    sent: Part
    mapped: Callable[[pl.DataFrame], pl.DataFrame] = field(repr=False)

    @property
    def height(self) -> int:  # type: ignore[override]
        """How many they are, which depends on the mapping: one sent row may make several, or none."""
        return self.read().height

    def read(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Maps them."""
        rows = self.mapped(self.sent.read())
        return rows if columns is None else rows.select(columns)


def harmonise(result: ReturnResult, rulebook: Rulebook) -> dict[str, pl.DataFrame]:
    """The rows that a return adds to unified tables, by table; empty where the return cannot be loaded."""
    return {table: rows.whole() for table, rows in harmonised(result, rulebook).items()}


def harmonised(result: ReturnResult, rulebook: Rulebook) -> dict[str, Frames]:
    """The same part by part: the rows of a part are mapped when they are read, and none are kept in memory."""
    if not result.is_loadable or result.contract is None:
        return {}
    unified = rulebook.unified_for(result.contract)
    mapped = partial(
        harmonise_rows,
        contract=result.contract, unified=unified, tables=rulebook.tables, return_id=result.return_id,
    )  # fmt: skip
    return {unified.table: Frames(tuple(Harmonised(each, mapped) for each in result.accepted_rows.parts))}


def harmonise_rows(
    rows: pl.DataFrame,
    contract: ReturnContract,
    unified: TableContract,
    tables: Mapping[str, pl.DataFrame],
    *,
    return_id: str,
) -> pl.DataFrame:
    """Maps accepted rows to the unified table.

    Args:
        rows: Typed rows: ``source_row``, the contract's columns, the context columns.
        contract: The contract of the return.
        unified: The contract of the unified table.
        tables: Reference tables by name, for lookups.
        return_id: Name of the return, for lineage.

    Returns:
        One row for each row given, or several where the mapping unpivots a wide layout, in the order of ``source_row``:
        the columns of the unified table that returns fill, in its order and types, and the lineage columns
        ``return_id`` (String) and ``source_row`` (Int64).
    """
    parts = [
        _mapped(applies(rows, row, contract), row.columns, contract, unified, tables, return_id)
        for row in contract.mapping.rows
    ]
    rows = pl.concat(parts)
    # Of a return of which each row makes one, all columns would be laid out again as they are.
    in_order = rows[LINEAGE_COLUMNS[1]].is_sorted()
    return rows if in_order else rows.sort(LINEAGE_COLUMNS[1], maintain_order=True)


def applies(rows: pl.DataFrame, row: MappedRow, contract: ReturnContract) -> pl.DataFrame:
    """The rows of a return that this unified row is made from."""
    return rows if row.when is None else rows.filter(safe_sql(row.when, column_types(contract)))


def _mapped(
    rows: pl.DataFrame, mapped: tuple[MappedColumn, ...], contract: ReturnContract, unified: TableContract,
    tables: Mapping[str, pl.DataFrame], return_id: str,
) -> pl.DataFrame:  # fmt: skip
    looked_up, made, columns = _plan(mapped, contract, unified, tables)
    lineage = pl.lit(return_id, dtype=pl.String).alias(LINEAGE_COLUMNS[0])
    return rows.with_columns(looked_up).with_columns(made).select(*columns, lineage, LINEAGE_COLUMNS[1])


@made_once
def _plan(
    mapped: tuple[MappedColumn, ...],
    contract: ReturnContract,
    unified: TableContract,
    tables: Mapping[str, pl.DataFrame],
) -> tuple[list[pl.Expr], list[pl.Expr], list[pl.Expr]]:
    """What is looked up for the columns of a return, what is computed from both, and how the unified columns are taken from it."""
    looked_up = [each for column in mapped for each in _looked_up(column, contract, tables)]
    made = [each for column in mapped for each in _expressions(column, contract)]
    kinds = {column.name: TYPES[column.type] for column in unified.columns if not column.joined}
    present = {f"unified:{column.name}" for column in mapped} | {f"unified:{column.basis_column}" for column in mapped}
    columns = [
        (pl.col(f"unified:{name}") if f"unified:{name}" in present else pl.lit(None)).cast(kind).alias(name)
        for name, kind in kinds.items()
    ]
    return looked_up, made, columns


def _looked_up(column: MappedColumn, contract: ReturnContract, tables: Mapping[str, pl.DataFrame]) -> list[pl.Expr]:
    """What each reference table has for a column: more than one of its expressions may read it."""
    return [
        looked_up(lookup, contract, tables[lookup.table]).alias(f"lookup:{column.name}:{at}")
        for at, lookup in enumerate(column.lookups)
    ]


def _expressions(column: MappedColumn, contract: ReturnContract) -> list[pl.Expr]:
    """The column, prefixed so that it never hides a column of the return that another expression reads."""
    name = f"unified:{column.name}"
    if not column.lookups:
        expression = safe_sql(column.expression or "NULL", column_types(contract))
        if column.codes:
            expression = expression.replace_strict(column.codes, default=None, return_dtype=pl.String)
        return [expression.alias(name)]
    found = [pl.col(f"lookup:{column.name}:{at}") for at in range(len(column.lookups))]
    expressions = [pl.coalesce(found).alias(name)]
    if column.basis_column:
        steps = [
            pl.when(each.is_not_null()).then(pl.lit(lookup.basis))
            for each, lookup in zip(found, column.lookups, strict=True)
        ]
        expressions.append(pl.coalesce([*steps, pl.lit(column.otherwise)]).alias(f"unified:{column.basis_column}"))
    return expressions
