"""SQL made from unified contracts. Names come from contracts only, never from a file, and are always quoted."""

from __future__ import annotations

import re
from collections.abc import Iterable

from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.model import LINEAGE_COLUMNS, Column, TableContract

_PHYSICAL = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DECIMAL(28,6)",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "time": "TIME",
    "duration": "INTERVAL",
    "boolean": "BOOLEAN",
}
#: Types that have another name in one of the databases.
_PORTABLE = {"DOUBLE": "DOUBLE PRECISION"}
#: The run from which on a row is current, and the one from which on it is not any more.
TIMES = {"from_run": "BIGINT", "until_run": "BIGINT"}
#: The end of a row that is current: beyond any run.
OPEN = 2**62
#: The run after which ``current_rows`` shows the rows.
SHOWN = "SELECT run_sequence FROM ledger.shown"
_LINEAGE_TYPES = dict(zip(LINEAGE_COLUMNS, ("VARCHAR", "BIGINT"), strict=True))


def stored_columns(contract: TableContract) -> dict[str, str]:
    """Columns of the history of a unified table with their SQL types, lineage included."""
    own = {column.name: _type(column) for column in contract.columns if not column.joined}
    return {**own, **_LINEAGE_TYPES}


def _type(column: Column) -> str:
    return _PORTABLE.get(column.physical_type or "", column.physical_type) or _PHYSICAL[column.type]


def create_history(contract: TableContract) -> str:
    """Makes the table that keeps every accepted row, and the one for rows that were current before."""
    columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in {**stored_columns(contract), **TIMES}.items())
    return "; ".join(
        f"CREATE TABLE IF NOT EXISTS {schema}.{quoted(contract.table)} ({columns})" for schema in ("history", "earlier")
    )


def create_views(contracts: Iterable[TableContract], after: str | None = None) -> list[tuple[TableContract, str]]:
    """Statements that make the views of current rows and of the unified model, each after the views that it reads.

    Args:
        contracts: Contracts of the unified tables and views.
        after: A query for the number of the run after which the rows were current; by default they are now.
    """
    ordered = by_dependency(list(contracts))
    current = [
        (each, f"CREATE VIEW current_rows.{quoted(each.table)} AS {current_rows(each, after)}")
        for each in ordered
        if not each.is_view
    ]
    return current + [(each, f"CREATE VIEW unified.{quoted(each.table)} AS {unified_query(each)}") for each in ordered]


def drop_views(contracts: Iterable[TableContract]) -> list[str]:
    """Statements that drop these views and everything that reads them, if they exist."""
    return [
        f"DROP VIEW IF EXISTS {schema}.{quoted(each.table)} CASCADE"
        for each in contracts
        for schema in ("unified", "current_rows")
    ]


def unified_query(contract: TableContract) -> str:
    """The query of a unified table or view: its contract's own, or all current rows."""
    return contract.query or f"SELECT * FROM current_rows.{quoted(contract.table)}"


def activity_query(contract: TableContract) -> str:
    """A query for the counts that are checked for activity exceptions: the view's rows, unless the contract says otherwise."""
    own = contract.activity and contract.activity.query
    return own or f"SELECT * FROM unified.{quoted(contract.table)}"


def current_rows(contract: TableContract, after: int | str | None = None) -> str:
    """The rows that are current: of those with the same key that of the latest period (:mod:`kept_rows`).

    Args:
        contract: The unified table.
        after: The number of a run, or a query for it, after which they were; by default now.
    """
    columns = ", ".join(map(quoted, stored_columns(contract)))
    if after is None:
        return f"SELECT {columns} FROM history.{quoted(contract.table)} WHERE until_run = {OPEN}"
    return " UNION ALL ".join(
        f"SELECT {columns} FROM {schema}.{quoted(contract.table)} WHERE from_run <= ({after}) AND until_run > ({after})"
        for schema in ("history", "earlier")
    )


def same_key(contract: TableContract, one: str, other: str) -> str:
    """Condition: two rows have the same key; what is missing is the same as what is missing.

    Databases look equal values up, but not those that are merely not distinct: so what may be missing is compared as text.
    """
    return " AND ".join(
        f"{text_of(contract, name, one)} = {text_of(contract, name, other)} "
        f"AND ({one}.{quoted(name)} IS NULL) = ({other}.{quoted(name)} IS NULL)"
        for name in contract.key
    )


def text_of(contract: TableContract, name: str, rows: str = "") -> str:
    """A column as text, empty where it is missing."""
    column = f"{rows}.{quoted(name)}" if rows else quoted(name)
    is_text = stored_columns(contract)[name] == "VARCHAR"
    return f"COALESCE({column}, '')" if is_text else f"COALESCE(CAST({column} AS VARCHAR), '')"


def by_dependency(contracts: list[TableContract]) -> list[TableContract]:
    """Contracts whose query reads unified tables come after the contracts of these tables."""
    waiting = {each.table: each for each in contracts}
    ordered: list[TableContract] = []
    while waiting:
        ready = [name for name, each in waiting.items() if not (_reads(each) & set(waiting)) - {name}]
        for name in ready or list(waiting):
            ordered.append(waiting.pop(name))
    return ordered


def _reads(contract: TableContract) -> set[str]:
    return set(re.findall(r"\bunified\.\"?(\w+)", contract.query or ""))
