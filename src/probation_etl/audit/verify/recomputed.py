"""Expected content of the unified tables, recomputed from history and ledger without the views of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing

import polars as pl

from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.model import TableContract
from probation_etl.contracts.odcs import Contracts
from probation_etl.stores import Attempt, Decision
from probation_etl.stores.duckdb import DuckDBEngine
from probation_etl.stores.statements import create_views, stored_columns

_RANK: dict[str, type[pl.DataType]] = {
    "return_id": pl.String, "period_end": pl.Date, "contract_id": pl.String, "supplier_code": pl.String,
}  # fmt: skip
#: Significant digits of a binary fraction on which two databases agree, in whatever order they add.
_DIGITS = 12


def newest_returns(returns: Iterable[Attempt]) -> dict[str, Attempt]:
    """The newest attempt at each return, by the name of its first."""
    return {each.original_id: each for each in returns}


def arrivals(returns: Sequence[Attempt]) -> dict[str, int]:
    """The place in the ledger at which each return arrived: where it was first taken, and not refused because of another file."""
    found = {each.original_id: each.sequence for each in reversed(returns)}
    return found | {each.original_id: each.sequence for each in reversed(returns) if not each.contested}


def current_returns(returns: Sequence[Attempt], decisions: Iterable[Decision]) -> dict[str, Attempt]:
    """The returns whose rows are in the unified tables, by name.

    Of each supplier, kind and period that is the one that came last, of those that are loadable in their newest attempt
    and not withdrawn. What counts is when a return first arrived, however often it is validated again.
    """
    withdrawn = {each.original_id: each.withdrawn for each in decisions}
    newest, arrived = newest_returns(returns), arrivals(returns)
    current: dict[tuple[object, ...], Attempt] = {}
    for entry in returns:
        latest = newest[entry.original_id]
        if (
            entry.sequence == arrived[entry.original_id]
            and latest.loaded
            and not withdrawn.get(entry.original_id, False)
        ):
            current[latest.supplier_code, latest.kind, latest.period_end] = latest
    return {each.return_id: each for each in current.values()}


def current_rows(contract: TableContract, history: pl.DataFrame, current: Iterable[Attempt]) -> pl.DataFrame:
    """Rows of the current returns; of several with the same key that of the latest period."""
    ranks = pl.DataFrame([[getattr(each, name) for name in _RANK] for each in current], schema=_RANK, orient="row")
    ranked = history.join(ranks.rename(lambda name: f"rank:{name}"), left_on="return_id", right_on="rank:return_id")
    if contract.key:
        order = ["rank:period_end", "rank:contract_id", "rank:supplier_code", "source_row"]
        ranked = ranked.sort(order, descending=[True, False, False, False], nulls_last=True)
        ranked = ranked.unique(subset=contract.key, keep="first", maintain_order=True)
    return ranked.select(history.columns)


def unified_tables(
    contracts: Contracts, tables: Mapping[str, pl.DataFrame], current: Mapping[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """Every unified table and view, by the queries of their contracts over these rows, in a database of its own.

    Args:
        contracts: The contracts.
        tables: Reference tables by name.
        current: Current rows by unified table.
    """
    with closing(DuckDBEngine(None)) as engine:
        for schema in ("current_rows", "unified", "reference"):
            engine.execute(f"CREATE SCHEMA {schema}")
        for name, frame in tables.items():
            _fill(engine, f"reference.{quoted(name)}", dict.fromkeys(frame.columns, "VARCHAR"), frame)
        for contract in contracts.unified():
            columns, table = stored_columns(contract), f"current_rows.{quoted(contract.table)}"
            _fill(engine, table, columns, current[contract.table].select(list(columns)))
        made = {}
        for contract, statement in create_views(contracts.tables()):
            if not statement.startswith("CREATE VIEW current_rows."):
                engine.execute(statement)
                made[contract.table] = engine.frame(f"SELECT * FROM unified.{quoted(contract.table)}")
        return made


def _fill(engine: DuckDBEngine, table: str, columns: dict[str, str], frame: pl.DataFrame) -> None:
    engine.execute(f"CREATE TABLE {table} ({', '.join(f'{quoted(name)} {kind}' for name, kind in columns.items())})")
    engine.append(table, frame)


def differences(found: pl.DataFrame, expected: pl.DataFrame) -> pl.DataFrame:
    """Rows that are in one frame more often than in the other, with ``surplus`` (above 0: too many were found).

    Numbers are compared whatever their type; binary fractions to twelve digits.
    """
    columns = expected.columns
    both = [
        frame.select(_comparable(frame, expected if frame is found else found, columns)).with_columns(surplus=pl.lit(sign))
        for frame, sign in ((found, 1), (expected, -1))
    ]  # fmt: skip
    counted = pl.concat(both).group_by(columns).agg(pl.col("surplus").sum())
    return counted.filter(pl.col("surplus") != 0)


def _comparable(frame: pl.DataFrame, other: pl.DataFrame, columns: list[str]) -> list[pl.Expr]:
    return [_in_one_type(name, frame.schema[name], other.schema[name]) for name in columns]


def _in_one_type(name: str, kind: pl.DataType, other: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if kind.is_float() or other.is_float():
        return column.cast(pl.Float64).round_sig_figs(_DIGITS)
    if kind.is_decimal() or other.is_decimal():
        return column.cast(pl.Decimal(38, 6))
    return column.cast(pl.Int64) if kind.is_integer() else column
