"""What the contracts ask of a store: history, views, released tables and reference tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.model import TableContract
from probation_etl.contracts.odcs import Contracts
from probation_etl.errors import ContractError
from probation_etl.stores import released
from probation_etl.stores.engine import Engine
from probation_etl.stores.standing import Standing
from probation_etl.stores.statements import (
    SHOWN,
    TIMES,
    create_history,
    create_views,
    drop_views,
    stored_columns,
)


def make_tables(engine: Engine, contracts: Contracts, tables: Mapping[str, pl.DataFrame], standing: Standing) -> None:
    """Makes the tables and views of the unified contracts, and the reference tables.

    Raises:
        ContractError: The database does not understand a query of a contract.
    """
    unified_and_views = contracts.tables()
    for statement in drop_views(unified_and_views):
        engine.execute(statement)
    for contract in contracts.unified():
        _make_history(engine, contract)
    for name, frame in tables.items():
        replace(engine, f"reference.{quoted(name)}", frame)
    for contract, statement in create_views(unified_and_views, engine.looked_up(SHOWN)):
        _make(engine, statement, contract, part="query", what="make a view")
    _try_release_checks(engine, unified_and_views)
    if standing.has_other_keys():
        released.copy_views(engine)
    standing.follow_anew()
    released.make_tables(engine, unified_and_views)
    engine.execute("DELETE FROM ledger.contracts")
    engine.execute("INSERT INTO ledger.contracts VALUES ($1)", [contracts.digest])


def _make_history(engine: Engine, contract: TableContract) -> None:
    engine.execute(create_history(contract))
    for schema in ("history", "earlier"):
        for name, kind in {**stored_columns(contract), **TIMES}.items():
            table = f"{schema}.{quoted(contract.table)}"
            engine.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {quoted(name)} {kind}")


def _try_release_checks(engine: Engine, contracts: Sequence[TableContract]) -> None:
    """Lets the database read each query as the checks will; a view is read and not planned, which takes far less."""
    view = 'unified."a release check"'
    for contract in contracts:
        for check in contract.release_queries:
            statement = f"CREATE VIEW {view} AS SELECT ({check.query}) AS figure"
            _make(engine, statement, contract, part=f"rule ‘{check.name}’", what="make a release check")
            engine.execute(f"DROP VIEW {view}")


def _make(engine: Engine, statement: str, contract: TableContract, *, part: str, what: str) -> None:
    """Runs what comes from a contract: SQL that one database understands may be foreign to another."""
    fault = engine.refusal(statement)
    if fault:
        raise ContractError(
            f"The store {engine.place} cannot {what}. Nothing was changed.",
            faults=(f"{contract.where(part)}: {fault}",),
        )


def replace(engine: Engine, table: str, frame: pl.DataFrame) -> None:
    """Makes a reference table anew.

    Args:
        engine: The database.
        table: Schema and name, quoted.
        frame: Its rows, all columns String.
    """
    engine.execute(f"DROP TABLE IF EXISTS {table} CASCADE")
    engine.execute(f"CREATE TABLE {table} ({', '.join(f'{quoted(name)} VARCHAR' for name in frame.columns)})")
    engine.append(table, frame)
