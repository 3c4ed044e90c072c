"""A store on any database that speaks SQL: the same tables, statements and promises, whatever the engine."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from probation_etl.contracts.model import Contract
from probation_etl.contracts.odcs import Contracts
from probation_etl.errors import ContractError, StoreError, UsageError
from probation_etl.intake.result import ReturnResult
from probation_etl.stores import ledger, released
from probation_etl.stores import totals as counting
from probation_etl.stores.base import Release, RunRecord, Store, Totals
from probation_etl.stores.engine import Engine
from probation_etl.stores.matching import entry_of
from probation_etl.stores.migrations import MIGRATIONS, SCHEMAS
from probation_etl.stores.statements import create_history, create_views, drop_views, quoted, stored_columns


class SqlStore(Store):
    """The unified tables with all that led to them, in a database."""

    def __init__(self, engine: Engine, contracts: Contracts, tables: Mapping[str, pl.DataFrame], version: str) -> None:
        """A store on an open database.

        Args:
            engine: The database.
            contracts: The contracts whose unified tables it holds.
            tables: Reference tables by name, all columns String.
            version: The program's version, for the ledger.
        """
        self._engine, self._contracts, self._tables, self._version = engine, contracts, tables, version
        self._overtaken = False

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Iterator[None]:
        try:
            with self._engine.transaction(keep=keep):
                yield
                self._refresh()
        finally:
            # Committed or undone, the table of standings is that of the ledger again.
            self._overtaken = False

    def prepare(self) -> bool:
        have = version_of(self._engine)
        if have > len(MIGRATIONS):
            raise StoreError(
                f"The store {self._engine.place} has version {have}; this program knows versions up to {len(MIGRATIONS)}. "
                "Use the program that wrote it, or a newer one."
            )
        if have == len(MIGRATIONS) and self._knows_contracts():
            return False
        self._engine.hold_for_preparing()
        self._migrate()
        if self._knows_contracts():
            return False
        self._make_tables()
        return True

    def _migrate(self) -> None:
        for schema in SCHEMAS:
            self._engine.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        self._engine.execute("CREATE TABLE IF NOT EXISTS ledger.migrations (version INTEGER PRIMARY KEY)")
        have = version_of(self._engine)
        for version, statements in enumerate(MIGRATIONS[have:], have + 1):
            self._engine.execute(statements)
            self._engine.execute("INSERT INTO ledger.migrations VALUES ($1)", [version])
        self._overtaken = True

    def _knows_contracts(self) -> bool:
        return bool(
            self._engine.value("SELECT COUNT(*) FROM ledger.contracts WHERE digest = $1", [self._contracts.digest])
        )

    def _make_tables(self) -> None:
        """Tables of the unified contracts, reference tables and views, as the contracts say now."""
        contracts = self._contracts.of_layer("unified", "view")
        for statement in drop_views(contracts):
            self._engine.execute(statement)
        for contract in self._contracts.of_layer("unified"):
            self._engine.execute(create_history(contract))
            self._add_columns(contract)
        for name, frame in self._tables.items():
            self._replace(f"reference.{quoted(name)}", frame)
        for contract, statement in create_views(contracts):
            self._make(statement, contract, "query", "make a view")
        self._try_release_checks(contracts)
        released.make_tables(self._engine, contracts)
        self._engine.execute("DELETE FROM ledger.contracts")
        self._engine.execute("INSERT INTO ledger.contracts VALUES ($1)", [self._contracts.digest])

    def _try_release_checks(self, contracts: list[Contract]) -> None:
        """Lets the database read each query as the checks will; a view is read and not planned, which takes far less."""
        view = 'unified."a release check"'
        for contract in contracts:
            for check in contract.release_queries:
                statement = f"CREATE VIEW {view} AS SELECT ({check.query}) AS figure"
                self._make(statement, contract, f"rule ‘{check.name}’", "make a release check")
                self._engine.execute(f"DROP VIEW {view}")

    def _make(self, statement: str, contract: Contract, part: str, what: str) -> None:
        """Runs what comes from a contract; a database need not understand what another one does."""
        fault = self._engine.refusal(statement)
        if fault:
            raise ContractError(
                f"The store {self._engine.place} cannot {what}. Nothing was changed.",
                faults=(f"{contract.where(part)}: {fault}",),
            )

    def _add_columns(self, contract: Contract) -> None:
        table = f"history.{quoted(contract.table)}"
        for name, kind in stored_columns(contract).items():
            self._engine.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {quoted(name)} {kind}")

    def _replace(self, table: str, frame: pl.DataFrame) -> None:
        self._engine.execute(f"DROP TABLE IF EXISTS {table} CASCADE")
        self._engine.execute(f"CREATE TABLE {table} ({', '.join(f'{quoted(name)} VARCHAR' for name in frame.columns)})")
        self._engine.append(table, frame)

    def begin_run(self, run: RunRecord) -> None:
        self._insert("ledger.runs", {"sequence": self._next("ledger.runs"), **vars(run)})

    def load(
        self,
        result: ReturnResult,
        unified: Mapping[str, pl.DataFrame],
        *,
        run: RunRecord | None = None,
        totals: Totals | None = None,
    ) -> None:
        if run is None:
            self._load_alone(result, unified)
            return
        self._insert("ledger.returns", {"sequence": self._next_entry(), **ledger.entry(result, run)})
        self._overtaken = True
        for table, frame in unified.items():
            self._engine.append(f"history.{quoted(table)}", frame)
        for table, frame in ledger.quarantine(result).items():
            self._engine.append(f"quarantine.{table}", frame)
        given = totals if totals is not None else ledger.totals_of(unified, self._contracts)
        self._engine.append("ledger.totals", ledger.totals(result.return_id, given, self._contracts))
        if result.content is not None and result.contract is not None:
            self.keep(result.sha256, result.content)

    def _load_alone(self, result: ReturnResult, unified: Mapping[str, pl.DataFrame]) -> None:
        """A return that a library's user loads: a run of its own, unless the ledger knows it."""
        known = entry_of(result, self.known(result.sha256))
        if known is not None and result.attempt <= known["attempt"]:
            return
        run = RunRecord(f"library:{result.return_id}", _now(), self._contracts.digest, self._version)
        with self.transaction():
            self.begin_run(run)
            self.load(result, unified, run=run)

    def keep(self, sha256: str, content: bytes) -> None:
        if not self._engine.value("SELECT COUNT(*) FROM received.files WHERE sha256 = $1", [sha256]):
            self._insert("received.files", {"sha256": sha256, "content": zlib.compress(content, level=1)})

    def content(self, sha256: str) -> bytes | None:
        kept = self._engine.value("SELECT content FROM received.files WHERE sha256 = $1", [sha256])
        try:
            return None if kept is None else zlib.decompress(kept)
        except zlib.error:
            raise StoreError(f"The received file {sha256} in {self._engine.place} is damaged.") from None

    def decide(self, original_id: str, *, withdrawn: bool, reason: str, run: RunRecord) -> None:
        entry = {"run_id": run.run_id, "original_id": original_id, "withdrawn": withdrawn, "reason": reason}
        self._insert("ledger.decisions", {"sequence": self._next_entry(), **entry})
        self._overtaken = True

    def settle(self, original_id: str) -> None:
        self._insert("ledger.settled", {"original_id": original_id, "sequence": self._next_entry() - 1})

    def known(self, sha256: str) -> list[dict[str, Any]]:
        query = "SELECT * FROM ledger.returns WHERE sha256 = $1 ORDER BY sequence"
        return self._engine.frame(query, [sha256]).to_dicts()

    def sent_for(self, supplier_code: str, kind: str, period_end: date) -> list[dict[str, Any]]:
        query = (
            "SELECT * FROM ledger.returns WHERE supplier_code = $1 AND kind = $2 AND period_end = $3 ORDER BY sequence"
        )
        return self._engine.frame(query, [supplier_code, kind, period_end]).to_dicts()

    def known_by_content(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for each in self._engine.frame("SELECT * FROM ledger.returns ORDER BY sequence").to_dicts():
            found.setdefault(each["sha256"], []).append(each)
        return found

    def has_run(self, run_id: str) -> bool:
        return bool(self._engine.value("SELECT COUNT(*) FROM ledger.runs WHERE run_id = $1", [run_id]))

    def table(
        self, name: str, *, as_of: str | datetime | None = None, where: Mapping[str, Any] | None = None
    ) -> pl.DataFrame:
        wanted = where or {}
        holds = [f"{quoted(column)} IS NOT DISTINCT FROM ${at}" for at, column in enumerate(wanted, 1)]
        query = f"SELECT * FROM unified.{quoted(name)}" + (f" WHERE {' AND '.join(holds)}" if holds else "")
        with self.as_it_was(as_of):
            return self._look(query, list(wanted.values()))

    @contextmanager
    def as_it_was(self, moment: str | datetime | None) -> Iterator[None]:
        if moment is None:
            yield
            return
        # Undone at the end, and seen by nobody else.
        with self.transaction(keep=False):
            self._stand(self._run_at(moment))
            yield

    def _run_at(self, moment: str | datetime) -> int:
        """The sequence of a run; of the runs that had started by a time, the latest in the ledger: clocks may jump."""
        if isinstance(moment, datetime):
            query = "SELECT COALESCE(MAX(sequence), 0) FROM ledger.runs WHERE started_at <= $1"
            return int(self._engine.value(query, [_naive(moment)]))
        found = self._engine.value("SELECT sequence FROM ledger.runs WHERE run_id = $1", [moment])
        if found is None:
            raise UsageError(f"The store {self._engine.place} knows no run ‘{moment}’.")
        return int(found)

    def _stand(self, run_sequence: int = ledger.NOW) -> None:
        """Works out anew which returns are current, in the light of the runs up to this one."""
        self._engine.execute("DELETE FROM ledger.standing")
        self._engine.execute(ledger.STAND, [run_sequence])
        self._overtaken = False

    def _refresh(self) -> None:
        """Not after each return of a run, but when somebody looks."""
        if self._overtaken:
            self._stand()

    def _look(self, query: str, parameters: list[Any] | None = None) -> pl.DataFrame:
        self._refresh()
        return self._engine.frame(query, parameters)

    def count(self, table: str, column: str, value: str) -> int:
        query = f"SELECT COUNT(*) FROM unified.{quoted(table)} WHERE {quoted(column)} = $1"
        return int(self._look(query, [value]).item())

    def referable(self, table: str, *, supplier_code: str, period_end: date) -> pl.DataFrame:
        return self._look(
            f"SELECT h.* FROM history.{quoted(table)} AS h "
            "JOIN ledger.current_returns AS c ON c.return_id = h.return_id WHERE c.supplier_code = $1 AND c.period_end <= $2",
            [supplier_code, period_end],
        )

    def totals(self, table: str) -> pl.DataFrame:
        return self._look(counting.totals(self._contracts.unified_table(table)))

    def view_totals(self, view: str) -> list[pl.DataFrame]:
        contract = self._contracts.unified_table(view)
        sides = counting.view_sides(contract, self._contracts.unified_table)
        found = {query: self._look(query) for query in dict.fromkeys(query for pair in sides for query in pair)}
        return [
            counting.side_by_side(each, number, found[sent], found[shown])
            for number, (each, (sent, shown)) in enumerate(zip(contract.reconciles, sides, strict=True))
        ]

    def in_quarantine(self) -> pl.DataFrame:
        return self._look('SELECT return_id, COUNT(*) AS "rows" FROM quarantine.rows GROUP BY return_id')

    def returns(self) -> pl.DataFrame:
        return self._look(ledger.RETURNS)

    def findings(self, return_id: str) -> pl.DataFrame:
        query = (
            "SELECT code, rule, severity, source_row, column_name, cell, value, message FROM quarantine.findings "
            "WHERE return_id = $1"
        )
        return self._engine.frame(query, [return_id])

    def release(self) -> None:
        self._refresh()
        run_id = self._engine.value(released.NEWEST_RUN)
        if run_id is None:
            return
        released.fill_tables(self._engine, self._contracts.of_layer("unified", "view"))
        entry = {"run_id": run_id, "released_at": _now(), "contracts_digest": self._contracts.digest}
        self._insert("ledger.releases", {"sequence": self._next("ledger.releases"), **entry})

    def released(self) -> Release | None:
        found = self._engine.frame(released.NEWEST).to_dicts()
        return Release(**found[0]) if found else None

    def lent(self) -> AbstractContextManager[Any]:
        self._refresh()
        return self._engine.lent()

    def query(self, statement: str, parameters: list[Any] | None = None) -> pl.DataFrame:
        return self._look(statement, parameters)

    def close(self) -> None:
        self._engine.close()

    def _insert(self, table: str, values: Mapping[str, Any]) -> None:
        marks = ", ".join(f"${at}" for at in range(1, len(values) + 1))
        self._engine.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values()))

    def _next(self, table: str) -> int:
        return int(self._engine.value(f"SELECT COALESCE(MAX(sequence), 0) + 1 FROM {table}"))

    def _next_entry(self) -> int:
        """Returns and decisions share one sequence: which came first is never a matter of clocks."""
        return max(self._next("ledger.returns"), self._next("ledger.decisions"))


def version_of(engine: Engine) -> int:
    """The version of the store that a database holds, 0 where it holds none."""
    tables = (
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'ledger' AND table_name = 'migrations'"
    )
    if not engine.value(tables):
        return 0
    return int(engine.value("SELECT COALESCE(MAX(version), 0) FROM ledger.migrations"))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
