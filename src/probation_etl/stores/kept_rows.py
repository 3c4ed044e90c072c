"""Kept tables: since which run, and until which, each accepted row is the one to show.

Every row of the history has ``from_run`` and ``until_run``, numbers of runs: it is current after each run from the first up to,
and without, the second. A load, correction, withdrawal or reinstatement touches the rows of its own keys alone, in a few statements
for each unified table. So the current rows, those of a release and those of any earlier moment are found by two comparisons
(decision 28). A row that became current again has its earlier times in the schema ``earlier``, as a copy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.model import TableContract
from probation_etl.stores.engine import Engine
from probation_etl.stores.statements import OPEN, same_key, stored_columns, text_of

_TEMPORARY = ("kept_before", "kept_returns", "kept_keys", "kept_contested", "kept_ranks")
_CURRENT = "SELECT return_id FROM ledger.standing WHERE is_current"
#: The place of a row in the database, under a name that no contract gives.
_ROW = quoted("place of the row")
#: Returns that began or ceased to count, and those whose rows were added since rows were last followed.
_TOUCHED = f"""
CREATE TEMPORARY TABLE kept_returns AS
SELECT return_id FROM kept_before WHERE return_id NOT IN ({_CURRENT})
UNION {_CURRENT} AND return_id NOT IN (SELECT return_id FROM kept_before)
UNION SELECT return_id FROM ledger.returns WHERE loaded AND sequence > (SELECT MAX(sequence) FROM ledger.followed)
"""
_FOLLOWED = "SELECT COALESCE(MAX(sequence), 0) FROM ledger.returns"


class KeptRows:
    """The times of the rows in the history of one store."""

    def __init__(self, engine: Engine, contracts: Iterable[TableContract]) -> None:
        """The rows in this database.

        Args:
            engine: The database.
            contracts: Contracts of the unified tables.
        """
        self._engine, self._contracts = engine, tuple(contracts)

    def remember_returns(self) -> None:
        """Remembers which returns are current, before that is worked out anew: rows agree with these."""
        self._forget()
        self._engine.execute(f"CREATE TEMPORARY TABLE kept_before AS {_CURRENT}")

    def follow(self, run: int) -> None:
        """Opens and closes rows as the standing of returns asks, which has changed since it was remembered.

        Args:
            run: The run from which on rows are opened, and up to which rows are closed.
        """
        execute = self._engine.execute
        execute(_TOUCHED)
        if self._engine.value("SELECT COUNT(*) FROM kept_returns"):
            known = self._known()
            for each in self._contracts:
                if known.get(each.table) == _key_of(each):
                    self._follow(each, run)
        execute("DELETE FROM ledger.followed")
        execute(f"INSERT INTO ledger.followed {_FOLLOWED}")
        self._forget()

    def has_other_keys(self) -> bool:
        """Whether rows have times by a key that is no longer that of their table."""
        known = self._known()
        return any(known.get(each.table, _key_of(each)) != _key_of(each) for each in self._contracts)

    def begin(self, *, every: bool = False) -> KeptRows | None:
        """Begins anew with tables whose rows have no times yet, or have those of another key: none of their rows has been current.

        Args:
            every: With all tables.

        Returns:
            Their rows, to be followed from the first run on; None where there are none.
        """
        known = self._known()
        for table in known.keys() - {each.table for each in self._contracts}:
            self._engine.execute("DELETE FROM ledger.kept_tables WHERE table_name = $1", [table])
        anew = [each for each in self._contracts if every or known.get(each.table) != _key_of(each)]
        for each in anew:
            name = quoted(each.table)
            self._engine.execute(f"UPDATE history.{name} SET from_run = 0, until_run = 0")
            self._engine.execute(f"DELETE FROM earlier.{name}")
            self._engine.find_no_more("history", each.table, "key")
            self._engine.execute("DELETE FROM ledger.kept_tables WHERE table_name = $1", [each.table])
            self._engine.insert("ledger.kept_tables", {"table_name": each.table, "key_columns": _key_of(each)})
        return KeptRows(self._engine, anew) if anew else None

    def _known(self) -> dict[str, str]:
        """The tables that are followed, with their keys."""
        return dict(self._engine.rows("SELECT table_name, key_columns FROM ledger.kept_tables"))

    def _follow(self, contract: TableContract, run: int) -> None:
        execute, history = self._engine.execute, f"history.{quoted(contract.table)}"
        own = f"FROM {history} AS h WHERE h.return_id IN (SELECT return_id FROM kept_returns)"
        count = self._engine.value(f"SELECT COUNT(*) {own}")
        if not count:
            return
        self._engine.find_quickly("history", contract.table, _found_by(contract))
        execute(
            f"UPDATE {history} SET until_run = {run} WHERE until_run = {OPEN} "
            f"AND return_id IN (SELECT return_id FROM kept_returns) AND return_id NOT IN ({_CURRENT})"
        )
        if not contract.key:
            found = f"SELECT h.{self._engine.row_id} AS place, h.until_run = {OPEN} AS is_open, 1 AS place_in_key"
            execute(f"CREATE TEMPORARY TABLE kept_ranks AS {found} {own} AND h.return_id IN ({_CURRENT})")
            self._change(contract, history, run)
            return
        other = f"SELECT 1 FROM {history} WHERE return_id NOT IN (SELECT return_id FROM kept_returns)"
        has_others = self._engine.value(f"SELECT EXISTS ({other})")
        # Rows of one key are in one share: databases put groups on the disk, but not all that they join.
        for share in self._engine.shares(count, contract.key) if has_others else ["TRUE"]:
            execute(_contested(contract, own if has_others else None, share))
            if self._engine.value("SELECT EXISTS (SELECT 1 FROM kept_contested)"):
                execute(self._ranks(contract, history, share))
                self._change(contract, history, run)
            self._forget("kept_keys", "kept_contested")

    def _ranks(self, contract: TableContract, history: str, share: str) -> str:
        """A statement that finds the rows to open and close: of those with one key, the first counts."""
        key, rows = _listed(contract), f"SELECT *, {self._engine.row_id} AS {_ROW} FROM {history} WHERE {share}"
        return f"""
        CREATE TEMPORARY TABLE kept_ranks AS
        SELECT h.{_ROW} AS place, h.until_run = {OPEN} AS is_open,
            ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY {newest_first("h", "c")}) AS place_in_key
        FROM ({rows}) AS h JOIN ledger.current_returns AS c ON c.return_id = h.return_id
        WHERE EXISTS (SELECT 1 FROM kept_contested AS k WHERE {same_key(contract, "h", "k")})
        """

    def _change(self, contract: TableContract, history: str, run: int) -> None:
        self._close(history, run)
        self._open(contract, history, run)
        self._forget("kept_ranks")

    def _close(self, history: str, run: int) -> None:
        """Closes rows that are shown so far and have come behind another."""
        later = "SELECT place FROM kept_ranks WHERE is_open AND place_in_key > 1"
        self._engine.execute(f"UPDATE {history} SET until_run = {run} WHERE {self._engine.row_id} IN ({later})")

    def _open(self, contract: TableContract, history: str, run: int) -> None:
        """Opens rows that are to be shown and are not. Their earlier times are kept, unless they end in this very run."""
        columns = ", ".join(map(quoted, (*stored_columns(contract), "from_run", "until_run")))
        which = f"WHERE {self._engine.row_id} IN (SELECT place FROM kept_ranks WHERE NOT is_open AND place_in_key = 1)"
        self._engine.execute(
            f"INSERT INTO earlier.{quoted(contract.table)} ({columns}) SELECT {columns} FROM {history} {which} "
            f"AND from_run < until_run AND until_run < {run}"
        )
        self._engine.execute(
            f"UPDATE {history} SET from_run = CASE WHEN until_run = {run} THEN from_run ELSE {run} END, until_run = {OPEN} {which}"
        )

    def _forget(self, *tables: str) -> None:
        for table in tables or _TEMPORARY:
            self._engine.execute(f"DROP TABLE IF EXISTS {table}")


def newest_first(rows: str, returns: str) -> str:
    """A total order of rows with the same key: the row to show comes first.

    Among rows of one period it depends on the returns themselves, not on their order of arrival or on how a server sorts text.
    """
    by_text = ", ".join(f'{returns}.{name} COLLATE "C"' for name in ("contract_id", "supplier_code"))
    return f"{returns}.period_end DESC, {by_text}, {rows}.source_row"


def _contested(contract: TableContract, own: str | None, share: str) -> str:
    """Statements that find the keys of the touched rows which other rows have too, or of which none may be shown.

    Args:
        contract: The unified table.
        own: The touched rows; None where there are no others.
        share: Which of them are looked at.
    """
    key, rows = _listed(contract), f"FROM (SELECT * FROM history.{quoted(contract.table)} WHERE {share}) AS h"
    keys, touched = "", ""
    if own:
        # What is joined is analysed: by guesses it would be joined row by row.
        keys = f"CREATE TEMPORARY TABLE kept_keys AS SELECT {key} {own} AND {share}; ANALYZE kept_keys;"
        touched = f"WHERE EXISTS (SELECT 1 FROM kept_keys AS k WHERE {same_key(contract, 'h', 'k')})"
    return f"""
    {keys}
    CREATE TEMPORARY TABLE kept_contested AS
    SELECT {key} {rows} {touched} GROUP BY {key} HAVING COUNT(*) > 1 OR MIN(h.until_run) < {OPEN};
    ANALYZE kept_contested
    """


def _listed(contract: TableContract) -> str:
    return ", ".join(f"h.{quoted(name)}" for name in contract.key)


def _found_by(contract: TableContract) -> dict[str, Sequence[str]]:
    """How rows of the history are found: what one return touches has its name, or one of its keys."""
    texts = [f"({text_of(contract, name)})" for name in contract.key if stored_columns(contract)[name] == "VARCHAR"]
    return {"return": ["return_id"], **({"key": texts} if texts else {})}


def _key_of(contract: TableContract) -> str:
    """The key of a table as the ledger notes it."""
    return ", ".join(map(quoted, contract.key))
