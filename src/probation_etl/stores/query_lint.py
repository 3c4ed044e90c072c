"""Checks whether the queries of unified contracts can be run, by making their views where no row is harmed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing

import duckdb
import polars as pl

from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.model import LINEAGE_COLUMNS, Activity, TableContract
from probation_etl.contracts.odcs import Contracts
from probation_etl.contracts.suggestions import did_you_mean
from probation_etl.errors import ContractError, StoreError, TooLongError
from probation_etl.stores.confined import confined
from probation_etl.stores.engines import served
from probation_etl.stores.migrations import MIGRATIONS, SCHEMAS
from probation_etl.stores.rule_engine import rule_query_faults
from probation_etl.stores.statements import activity_query, create_history, create_views
from probation_etl.stores.store import Store
from probation_etl.stores.time_limit import ended_after
from probation_etl.stores.totals import totals, view_sides
from probation_etl.stores.urls import store_path
from probation_etl.version import VERSION

#: How long a query may take where there is nothing to read.
_SECONDS = 2
_WHOLE = ("BIGINT", "INTEGER", "HUGEINT")


def query_faults(contracts: Contracts, tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """Every unified contract whose query cannot be run, one line each."""
    # In memory: a full or failing disk is no fault of a contract.
    with confined(None) as store:
        for statement in (*(f"CREATE SCHEMA {schema}" for schema in SCHEMAS), *MIGRATIONS):
            store.execute(statement).complete()
        for name, frame in tables.items():
            store.register("incoming", frame.to_arrow())
            store.execute(f"CREATE TABLE reference.{quoted(name)} AS SELECT * FROM incoming").complete()
            store.unregister("incoming")
        for contract in contracts.unified():
            store.execute(create_history(contract)).complete()
        views = create_views(contracts.tables())
        faults = [
            f"{each.where('query')}: {fault}" for each, statement in views if (fault := _fault(store, each, statement))
        ]
        return faults or [
            *_rule_faults(contracts, tables),
            *_total_faults(store, contracts),
            *_release_faults(store, contracts),
            *_activity_faults(store, contracts),
        ]


def query_faults_on(url: str, contracts: Contracts, tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """Queries and totals of contracts that the database does not understand. Everything done there is undone.

    Databases differ in the SQL that they understand, so the one that will run a query must be asked. For an embedded
    store :func:`query_faults` needs no URL.

    Raises:
        UsageError: The URL is not of a kind that can be opened.
        StoreError: The store is out of reach or unusable.
    """
    if store_path(url) is not None:
        return []
    with closing(served(url)) as engine, engine.transaction(keep=False):
        store = Store(engine, contracts, tables, VERSION)
        try:
            store.preparation.prepare()
        except ContractError as error:
            return list(error.faults)
        for contract in contracts.tables():
            part = "reconciles" if contract.is_view else "measures"
            try:
                store.view_totals(contract.table) if contract.is_view else store.totals(contract.table)
            except StoreError as error:
                return [f"{contract.where(part)}: {error}"]
    return []


def _fault(store: duckdb.DuckDBPyConnection, contract: TableContract, statement: str) -> str:
    try:
        store.execute(statement).complete()
        if contract.query is None or "VIEW current_rows." in statement:
            return ""
        columns = store.execute(f"DESCRIBE unified.{quoted(contract.table)}").fetchall()
    except duckdb.Error as error:
        # An empty store holds no values, so the engine's message can be shown.
        return " ".join(str(error).split())
    needed = (*contract.column_names, *(() if contract.is_view else LINEAGE_COLUMNS))
    lacking = [name for name in needed if name not in {each[0] for each in columns}]
    return f"the query does not give {', '.join(lacking)}" if lacking else ""


def _rule_faults(contracts: Contracts, tables: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """Rules of returns that are queries."""
    unified = {each.table: each for each in contracts.unified()}
    for contract in contracts.return_versions():
        if contract.query_rules:
            yield from rule_query_faults(contract, unified, tables)


def _total_faults(store: duckdb.DuckDBPyConnection, contracts: Contracts) -> Iterator[str]:
    """Faults of totals: what Polars can compute, the store must be able to compute too."""
    queries = [
        *(("measures", each, totals(each)) for each in contracts.unified()),
        *(
            ("reconciles", view, query)
            for view in contracts.views()
            for sides in view_sides(view, contracts.unified_table)
            for query in sides
        ),
    ]
    for part, contract, query in queries:
        if fault := _run_fault(store, query):
            yield f"{contract.where(part)}: {fault}"


def _release_faults(store: duckdb.DuckDBPyConnection, contracts: Contracts) -> Iterator[str]:
    for contract in contracts.tables():
        for each in contract.release_queries:
            # As the checks read it: in the place of one value.
            if fault := _run_fault(store, f"SELECT ({each.query}) AS figure"):
                yield f"{contract.where(f'rule ‘{each.name}’')}: {fault}"


def _run_fault(store: duckdb.DuckDBPyConnection, query: str) -> str:
    try:
        with ended_after(_SECONDS, store.interrupt):
            store.execute(query).fetchall()
    except TooLongError:
        return f"it takes more than {_SECONDS} seconds in an empty store: it joins too much"
    except duckdb.Error as error:
        return " ".join(str(error).split())
    return ""


def _activity_faults(store: duckdb.DuckDBPyConnection, contracts: Contracts) -> Iterator[str]:
    """What is watched for exceptions must be there, of the right type, and no value that may not be shown."""
    restricted = _restricted(contracts)
    for contract in contracts.views():
        watched = contract.activity
        if watched is None:
            continue
        try:
            found = store.execute(f"DESCRIBE {activity_query(contract)}").fetchall()
        except duckdb.Error as error:
            yield f"{contract.where('activity')}: {' '.join(str(error).split())}"
            continue
        types = {each[0]: each[1] for each in found}
        for name in dict.fromkeys((*watched.by, *watched.peers, watched.period, *watched.measures)):
            fault = _watched_fault(name, types, watched)
            if name in restricted:
                fault = f"‘{name}’ is restricted, and would be shown"
            if fault:
                yield f"{contract.where('activity')}: {fault}"


def _watched_fault(name: str, types: Mapping[str, str], watched: Activity) -> str:
    if name not in types:
        return f"there is no column ‘{name}’{did_you_mean(name, types)}"
    if name == watched.period and types[name] != "DATE":
        return f"the period ‘{name}’ must be a date; it is of type {types[name]}"
    if name in watched.measures and types[name] not in _WHOLE:
        return f"the measure ‘{name}’ must be a count, a whole number; it is of type {types[name]}"
    return ""


def _restricted(contracts: Contracts) -> set[str]:
    return {each.name for known in contracts.values() for each in known.columns if each.restricted}
