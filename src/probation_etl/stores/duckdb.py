"""The embedded store: one DuckDB file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from probation_etl.contract import Contract
from probation_etl.errors import StoreError
from probation_etl.odcs import Contracts
from probation_etl.result import ReturnResult
from probation_etl.stores.base import RunRecord, Store
from probation_etl.stores.identity import entry_of, worth_another_attempt
from probation_etl.stores.migrations import MIGRATIONS, SCHEMAS
from probation_etl.stores.statements import create_history, create_views, quoted, stored_columns

_OURS_ALONE = 0o600


class DuckDBStore(Store):
    """A store in one file. One process writes at a time."""

    def __init__(
        self, path: Path, contracts: Contracts, tables: Mapping[str, pl.DataFrame], *, program_version: str
    ) -> None:
        """Opens the store, makes it where there is none, and brings it up to date.

        Raises:
            StoreError: The file cannot be opened, is no store of ours, or is newer than this program.
        """
        self._path, self._contracts, self._version = path, contracts, program_version
        new = not path.exists()
        if new:
            _create(path)
        self._connection = _connect(path)
        try:
            with self.transaction():
                self._migrate()
                self._prepare(tables)
        except BaseException:
            self.close()
            raise

    def _migrate(self) -> None:
        for schema in SCHEMAS:
            self._run(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        self._run("CREATE TABLE IF NOT EXISTS ledger.migrations (version INTEGER PRIMARY KEY)")
        have = int(self._value("SELECT COALESCE(MAX(version), 0) FROM ledger.migrations"))
        if have > len(MIGRATIONS):
            raise StoreError(
                f"The store {self._path} has version {have}; this program knows versions up to {len(MIGRATIONS)}. "
                "Use the program that wrote it, or a newer one."
            )
        for version, statements in enumerate(MIGRATIONS[have:], have + 1):
            self._run(statements)
            self._run("INSERT INTO ledger.migrations VALUES (?)", [version])

    def _prepare(self, tables: Mapping[str, pl.DataFrame]) -> None:
        """Tables of the unified contracts, reference tables and views; only where the contracts have changed."""
        if self._value("SELECT COUNT(*) FROM ledger.contracts WHERE digest = ?", [self._contracts.digest]):
            return
        for contract in self._contracts.of_layer("unified"):
            self._run(create_history(contract))
            self._add_columns(contract)
        for name, frame in tables.items():
            self._write(f"CREATE OR REPLACE TABLE reference.{quoted(name)} AS SELECT * FROM incoming", frame)
        for _, statement in create_views(self._contracts.of_layer("unified", "view")):
            self._run(statement)
        self._run("DELETE FROM ledger.contracts")
        self._run("INSERT INTO ledger.contracts VALUES (?)", [self._contracts.digest])

    def _add_columns(self, contract: Contract) -> None:
        for name, kind in stored_columns(contract).items():
            self._run(f"ALTER TABLE history.{quoted(contract.table)} ADD COLUMN IF NOT EXISTS {quoted(name)} {kind}")

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Iterator[None]:
        self._run("BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            self._undo()
            raise
        self._run("COMMIT" if keep else "ROLLBACK")
        # Without it the last commits live in the write-ahead log alone, and a log cut short loses them in silence.
        self._run("CHECKPOINT")

    def _undo(self) -> None:
        # The engine may have given the transaction up already; the first error is the one to tell.
        with suppress(duckdb.Error):
            self._connection.execute("ROLLBACK").complete()
        with suppress(duckdb.Error):
            self._connection.unregister("incoming")

    def begin_run(self, run: RunRecord) -> None:
        self._run(
            "INSERT INTO ledger.runs SELECT ?, COALESCE(MAX(sequence), 0) + 1, ?, ?, ? FROM ledger.runs",
            [run.run_id, run.started_at, run.contracts_digest, run.program_version],
        )

    def load(self, result: ReturnResult, unified: Mapping[str, pl.DataFrame], *, run: RunRecord | None = None) -> None:
        if run is None:
            self._load_alone(result, unified)
            return
        self._insert_ledger(result, run)
        for table, frame in unified.items():
            columns = ", ".join(map(quoted, frame.columns))
            self._write(f"INSERT INTO history.{quoted(table)} ({columns}) SELECT {columns} FROM incoming", frame)
        self._quarantine(result)

    def _load_alone(self, result: ReturnResult, unified: Mapping[str, pl.DataFrame]) -> None:
        """A return that a library's user loads: a run of its own, unless the ledger knows it."""
        known = entry_of(result, self.known(result.sha256))
        if known is not None and not worth_another_attempt(result, known):
            return
        again = replace(result, attempt=1 if known is None else known["attempt"] + 1)
        named = {
            name: frame.with_columns(pl.lit(again.return_id).alias("return_id")) for name, frame in unified.items()
        }
        now = datetime.now(UTC).replace(tzinfo=None)
        run = RunRecord(f"library:{again.return_id}", now, self._contracts.digest, self._version)
        with self.transaction():
            self.begin_run(run)
            self.load(again, named, run=run)

    def _insert_ledger(self, result: ReturnResult, run: RunRecord) -> None:
        contract, supplier, counts = result.contract, result.supplier, result.counts()
        values = {
            "return_id": result.return_id, "run_id": run.run_id, "file": result.file, "sheet": result.sheet,
            "sha256": result.sha256, "contracts_digest": run.contracts_digest,
            "contract_id": contract and contract.id, "contract_version": contract and contract.version,
            "supplier_code": supplier and supplier.code, "supplier_name": supplier and supplier.name,
            "period_start": result.period_start, "period_end": result.period_end,
            "verdict": result.verdict, "loaded": result.is_loadable, "unresolved": result.is_unresolved,
            "attempt": result.attempt,
            **{f"rows_{name}": count for name, count in asdict(result.rows).items()},
            "errors": counts["error"], "warnings": counts["warning"], "control_rows": result.control_rows,
        }  # fmt: skip
        names, marks = ", ".join(values), ", ".join("?" for _ in values)
        self._run(
            f"INSERT INTO ledger.returns (sequence, {names}) "
            f"SELECT COALESCE(MAX(sequence), 0) + 1, {marks} FROM ledger.returns",
            list(values.values()),
        )

    def _quarantine(self, result: ReturnResult) -> None:
        rows = result.quarantined
        cells = (
            [json.dumps(list(row), ensure_ascii=False) for row in rows.drop("source_row").iter_rows()]
            if rows.width
            else []
        )
        if cells:
            frame = pl.DataFrame({"return_id": result.return_id, "source_row": rows["source_row"], "cells": cells})
            self._write("INSERT INTO quarantine.rows SELECT * FROM incoming", frame)
        if result.findings.height:
            frame = result.findings.select(
                pl.lit(result.return_id).alias("return_id"),
                "code",
                "rule",
                "severity",
                "row",
                "column",
                "cell",
                "value",
                "message",
            )
            self._write("INSERT INTO quarantine.findings SELECT * FROM incoming", frame)

    def known(self, sha256: str) -> list[dict[str, Any]]:
        return self._frame("SELECT * FROM ledger.returns WHERE sha256 = ? ORDER BY sequence", [sha256]).to_dicts()

    def has_run(self, run_id: str) -> bool:
        return bool(self._value("SELECT COUNT(*) FROM ledger.runs WHERE run_id = ?", [run_id]))

    def table(self, name: str) -> pl.DataFrame:
        return self._frame(f"SELECT * FROM unified.{quoted(name)}")

    def count(self, table: str, column: str, value: str) -> int:
        return int(self._value(f"SELECT COUNT(*) FROM unified.{quoted(table)} WHERE {quoted(column)} = ?", [value]))

    def referable(self, table: str, *, supplier_code: str, period_end: date) -> pl.DataFrame:
        return self._frame(
            f"SELECT h.* FROM history.{quoted(table)} AS h "
            "JOIN ledger.current_returns AS c ON c.return_id = h.return_id WHERE c.supplier_code = ? AND c.period_end <= ?",
            [supplier_code, period_end],
        )

    def total(self, table: str, measure: str | None, *, return_ids: list[str]) -> int | Decimal:
        what = "COUNT(*)" if measure is None else f"COALESCE(SUM({quoted(measure)}), 0)"
        total = self._value(
            f"SELECT {what} FROM history.{quoted(table)} WHERE list_contains(?, return_id)",
            [return_ids],
        )
        return total if isinstance(total, Decimal) else int(total)

    def returns(self) -> pl.DataFrame:
        return self._frame(
            "SELECT r.*, c.return_id IS NOT NULL AS is_current FROM ledger.returns AS r "
            "LEFT JOIN ledger.current_returns AS c ON c.return_id = r.return_id ORDER BY r.sequence"
        )

    def close(self) -> None:
        self._connection.close()

    def _run(self, statement: str, parameters: list[Any] | None = None) -> None:
        with self._explained():
            # A result that is not read to its end keeps the connection busy.
            self._connection.execute(statement, parameters).complete()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except duckdb.Error as error:
            # The engine's own text may quote values of rows: only its kind is passed on.
            raise StoreError(f"The store {self._path} failed ({type(error).__name__}). Nothing was changed.") from None

    def _write(self, statement: str, frame: pl.DataFrame) -> None:
        self._connection.register("incoming", frame.to_arrow())
        try:
            self._run(statement)
        finally:
            # In a transaction that has failed the engine refuses this too: the first error is the one to tell.
            with suppress(duckdb.Error):
                self._connection.unregister("incoming")

    def _frame(self, query: str, parameters: list[Any] | None = None) -> pl.DataFrame:
        with self._explained():
            table = self._connection.sql(query, params=parameters).to_arrow_table()
        return pl.DataFrame(pl.from_arrow(table))

    def _value(self, query: str, parameters: list[Any] | None = None) -> Any:
        with self._explained():
            rows = self._connection.execute(query, parameters).fetchall()
        return rows[0][0] if rows else None


def _create(path: Path) -> None:
    """Makes an empty store under another name and renames it: a file cut short while it is made cannot be opened."""
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        duckdb.connect(str(draft)).close()
        draft.chmod(_OURS_ALONE)
        draft.replace(path)
    except (OSError, duckdb.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else type(error).__name__
        raise StoreError(f"The store {path} cannot be made: {reason}.") from None


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(path))
    except duckdb.Error:
        raise StoreError(
            f"The store {path} cannot be opened: it is no DuckDB file, is in use by another program, or may not be written."
        ) from None
