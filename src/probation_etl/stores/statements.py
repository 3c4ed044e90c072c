"""SQL made from unified contracts. Names come from contracts only, never from a file, and are always quoted."""

from __future__ import annotations

import re
from collections.abc import Iterable

from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.model import LINEAGE_COLUMNS, Column, TableContract

_PHYSICAL = {"string": "VARCHAR", "integer": "BIGINT", "number": "DECIMAL(28,6)", "date": "DATE", "boolean": "BOOLEAN"}
#: Types that have another name in one of the databases.
_PORTABLE = {"DOUBLE": "DOUBLE PRECISION"}
_LINEAGE_TYPES = dict(zip(LINEAGE_COLUMNS, ("VARCHAR", "BIGINT"), strict=True))


def stored_columns(contract: TableContract) -> dict[str, str]:
    """Columns of the history of a unified table with their SQL types, lineage included."""
    own = {column.name: _type(column) for column in contract.columns if not column.joined}
    return {**own, **_LINEAGE_TYPES}


def _type(column: Column) -> str:
    return _PORTABLE.get(column.physical_type or "", column.physical_type) or _PHYSICAL[column.type]


def create_history(contract: TableContract) -> str:
    """Makes the table that keeps every accepted row."""
    columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in stored_columns(contract).items())
    return f"CREATE TABLE IF NOT EXISTS history.{quoted(contract.table)} ({columns})"


def create_views(contracts: Iterable[TableContract]) -> list[tuple[TableContract, str]]:
    """Statements that make the views of current rows and of the unified model, each after the views that it reads."""
    ordered = _by_dependency(list(contracts))
    current = [
        (each, f"CREATE VIEW current_rows.{quoted(each.table)} AS {current_rows(each)}")
        for each in ordered
        if not each.is_view
    ]
    return current + [(each, f"CREATE VIEW unified.{quoted(each.table)} AS {_query(each)}") for each in ordered]


def drop_views(contracts: Iterable[TableContract]) -> list[str]:
    """Statements that drop these views and everything that reads them, if they exist."""
    return [
        f"DROP VIEW IF EXISTS {schema}.{quoted(each.table)} CASCADE"
        for each in contracts
        for schema in ("unified", "current_rows")
    ]


def _query(contract: TableContract) -> str:
    return contract.query or f"SELECT * FROM current_rows.{quoted(contract.table)}"


def activity_query(contract: TableContract) -> str:
    """A query for the counts that are checked for activity exceptions: the view's rows, unless the contract says otherwise."""
    own = contract.activity and contract.activity.query
    return own or f"SELECT * FROM unified.{quoted(contract.table)}"


def current_rows(contract: TableContract) -> str:
    """The rows of the returns that are current; where several periods carry the same key, the latest period's.

    Among rows of one period the choice depends on the returns themselves, not on their order of arrival or on how a
    server sorts text.
    """
    columns = ", ".join(f"h.{quoted(name)}" for name in stored_columns(contract))
    joined = f"history.{quoted(contract.table)} AS h JOIN ledger.current_returns AS c ON c.return_id = h.return_id"
    if not contract.key:
        return f"SELECT {columns} FROM {joined}"
    key = ", ".join(f"h.{quoted(name)}" for name in contract.key)
    names = ", ".join(map(quoted, stored_columns(contract)))
    return (
        f"SELECT {names} FROM (SELECT {columns}, ROW_NUMBER() OVER "
        f"(PARTITION BY {key} ORDER BY {newest_first('h', 'c')}) AS recency FROM {joined}) AS ranked "
        "WHERE recency = 1"
    )


def newest_first(rows: str, returns: str) -> str:
    """A total order of rows with the same key: the row to show comes first."""
    by_text = ", ".join(f'{returns}.{name} COLLATE "C"' for name in ("contract_id", "supplier_code"))
    return f"{returns}.period_end DESC, {by_text}, {rows}.source_row"


def _by_dependency(contracts: list[TableContract]) -> list[TableContract]:
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
