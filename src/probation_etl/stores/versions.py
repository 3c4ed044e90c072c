"""The version of a store, which migrations raise, and its identity, which stays."""

from __future__ import annotations

import secrets

from probation_etl.errors import StoreError
from probation_etl.stores.engine import Engine
from probation_etl.stores.migrations import MIGRATIONS, SCHEMAS


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
    if _identity(engine) is None:
        engine.execute("INSERT INTO ledger.identity VALUES ($1)", [secrets.token_hex(8)])


def identity(engine: Engine) -> str:
    """What tells a store from every other, wherever it is moved to: 16 hexadecimal digits.

    Raises:
        StoreError: It is not prepared.
    """
    found = _identity(engine)
    if found is None:
        raise StoreError(f"The store {engine.place} is not prepared.")
    return found


def _identity(engine: Engine) -> str | None:
    found = engine.value("SELECT store_id FROM ledger.identity")
    return None if found is None else str(found)
