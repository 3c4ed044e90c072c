"""Proofs about rows: history and quarantine agree with the ledger, and the unified tables with history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

import polars as pl

from probation_etl.audit.verify.evidence import Evidence, Fault
from probation_etl.audit.verify.recomputed import differences
from probation_etl.contracts.checks.measures import ROWS, amounts, counted
from probation_etl.contracts.model import LINEAGE_COLUMNS, TableContract
from probation_etl.contracts.numbers import plain_number
from probation_etl.stores import Attempt

_LINEAGE = list(LINEAGE_COLUMNS)


def history(evidence: Evidence) -> Iterator[Fault]:
    """History has the rows and totals of each loaded attempt that the ledger records, and nothing else; none of one that was purged."""
    for entry in evidence.returns:
        table = evidence.table_of(entry)
        if entry.loaded and table and entry.return_id not in evidence.purged:
            yield from _against_ledger(evidence, entry, table)
    loaded = {
        each.return_id: evidence.table_of(each)
        for each in evidence.returns
        if each.loaded and each.return_id not in evidence.purged
    }
    for table_name, rows in evidence.history.items():
        own = {name for name, table in loaded.items() if table is None or table.table == table_name}
        for name, count in rows.group_by("return_id").len().sort("return_id").rows():
            if name not in own:
                yield Fault(str(name), f"history.{table_name} holds {count} row(s) of it, and it is not loaded there")


def _against_ledger(evidence: Evidence, entry: Attempt, table: TableContract) -> Iterator[Fault]:
    where, rows = entry.return_id, evidence.rows_of(entry)
    if rows["source_row"].n_unique() != entry.rows_accepted:
        yield Fault(where, f"history holds {rows['source_row'].n_unique()} of its rows, {entry.rows_accepted} accepted")
    if rows.select(_identity(evidence, table)).is_duplicated().any():
        yield Fault(where, "history holds a row of it more than once")
    totals = evidence.totals.get(where, {}).get(table.table, {})
    for measure, total in totals.items():
        found = _sum(rows, measure, [where], table)
        if found != total:
            both = f"{plain_number(found)} in history, {plain_number(total)} in the ledger"
            if measure in table.silent_measures:
                both = "the total in history is not that in the ledger"
            yield Fault(where, f"{table.table}.{measure}: {both}")
    if ROWS not in totals and entry.sequence > evidence.kept_since:
        yield Fault(where, "its totals are not in the ledger")


def _identity(evidence: Evidence, table: TableContract) -> list[str]:
    """Columns that identify a row of a return: its source row, and also the key where a source row becomes several rows."""
    mappings = [each.mapping for each in evidence.rulebook.returns()]
    unpivoted = any(each.table == table.table and each.unpivot for each in mappings)
    return [*_LINEAGE, *(table.key if unpivoted else ())]


def quarantine(evidence: Evidence) -> Iterator[Fault]:
    """Quarantine has the rows and findings that the ledger counts, and no accepted row; none of a return that was purged."""
    severities = "SELECT return_id, severity, COUNT(*) AS n FROM quarantine.findings GROUP BY 1, 2"
    findings = {(name, severity): count for name, severity, count in evidence.store.query(severities).rows()}
    for name in sorted({*evidence.quarantined, *(name for name, _ in findings)} - evidence.by_id.keys()):
        yield Fault(name, "quarantine holds rows or findings of it, and it is not in the ledger")
    for name, entry in evidence.by_id.items():
        own = evidence.quarantined.get(name, [])
        kept = name not in evidence.purged
        if len(own) != (entry.rows_quarantined if kept else 0):
            yield Fault(name, f"{len(own)} rows in quarantine, {entry.rows_quarantined if kept else 0} in the ledger")
        if len(set(own)) < len(own) or not set(own).isdisjoint(evidence.rows_of(entry)["source_row"]):
            yield Fault(name, "a row of it is in quarantine twice, or is accepted as well")
        for severity, listed in (("error", entry.errors), ("warning", entry.warnings)):
            found = findings.get((name, severity), 0)
            if found != (listed if kept else 0):
                yield Fault(name, f"{found} {severity} finding(s) in quarantine, {listed if kept else 0} in the ledger")


def unified(evidence: Evidence) -> Iterator[Fault]:
    """Unified tables and views are what history, ledger and the contracts' queries give when they are recomputed."""
    for table, expected in evidence.expected.items():
        found = evidence.shown[table]
        different = differences(found, expected)
        if not different.height:
            continue
        surplus = different["surplus"]
        counts = f"{surplus.clip(0).sum()} row(s) that should not be there, {-surplus.clip(None, 0).sum()} missing"
        names = sorted(set(different["return_id"])) if "return_id" in different.columns else []
        yield Fault(f"unified.{table}", f"{counts}{': rows of ' + ', '.join(map(str, names[:5])) if names else ''}")


def keys(evidence: Evidence) -> Iterator[Fault]:
    """In unified tables and views no key occurs twice; every row of a table comes from a current return, each source row once."""
    for contract in evidence.rulebook.contracts.tables():
        rows = evidence.shown[contract.table]
        for what, columns in (("key", list(contract.key)), ("source row", _identity(evidence, contract))):
            if columns and set(columns) <= set(rows.columns) and (twice := rows.select(columns).is_duplicated().sum()):
                yield Fault(f"unified.{contract.table}", f"{twice} rows share their {what} with another")
        strangers = set(rows["return_id"]) - evidence.current.keys() if not contract.is_view else set()
        yield from (Fault(str(name), f"unified.{contract.table} shows rows of it") for name in sorted(strangers))


def totals(evidence: Evidence) -> Iterator[Fault]:
    """By supplier and period: totals of current returns − superseded rows = totals of the unified table."""
    for contract in evidence.unified:
        left = evidence.expected[contract.table]
        if not set(_LINEAGE) <= set(left.columns):
            continue
        shown = evidence.shown[contract.table]
        identity = _identity(evidence, contract)
        shadowed = evidence.history[contract.table].join(left, on=identity, how="anti", nulls_equal=True)
        for place, sent in _sent(evidence, contract).items():
            for measure in dict.fromkeys(name for each in sent.values() for name in each):
                due = sum(
                    (each.get(measure, Decimal(0)) for each in sent.values()), -_sum(shadowed, measure, sent, contract)
                )
                found = _sum(shown, measure, sent, contract)
                if due != found:
                    both = f"{plain_number(due)} due, {plain_number(found)} in unified.{contract.table}"
                    if measure in contract.silent_measures:
                        both = f"the total due is not that in unified.{contract.table}"
                    yield Fault(", ".join(sent), f"{place}: {measure}: {both}")


def _sent(evidence: Evidence, contract: TableContract) -> dict[str, dict[str, Mapping[str, Decimal]]]:
    """Totals that current returns sent for a table: by supplier and period, return and measure."""
    found: dict[str, dict[str, Mapping[str, Decimal]]] = {}
    for name, entry in sorted(evidence.current.items()):
        counted = evidence.totals.get(name, {}).get(contract.table)
        if counted:
            found.setdefault(f"{entry.supplier_code}, {entry.period_end}", {})[name] = counted
    return found


def _sum(rows: pl.DataFrame, measure: str, names: Iterable[str], table: TableContract) -> Decimal:
    own = rows.filter(pl.col("return_id").is_in(list(names)))
    return Decimal(counted(own, {measure: amounts(table)[measure]})[measure])
