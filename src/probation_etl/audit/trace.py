"""Where a unified row comes from: run, file, hash, sheet, row, cells as the supplier wrote them, and findings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from probation_etl.audit.kept_returns import KeptReturn, KeptReturns
from probation_etl.audit.traced import Trace, TracedCell, TracedFinding, TracedRow
from probation_etl.contracts.durations import OF_CELLS, duration_form
from probation_etl.contracts.masking import shape
from probation_etl.contracts.model import LINEAGE_COLUMNS, TableContract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.contracts.suggestions import did_you_mean
from probation_etl.errors import UnreadableFile, UsageError
from probation_etl.intake.readers import column_letters
from probation_etl.stores import LedgerEntry, Store

#: Rows that are traced unless more are asked for.
SHOWN = 20
_LINEAGE_TYPES = dict(zip(LINEAGE_COLUMNS, ("string", "integer"), strict=True))


def _length(text: str) -> timedelta:
    found = next((each for form in OF_CELLS if (each := duration_form(form).read(text)) is not None), None)
    if found is None:
        raise ValueError
    return found


_READ: Mapping[str, Callable[[str], Any]] = {
    "integer": int,
    "number": Decimal,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
    "time": time.fromisoformat,
    "duration": _length,
}


def trace(
    store: Store,
    rulebook: Rulebook,
    table: str,
    where: Mapping[str, str],
    *,
    as_of: str | datetime | None = None,
    show_restricted: bool = False,
    limit: int | None = SHOWN,
) -> Trace:
    """Traces the rows of a unified table that have these values.

    Args:
        store: An open store.
        rulebook: The contracts that it was opened with.
        table: The unified table.
        where: Text of values by column, dates as yyyy-mm-dd; an empty text where there must be no value.
        as_of: Looks at the table as it was after that run or at that time.
        show_restricted: Shows values of restricted columns; by default their shape alone (``A999999``).
        limit: Rows that are traced at most; None for all.

    Raises:
        UsageError: There is no such table, column or row, or a value is not of its column's type.
    """
    contract = _table(rulebook, table)
    wanted = {name: _value(text, name, _type_of(contract, name)) for name, text in where.items()}
    found = store.table(contract.table, as_of=as_of, where=wanted)
    if not found.height:
        none = f"No row of {table} has {'these values' if len(wanted) > 1 else 'this value'}."
        raise UsageError(f"{none}{_purged(store)}")
    lacking = [name for name in LINEAGE_COLUMNS if name not in found.columns]
    if lacking:
        raise UsageError(f"The query of {table} does not give {' and '.join(lacking)}: its rows cannot be traced.")
    tracer = _Tracer(store, rulebook, contract, hide=not show_restricted)
    rows = found.sort(LINEAGE_COLUMNS).head(found.height if limit is None else limit)
    return Trace(table, found.height, tuple(map(tracer.traced, rows.to_dicts())))


def _table(rulebook: Rulebook, table: str) -> TableContract:
    known = {each.table: each for each in rulebook.contracts.tables()}
    if table not in known:
        raise UsageError(f"There is no unified table ‘{table}’{did_you_mean(table, known)}")
    if known[table].is_view:
        tables = ", ".join(sorted(name for name, each in known.items() if not each.is_view))
        raise UsageError(f"‘{table}’ is a view: its rows are computed from many. Trace a row of {tables}.")
    return known[table]


def _purged(store: Store) -> str:
    """Why a row may be gone that somebody remembers."""
    purges = store.ledger.purges()
    if not purges:
        return ""
    last = purges[-1].run_id
    return f" The rows of {len({each.return_id for each in purges})} return(s) were purged, last by run {last}: they had been kept for their time."


def _type_of(contract: TableContract, name: str) -> str:
    types = {**{each.name: each.type for each in contract.columns}, **_LINEAGE_TYPES}
    if name not in types:
        raise UsageError(f"{contract.table} has no column ‘{name}’{did_you_mean(name, types)}")
    return types[name]


def _value(text: str, name: str, kind: str) -> Any:
    """A text in the type of its column. No message repeats the text: the column may be restricted."""
    if not text:
        return None
    try:
        if kind == "boolean":
            return {"true": True, "false": False}[text.lower()]
        return _READ.get(kind, str)(text)
    except (ValueError, InvalidOperation, KeyError):
        such = {
            "integer": "12",
            "number": "12.5",
            "date": "2020-11-29",
            "boolean": "true",
            "timestamp": "2020-11-29T09:30:00",
            "time": "09:30:00",
            "duration": "25:30:00",
        }[kind]
        raise UsageError(f"The value for ‘{name}’ is not of the type {kind}: expected one such as {such}.") from None


class _Tracer:
    """Traces rows of one table, those of a return together."""

    def __init__(self, store: Store, rulebook: Rulebook, contract: TableContract, *, hide: bool) -> None:
        self._store, self._rulebook, self._contract, self._hide = store, rulebook, contract, hide
        self._entries = {each.return_id: each for each in store.ledger.entries()}
        runs = store.query("SELECT run_id, started_at FROM ledger.runs").rows()
        self._started = dict(runs)
        self._received = KeptReturns(store, rulebook)
        self._sent: dict[str, KeptReturn | str] = {}
        self._found: dict[str, pl.DataFrame] = {}

    def traced(self, row: Mapping[str, Any]) -> TracedRow:
        """One row of the unified table, with all that led to it."""
        entry = self._entries[row["return_id"]]
        sent, at = self._as_sent(entry), row["source_row"]
        restricted = {each.name for each in self._contract.columns if each.restricted}
        return TracedRow(
            table=self._contract.table,
            row={name: self._shown(value, hide=name in restricted) for name, value in row.items()},
            source_row=at,
            entry=entry,
            run_started_at=self._started[entry.run_id],
            state=self._state(entry),
            cells=() if isinstance(sent, str) else tuple(self._cells(sent, at)),
            cells_missing=sent if isinstance(sent, str) else None,
            findings=self._findings(entry.return_id, at),
            joined=tuple(self._joined(row)),
        )

    def _state(self, entry: LedgerEntry) -> str:
        """What has become of the row's return since: tables as of an earlier time also show superseded and withdrawn returns."""
        if entry.is_current:
            return "current"
        if entry.withdrawn:
            return "withdrawn"
        place = entry.supplier_code, entry.kind, entry.period_end
        rivals = (e for e in self._entries.values() if (e.supplier_code, e.kind, e.period_end) == place)
        after = next((each.return_id for each in rivals if each.is_current), None)
        return f"superseded by {after}" if after else "superseded"

    def _as_sent(self, entry: LedgerEntry) -> KeptReturn | str:
        name = entry.return_id
        if name not in self._sent:
            try:
                self._sent[name] = self._received.of(entry)
            except UnreadableFile as error:
                self._sent[name] = str(error)
        return self._sent[name]

    def _findings(self, return_id: str, source_row: int) -> tuple[TracedFinding, ...]:
        if return_id not in self._found:
            self._found[return_id] = self._store.findings(return_id)
        own = self._found[return_id].filter(pl.col("source_row") == source_row)
        return tuple(TracedFinding(**each) for each in own.iter_rows(named=True))

    def _cells(self, sent: KeptReturn, source_row: int) -> Iterator[TracedCell]:
        """The cells of a row under the supplier's headers. Cells that no column of the contract describes are masked too."""
        rows = sent.table.raw.filter(pl.col("source_row") == source_row).drop("source_row").rows()
        for at, value in enumerate(rows[0] if rows else ()):
            header, name = sent.header.texts[at], sent.header.meanings[at]
            if header is None and value is None:
                continue
            hide = name is None or sent.contract.column(name).restricted
            place = None if sent.table.letters is None else f"{column_letters(at + sent.first_column)}{source_row}"
            header = header and self._shown(header, hide=False)
            yield TracedCell(header, name, place, self._shown(value, hide=hide))

    def _joined(self, row: Mapping[str, Any]) -> Iterator[TracedRow]:
        """Rows of other tables that the table's query joins to this one: those with the same key and the joined values."""
        joined = {each.name for each in self._contract.columns if each.joined and row.get(each.name) is not None}
        read = set(re.findall(r"\bcurrent_rows\.\"?(\w+)", self._contract.query or "")) - {self._contract.table}
        for other in self._rulebook.contracts.unified():
            common = joined & set(other.column_names)
            if other.table not in read or not common or not set(self._contract.key) <= set(other.column_names):
                continue
            rows = self._store.table(other.table, where={name: row[name] for name in (*self._contract.key, *common)})
            tracer = _Tracer(self._store, self._rulebook, other, hide=self._hide)
            yield from map(tracer.traced, rows.to_dicts())

    def _shown(self, value: Any, *, hide: bool) -> Any:
        if isinstance(value, timedelta):
            value = duration_form("H:mm:ss").write(value)
        if isinstance(value, (date, time, Decimal)):
            value = str(value)
        if not self._hide or value is None:
            return value
        if hide:
            return shape(str(value))
        return self._rulebook.guard.text(value) if isinstance(value, str) else value
