"""The store: the unified tables with all that led to them, in a database. History, quarantine and ledger change together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from types import TracebackType
from typing import Self

import polars as pl

from probation_etl.arguments import typed
from probation_etl.contracts.checks.check import ReadTable
from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.odcs import Contracts
from probation_etl.contracts.organisations import Organisation
from probation_etl.intake.frames import Frames
from probation_etl.intake.references import References, Referred
from probation_etl.intake.result import ReturnResult
from probation_etl.stores import quarantine, received
from probation_etl.stores import totals as counting
from probation_etl.stores.computing import Computing
from probation_etl.stores.engine import Engine
from probation_etl.stores.entries import LedgerEntry, RunRecord
from probation_etl.stores.failures import Failures
from probation_etl.stores.ledger import Ledger
from probation_etl.stores.ledger_file.keeper import Keeper
from probation_etl.stores.matching import entry_of
from probation_etl.stores.preparation import Preparation
from probation_etl.stores.recorder import Recorder
from probation_etl.stores.referred import StoredRows
from probation_etl.stores.releases import Releases
from probation_etl.stores.rule_queries import RuleQueries
from probation_etl.stores.run_writer import RunWriter
from probation_etl.stores.standing import Standing
from probation_etl.stores.statements import stored_columns


class Store:
    """The unified tables with all that led to them, in a database.

    Use it as a context manager. Nothing is visible to others before :meth:`transaction` ends without an error.

    Attributes:
        preparation: Brings it up to date with the program and the contracts.
        ledger: What arrived, what was decided, and what counts.
        ledger_file: The file beside the store in which every load is written down too.
        failures: Contents that brought down what was reading them.
        releases: What readers see.
        computing: What contracts and libraries have the database compute.
    """

    def __init__(self, engine: Engine, contracts: Contracts, tables: Mapping[str, pl.DataFrame], version: str) -> None:
        """A store on an open database.

        Args:
            engine: The database.
            contracts: The contracts whose unified tables it holds.
            tables: Reference tables by name, all columns String.
            version: The program's version, for the ledger.
        """
        self._engine, self._contracts, self._version = engine, contracts, version
        self._tables = tables
        self._standing = Standing(engine, contracts.unified())
        self._recorder = Recorder(engine, self._standing)
        self.preparation = Preparation(engine, contracts, tables, self._standing)
        self.ledger = Ledger(engine, self._standing)
        self.ledger_file = Keeper(engine)
        self.failures = Failures(engine, version)
        self.computing = Computing(engine, contracts, self._standing)
        self.releases = Releases(engine, contracts, self._standing, self.ledger_file)

    @contextmanager
    def transaction(self, *, keep: bool = True) -> Iterator[None]:
        """All or nothing: what is written inside becomes visible when the block ends, or not at all.

        Args:
            keep: False to undo everything at the end (a dry run).
        """
        with self._recorder.anew():
            with self._engine.transaction(keep=keep):
                self.ledger_file.begin(is_kept=keep)
                with self._standing.kept():
                    yield
                batch = self.ledger_file.intend()
            self.ledger_file.committed(batch)

    def begin_run(self, run: RunRecord) -> RunWriter:
        """Writes a run into the ledger. What it returns writes all that belongs to the run."""
        self.ledger_file.agree_once()
        sequence = self._recorder.add_run(run)
        self.ledger_file.loading(run.run_id)
        return RunWriter(run, sequence, self._engine, self._contracts, self._recorder, self.ledger_file, self._standing)

    def load(self, result: ReturnResult, unified: Mapping[str, pl.DataFrame]) -> None:
        """Writes one return: its ledger entry, its unified rows, its quarantine, findings and content.

        It gets a run of its own. A return that the store has already is left as it is.

        Args:
            result: The return.
            unified: Rows by unified table, as from harmonising; left out where the return is not loadable.
        """
        known = entry_of(result, self.ledger.known(result.sha256))
        if known is not None and result.attempt <= known.attempt:
            return
        now = datetime.now(UTC).replace(tzinfo=None)
        run = RunRecord(f"library:{result.return_id}", now, self._contracts.digest, self._version)
        with self.transaction():
            self.begin_run(run).load(result, {table: Frames.of(rows) for table, rows in unified.items()})

    def settle(self, original_id: str) -> None:
        """Writes down that a return was validated in the light of all that the store holds now."""
        self._recorder.settle(original_id)

    @typed
    def query(self, statement: str, parameters: list[object] | None = None) -> pl.DataFrame:
        """Any query on the store's schemas, with ``$1`` for the first parameter. For looking, not for writing."""
        self._standing.refresh()
        return self._engine.frame(self.computing.reading(statement), parameters)

    def counted(self, statement: str, parameters: list[object] | None = None) -> int:
        """The number that a query gives."""
        self._standing.refresh()
        return int(self._engine.value(statement, parameters))

    @typed
    def table(
        self, name: str, *, as_of: str | datetime | None = None, where: Mapping[str, object] | None = None
    ) -> pl.DataFrame:
        """A unified table or view as a frame: the columns of its contract, and for tables the lineage columns.

        Args:
            name: The table.
            as_of: Shows it as it was after that run, or after the last run that had started by that time (UTC).
            where: Columns with the values that rows must have; None where there must be none.

        Raises:
            UsageError: The ledger knows no such run.
        """
        wanted = where or {}
        holds = [f"{quoted(column)} IS NOT DISTINCT FROM ${at}" for at, column in enumerate(wanted, 1)]
        query = f"SELECT * FROM unified.{quoted(name)}" + (f" WHERE {' AND '.join(holds)}" if holds else "")
        with self.as_it_was(as_of):
            return self.query(query, list(wanted.values()))

    @contextmanager
    def as_it_was(self, moment: str | datetime | None) -> Iterator[None]:
        """Inside, the store shows what it showed after that run, or after the last run that had started by that time (UTC).

        Not for use inside a transaction. None: as it is now.

        Raises:
            UsageError: The ledger knows no such run.
        """
        if moment is None:
            yield
            return
        # Rolled back at the end, and never visible to others.
        with self.transaction(keep=False):
            self._standing.show(self.ledger.run_at(moment))
            yield

    @typed
    def returns(self, *, as_of: str | datetime | None = None) -> pl.DataFrame:
        """The ledger of returns as a frame, with the fields of :class:`LedgerEntry` as columns.

        Args:
            as_of: Shows which returns counted after that run, or after the last run that had started by that time (UTC).

        Raises:
            UsageError: The ledger knows no such run.
        """
        return self.ledger.frame(None if as_of is None else self.ledger.run_at(as_of))

    def entries(self) -> list[LedgerEntry]:
        """The same as values."""
        return self.ledger.entries()

    @typed
    def is_current(self, return_id: str) -> bool:
        """Whether the rows of an attempt at a return are in the unified tables."""
        return self.ledger.is_current(return_id)

    @typed
    def findings(self, return_id: str) -> pl.DataFrame:
        """Findings of an attempt: ``code``, ``rule``, ``severity``, ``source_row``, ``column_name``, ``cell``, ``value``, ``message``."""
        return quarantine.findings(self._engine, return_id)

    @typed
    def content(self, sha256: str) -> bytes | None:
        """The content of a received file, None where it was not kept.

        Raises:
            StoreError: It is damaged.
        """
        return received.content(self._engine, sha256)

    def content_parts(self, sha256: str) -> Iterator[bytes]:
        """The same part by part, of which one is in memory at a time; nothing where it was not kept.

        Raises:
            StoreError: It is damaged.
        """
        return received.parts(self._engine, sha256)

    def references(self, supplier: Organisation | None, period_end: date | None) -> References:
        """What a return may refer to: rows of its supplier that are current for this or an earlier period."""
        if supplier is None or period_end is None:
            return RuleQueries(lambda _table: None, lambda _table: None, self._tables)
        sender, end = supplier.code, period_end

        def rows(table: str) -> Referred:
            # Returns are taken between such questions, and which rows are current is not asked.
            self._standing.refresh_returns()
            return StoredRows(self._engine, self._contracts.unified_table(table), sender, end)

        return RuleQueries(rows, partial(self._beside, sender, end), self._tables)

    def _beside(self, sender: str, end: date, table: ReadTable) -> pl.DataFrame:
        """The rows of a unified table that are current for a period of a supplier, or for the last one before it."""
        self._standing.refresh_returns()
        columns = ", ".join(f"h.{quoted(name)}" for name in stored_columns(self._contracts.unified_table(table.name)))
        returns = self._contracts.return_versions()
        fill = list(dict.fromkeys(each.id for each in returns if each.mapping.table == table.name))
        named = ", ".join(f"${number}" for number in range(3, 3 + len(fill)))
        before = (
            "(SELECT MAX(period_end) FROM ledger.current_returns WHERE supplier_code = $1 AND period_end < $2 "
            f"AND contract_id IN ({named}))"
        )
        return self._engine.frame(
            f"SELECT {columns} FROM history.{quoted(table.name)} AS h JOIN ledger.current_returns AS c ON c.return_id = h.return_id "
            f"WHERE c.supplier_code = $1 AND c.period_end = {before if table.where == 'previous' else '$2'}"
            f" AND c.contract_id IN ({named})",
            [sender, end, *fill],
        )  # fmt: skip

    @typed
    def totals(self, table: str) -> pl.DataFrame:
        """Rows and measures of a unified table, counted at each stage of their way, for every return that has any.

        Returns:
            ``stage`` (String), ``return_id`` (String), and a Decimal column for ``rows`` and each measure, null where it
            is not known. Stages: ``sent`` (counted before rows were mapped), ``stored`` (in the history), ``superseded``
            (rows of current returns that another row with the same key replaces), ``current``, ``replaced`` (the table's
            query shows another row instead), ``unified`` (in the table).
        """
        return self.query(counting.totals(self._contracts.unified_table(table)))

    def changed_by(self, table: str, run_id: str) -> pl.Series:
        """The returns of which a run made rows of a unified table current, or ended that, by name."""
        run = "(SELECT sequence FROM ledger.runs WHERE run_id = $1)"
        rows = f"SELECT DISTINCT return_id FROM history.{quoted(table)} WHERE from_run = {run} OR until_run = {run}"
        return self.query(rows, [run_id])["return_id"]

    @typed
    def view_totals(self, view: str) -> list[pl.DataFrame]:
        """Totals of a view beside those of the unified tables, one frame for each that its contract names.

        Returns:
            The columns that the totals are grouped by, ``sent`` and ``shown`` (Decimal): the table's total and the view's.
        """
        contract = self._contracts.unified_table(view)
        return counting.view_totals(contract, self._contracts.unified_table, self.query)

    def may_read(self, schema: str) -> bool:
        """Whether the user of the database may read every table of a schema: a reader may have rights to ``released`` alone."""
        return self._engine.may_read(schema)

    def close(self) -> None:
        """Lets go of the store."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
