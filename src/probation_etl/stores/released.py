"""The released state: what readers see, as it was when the release checks last passed.

It is shown by views: the queries of the contracts over the rows that were current after the newest run of the release
(:mod:`kept_rows`), and over copies of the reference tables. So a release is one row of the ledger, and no later load, withdrawal,
contract or reference table changes what readers see before the next release (decision 28).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.model import LINEAGE_COLUMNS, TableContract
from probation_etl.contracts.odcs import Contracts
from probation_etl.discreet import Discreet
from probation_etl.stores.engine import Engine
from probation_etl.stores.standing import current_returns
from probation_etl.stores.statements import by_dependency, current_rows, unified_query

#: The newest release, and whether nothing has come since: no run, and no other contracts or reference tables.
_NEWEST = """
SELECT r.run_id, r.released_at, r.contracts_digest,
       u.sequence = (SELECT MAX(sequence) FROM ledger.runs)
       AND r.contracts_digest IN (SELECT digest FROM ledger.contracts) AS is_newest
FROM ledger.releases AS r JOIN ledger.runs AS u ON u.run_id = r.run_id
ORDER BY r.sequence DESC LIMIT 1
"""
#: The newest run; a release shows what was loaded up to it.
_NEWEST_RUN = "SELECT run_id, sequence FROM ledger.runs ORDER BY sequence DESC LIMIT 1"
_RELEASED_RUN = "SELECT run_sequence FROM ledger.released_run"
#: What the queries of contracts read, and what those of a release read instead.
_MOVED = {
    "unified": "released",
    "current_rows": "released_rows",
    "reference": "released_reference",
    "ledger": "released_ledger",
}


@dataclass(frozen=True)
class Release(Discreet, tells=("run_id",)):
    """The state that readers of the schema ``released`` see.

    Attributes:
        run_id: The run up to which it shows what was loaded.
        released_at: Since when (UTC).
        contracts_digest: The contracts and reference tables by which it was made.
        is_newest: Whether nothing has been loaded, and no contract changed, since.
    """

    run_id: str
    released_at: datetime
    contracts_digest: str
    is_newest: bool

    def as_dict(self) -> dict[str, str]:
        """The release as JSON: the last run in it, and when it was made."""
        return {"run_id": self.run_id, "released_at": f"{self.released_at.isoformat(timespec='seconds')}Z"}


def newest_release(engine: Engine) -> Release | None:
    """The newest release; None where nothing has been released."""
    names = ("run_id", "released_at", "contracts_digest", "is_newest")
    found = [dict(zip(names, row, strict=True)) for row in engine.rows(_NEWEST)]
    return Release(**found[0]) if found else None


def release(engine: Engine, contracts: Contracts, *, now: datetime) -> int | None:
    """Releases what the unified tables show now.

    Returns:
        The number of the release; None without a run in the ledger: then there is nothing to release.
    """
    newest = engine.rows(_NEWEST_RUN)
    if not newest:
        return None
    [(run_id, run_sequence)] = newest
    before = newest_release(engine)
    if before is None or before.contracts_digest != contracts.digest or _differs(engine, contracts.tables()):
        _make_views(engine, contracts, run_sequence)
    elif engine.looked_up(_RELEASED_RUN) is None:
        _show_rows(engine, contracts, run_sequence)
    entry = {"run_id": run_id, "released_at": now, "contracts_digest": contracts.digest}
    sequence = engine.next_in("ledger.releases")
    engine.insert("ledger.releases", {"sequence": sequence, **entry})
    return sequence


def columns_of(contract: TableContract) -> Sequence[str]:
    """Columns of a released table, in order: those of its contract, and of a table the lineage."""
    return (*contract.column_names, *(() if contract.is_view else LINEAGE_COLUMNS))


def make_tables(engine: Engine, contracts: Iterable[TableContract]) -> None:
    """Makes missing released tables, without rows, until the next release makes them views; existing ones are left unchanged."""
    present = _present(engine)
    for contract in contracts:
        if contract.table not in present:
            rows = f"SELECT {_columns(contract)} FROM unified.{quoted(contract.table)}"
            engine.execute(f"CREATE TABLE released.{quoted(contract.table)} AS {rows} LIMIT 0")
            _note(engine, contract.table, row_count=0, definition=None)


def copy_views(engine: Engine) -> None:
    """Makes the released views tables with the same rows, until the next release: the times of their rows are about to change."""
    views = [name for name, kind in _present(engine).items() if kind == "VIEW"]
    readers = engine.readers("released")
    for name in views:
        engine.execute(f"CREATE TABLE released.{quoted(f'{name} copied')} AS SELECT * FROM released.{quoted(name)}")
    for name in views:
        engine.execute(f"DROP VIEW IF EXISTS released.{quoted(name)} CASCADE")
        engine.execute(f"ALTER TABLE released.{quoted(f'{name} copied')} RENAME TO {quoted(name)}")
        rows = int(engine.value(f"SELECT COUNT(*) FROM released.{quoted(name)}"))
        _note(engine, name, row_count=rows, definition=None)
    _grant_again(engine, readers, views)


def _grant_again(engine: Engine, readers: Iterable[tuple[str, str]], tables: Collection[str]) -> None:
    for name, grant in readers:
        if name in tables:
            engine.execute(grant)


def _columns(contract: TableContract) -> str:
    return ", ".join(map(quoted, columns_of(contract)))


def _note(engine: Engine, table: str, *, row_count: int | None, definition: str | None) -> None:
    engine.execute("DELETE FROM ledger.released_tables WHERE table_name = $1", [table])
    values = {"table_name": table, "row_count": row_count, "definition": definition}
    engine.insert("ledger.released_tables", values)


def _differs(engine: Engine, contracts: Iterable[TableContract]) -> bool:
    """Whether a released table is not yet the view that its contract asks for: an older program copied it, or it is new."""
    noted = dict(engine.rows("SELECT table_name, definition FROM ledger.released_tables"))
    return noted != {each.table: _definition(each) for each in contracts}


def _definition(contract: TableContract) -> str:
    """The query of a released table."""
    from probation_etl.contracts.checks.query_text import moved  # what reads SQL takes long to import

    return f"SELECT {_columns(contract)} FROM ({moved(unified_query(contract), _MOVED)}) AS shown"


def _make_views(engine: Engine, contracts: Contracts, run_sequence: int) -> None:
    """Makes the released tables views of the kept rows by these contracts.

    A view is not dropped, and so keeps the rights granted on it and the views that others built on it, unless its columns have
    changed. Tables whose contracts no longer exist are dropped.
    """
    tables = by_dependency(contracts.tables())
    readers = engine.readers("released")
    present = _present(engine)
    for name in present.keys() - {each.table for each in tables}:
        engine.execute(f"DROP {present[name]} released.{quoted(name)} CASCADE")
        engine.execute("DELETE FROM ledger.released_tables WHERE table_name = $1", [name])
    _show_rows(engine, contracts, run_sequence)
    _copy_reference_tables(engine)
    for contract in tables:
        name = f"released.{quoted(contract.table)}"
        if present.get(contract.table) == "TABLE":
            engine.execute(f"DROP TABLE {name} CASCADE")
        engine.define_view(name, _definition(contract))
        _note(engine, contract.table, row_count=None, definition=_definition(contract))
    _grant_again(engine, readers, [each.table for each in tables])


def _show_rows(engine: Engine, contracts: Contracts, run_sequence: int) -> None:
    """Makes the views of the rows and returns that were current after the newest run of the release."""
    after = engine.looked_up(_RELEASED_RUN) or str(run_sequence)
    for contract in contracts.unified():
        engine.define_view(f"released_rows.{quoted(contract.table)}", current_rows(contract, after))
    engine.define_view("released_ledger.current_returns", current_returns(after))


def _copy_reference_tables(engine: Engine) -> None:
    """The reference tables as they are now, for the released views alone."""
    columns = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = $1 ORDER BY 1, ordinal_position"
    now, copied = (_by_table(engine.rows(columns, [schema])) for schema in ("reference", "released_reference"))
    for name in now:
        copy, rows = f"released_reference.{quoted(name)}", f"SELECT * FROM reference.{quoted(name)}"
        if now[name] == copied.get(name):
            engine.execute(f"DELETE FROM {copy}")
            engine.execute(f"INSERT INTO {copy} {rows}")
        else:
            engine.execute(f"DROP TABLE IF EXISTS {copy} CASCADE")
            engine.execute(f"CREATE TABLE {copy} AS {rows}")


def _by_table(rows: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table, column in rows:
        found.setdefault(table, []).append(column)
    return found


def _present(engine: Engine) -> dict[str, str]:
    """Released tables that the program made, each ``TABLE`` or ``VIEW``; others may have put tables of their own there."""
    found = engine.rows("SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'released'")
    known = {name for (name,) in engine.rows("SELECT table_name FROM ledger.released_tables")}
    return {name: "VIEW" if kind == "VIEW" else "TABLE" for name, kind in found if name in known}
