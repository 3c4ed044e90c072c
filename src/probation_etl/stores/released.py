"""The released state: what readers see, as it was when the release checks last passed.

It is a copy of the unified tables and views. So no later load, withdrawal, contract or reference table changes it before
the next release, and it is as fast to read as any table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.model import LINEAGE_COLUMNS, TableContract
from probation_etl.contracts.odcs import Contracts
from probation_etl.discreet import Discreet
from probation_etl.stores.engine import Engine

#: The newest release, and whether nothing has come since: no run, and no other contracts or reference tables.
_NEWEST = """
SELECT r.run_id, r.released_at, r.contracts_digest,
       u.sequence = (SELECT MAX(sequence) FROM ledger.runs)
       AND r.contracts_digest IN (SELECT digest FROM ledger.contracts) AS is_newest
FROM ledger.releases AS r JOIN ledger.runs AS u ON u.run_id = r.run_id
ORDER BY r.sequence DESC LIMIT 1
"""
#: The newest run; a release shows what was loaded up to it.
_NEWEST_RUN = "SELECT run_id FROM ledger.runs ORDER BY sequence DESC LIMIT 1"
_NOTE = "INSERT INTO ledger.released_tables (table_name, row_count) VALUES ($1, $2)"


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
    found = engine.frame(_NEWEST).to_dicts()
    return Release(**found[0]) if found else None


def release(engine: Engine, contracts: Contracts, *, now: datetime) -> int | None:
    """Releases what the unified tables show now.

    Returns:
        The number of the release; None without a run in the ledger: then there is nothing to release.
    """
    run_id = engine.value(_NEWEST_RUN)
    if run_id is None:
        return None
    fill_tables(engine, contracts.tables())
    entry = {"run_id": run_id, "released_at": now, "contracts_digest": contracts.digest}
    sequence = engine.next_in("ledger.releases")
    engine.insert("ledger.releases", {"sequence": sequence, **entry})
    return sequence


def columns_of(contract: TableContract) -> Sequence[str]:
    """Columns of a released table, in order: those of its contract, and of a table the lineage."""
    return (*contract.column_names, *(() if contract.is_view else LINEAGE_COLUMNS))


def make_tables(engine: Engine, contracts: Iterable[TableContract]) -> None:
    """Makes missing released tables, without rows; existing ones are left unchanged."""
    present = _present(engine)
    for contract in contracts:
        if contract.table not in present:
            engine.execute(f"CREATE TABLE released.{quoted(contract.table)} AS {_rows(contract)} LIMIT 0")
            engine.execute(_NOTE, [contract.table, 0])


def fill_tables(engine: Engine, contracts: Sequence[TableContract]) -> None:
    """Copies every unified table into its released table, and records how many rows each has.

    A table is not recreated, and so keeps the rights granted on it, unless its columns have changed. Tables whose
    contracts no longer exist are dropped.
    """
    for table in _present(engine) - {each.table for each in contracts}:
        engine.execute(f"DROP TABLE released.{quoted(table)} CASCADE")
    engine.execute("DELETE FROM ledger.released_tables")
    for table, rows in _fill(engine, contracts):
        engine.execute(_NOTE, [table, rows])


def _fill(engine: Engine, contracts: Iterable[TableContract]) -> Iterator[tuple[str, int]]:
    for contract in contracts:
        name = f"released.{quoted(contract.table)}"
        if _types(engine, "released", contract) == _types(engine, "unified", contract):
            columns = ", ".join(map(quoted, columns_of(contract)))
            engine.execute(f"DELETE FROM {name}")
            engine.execute(f"INSERT INTO {name} ({columns}) {_rows(contract)}")
        else:
            engine.execute(f"DROP TABLE IF EXISTS {name} CASCADE")
            engine.execute(f"CREATE TABLE {name} AS {_rows(contract)}")
        yield contract.table, int(engine.value(f"SELECT COUNT(*) FROM {name}"))


def _rows(contract: TableContract) -> str:
    return f"SELECT {', '.join(map(quoted, columns_of(contract)))} FROM unified.{quoted(contract.table)}"


def _present(engine: Engine) -> set[str]:
    """Released tables that the program made; others may have put tables of their own there."""
    found = engine.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'released'")
    known = {name for (name,) in engine.rows("SELECT table_name FROM ledger.released_tables")}
    return {name for (name,) in found if name in known}


def _types(engine: Engine, schema: str, contract: TableContract) -> list[tuple[object, ...]]:
    """The columns of a table with their types."""
    query = (
        "SELECT column_name, data_type, numeric_precision, numeric_scale FROM information_schema.columns "
        "WHERE table_schema = $1 AND table_name = $2"
    )
    wanted = set(columns_of(contract))
    found = engine.rows(query, [schema, contract.table])
    # A released table with a surplus column differs.
    return sorted(each for each in found if schema == "released" or each[0] in wanted)
