"""Makes a database into a store: migrations, the tables and views of the contracts, reference tables."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

import polars as pl

from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.model import TableContract
from probation_etl.contracts.odcs import Contracts
from probation_etl.errors import ContractError, StoreError
from probation_etl.stores import released
from probation_etl.stores.engine import Engine
from probation_etl.stores.migrations import MIGRATIONS, SCHEMAS
from probation_etl.stores.statements import create_history, create_views, drop_views, stored_columns


def holds_store(engine: Engine) -> bool:
    """Whether a database holds a store, also for a user who may not read it all."""
    # The standard's own catalogue lists only what the user has rights to.
    tables = (
        "SELECT COUNT(*) FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'ledger' AND c.relname = 'migrations'"
    )
    return bool(engine.value(tables))


def version_of(engine: Engine) -> int:
    """The version of the store that a database holds, 0 where it holds none."""
    if not holds_store(engine):
        return 0
    return int(engine.value("SELECT COALESCE(MAX(version), 0) FROM ledger.migrations"))


def needs_migration(engine: Engine) -> bool:
    """Whether the store is older than the program, or is not there yet.

    Raises:
        StoreError: It is newer than the program.
    """
    have = version_of(engine)
    if have > len(MIGRATIONS):
        raise StoreError(
            f"The store {engine.place} has version {have}; this program knows versions up to {len(MIGRATIONS)}. "
            "Use the program that wrote it, or a newer one."
        )
    return have < len(MIGRATIONS)


def migrate(engine: Engine) -> None:
    """Brings the store's own tables up to the program's version."""
    for schema in SCHEMAS:
        engine.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    engine.execute("CREATE TABLE IF NOT EXISTS ledger.migrations (version INTEGER PRIMARY KEY)")
    have = version_of(engine)
    for version, statements in enumerate(MIGRATIONS[have:], have + 1):
        engine.execute(statements)
        engine.execute("INSERT INTO ledger.migrations VALUES ($1)", [version])
    if identity_of(engine) is None:
        engine.execute("INSERT INTO ledger.identity VALUES ($1)", [secrets.token_hex(8)])


def identity_of(engine: Engine) -> str | None:
    """The name that tells a store from every other, None before it is prepared."""
    found = engine.value("SELECT store_id FROM ledger.identity")
    return None if found is None else str(found)


def knows_contracts(engine: Engine, contracts: Contracts) -> bool:
    """Whether the tables and views of the store were made from these contracts."""
    return bool(engine.value("SELECT COUNT(*) FROM ledger.contracts WHERE digest = $1", [contracts.digest]))


def make_tables(engine: Engine, contracts: Contracts, tables: Mapping[str, pl.DataFrame]) -> None:
    """Makes the tables and views of the unified contracts, and the reference tables.

    Raises:
        ContractError: The database does not understand a query of a contract.
    """
    unified_and_views = contracts.tables()
    for statement in drop_views(unified_and_views):
        engine.execute(statement)
    for contract in contracts.unified():
        engine.execute(create_history(contract))
        _add_columns(engine, contract)
    for name, frame in tables.items():
        _replace(engine, f"reference.{quoted(name)}", frame)
    for contract, statement in create_views(unified_and_views):
        _make(engine, statement, contract, part="query", what="make a view")
    _try_release_checks(engine, unified_and_views)
    released.make_tables(engine, unified_and_views)
    engine.execute("DELETE FROM ledger.contracts")
    engine.execute("INSERT INTO ledger.contracts VALUES ($1)", [contracts.digest])


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


def _add_columns(engine: Engine, contract: TableContract) -> None:
    table = f"history.{quoted(contract.table)}"
    for name, kind in stored_columns(contract).items():
        engine.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {quoted(name)} {kind}")


def _replace(engine: Engine, table: str, frame: pl.DataFrame) -> None:
    engine.execute(f"DROP TABLE IF EXISTS {table} CASCADE")
    engine.execute(f"CREATE TABLE {table} ({', '.join(f'{quoted(name)} VARCHAR' for name in frame.columns)})")
    engine.append(table, frame)
