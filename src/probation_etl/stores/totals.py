"""SQL that follows rows and measures through the store: history, current rows, unified table, view.

Each statement gives the figures of all returns at once. Expressions come from contracts and were checked against their
columns when these were loaded; names are quoted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import polars as pl

from probation_etl.contracts.checks.measures import ROWS, amount, amounts, shown_amounts
from probation_etl.contracts.identifiers import literal, quoted
from probation_etl.contracts.model import LINEAGE_COLUMNS, Counterpart, Reconciled, TableContract
from probation_etl.stores.statements import OPEN, same_key, stored_columns

#: Stages at which totals are counted: before rows were mapped (from the ledger), in the history, superseded rows, current
#: rows, rows that the table's query replaces by others, and rows of the table.
STAGES = ("sent", "stored", "superseded", "current", "replaced", "unified")
_NUMBER = "DECIMAL(28,6)"
_RETURN, _ROW = map(quoted, LINEAGE_COLUMNS)


def totals(unified: TableContract) -> str:
    """A query for the totals of a unified table: ``stage``, ``return_id`` and a column for ``rows`` and each measure."""
    stored = f"SELECT * FROM history.{quoted(unified.table)}"
    current = f"SELECT * FROM current_rows.{quoted(unified.table)}"
    shown = f"SELECT * FROM unified.{quoted(unified.table)}"
    own, expected = amounts(unified), _expected(unified)
    parts = [
        _sent(unified),
        _summed("stored", stored, own, unified),
        _summed("current", current, expected, unified),
        _summed("unified", shown, shown_amounts(unified), unified),
    ]
    if unified.key:
        parts.append(_summed("superseded", _superseded(unified), own, unified))
    if unified.replaced:
        parts.append(_summed("replaced", f"{current} AS t WHERE {_stands_in(unified)}", expected, unified))
    return " UNION ALL ".join(parts)


def view_sides(view: TableContract, tables: Callable[[str], TableContract]) -> list[tuple[str, str]]:
    """Queries for each total of a view: over its unified table, with a column for each measure, and over the view.

    Totals that are grouped by the same columns share their queries, so that a view is computed once for all of them. The
    view's totals are in columns named by their number in the contract.
    """
    found = []
    for each in view.reconciles:
        alike = {str(at): other for at, other in enumerate(view.reconciles) if other.by == each.by}
        amounts_of = shown_amounts(tables(each.table))
        measures = {other.measure: amounts_of[other.measure] for other in alike.values() if other.table == each.table}
        shown = {at: amount(other.total, view) for at, other in alike.items()}
        found.append((_grouped(each.table, each.by, measures), _grouped(view.table, each.by, shown)))
    return found


def _grouped(table: str, by: Iterable[str], given: Mapping[str, str]) -> str:
    columns = ", ".join(map(quoted, by))
    sums = ", ".join(f"{_sum(text)} AS {quoted(name)}" for name, text in given.items())
    return f"SELECT {columns}, {sums} FROM unified.{quoted(table)} GROUP BY {columns}"


def view_totals(
    view: TableContract, tables: Callable[[str], TableContract], query: Callable[[str], pl.DataFrame]
) -> list[pl.DataFrame]:
    """Totals of a view beside those of its unified tables, as :meth:`Store.view_totals` gives them."""
    sides = view_sides(view, tables)
    found = {text: query(text) for text in dict.fromkeys(text for pair in sides for text in pair)}
    return [
        _side_by_side(each, number, found[sent], found[shown])
        for number, (each, (sent, shown)) in enumerate(zip(view.reconciles, sides, strict=True))
    ]


def _side_by_side(reconciled: Reconciled, number: int, sent: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """One total of a view beside that of its table; a group that one side lacks counts as 0 there."""
    by = list(reconciled.by)
    left = sent.select(*by, pl.col(reconciled.measure).alias("sent"))
    right = shown.select(*by, pl.col(str(number)).alias("shown"))
    return left.join(right, on=by, how="full", coalesce=True, nulls_equal=True).with_columns(
        pl.col("sent", "shown").fill_null(0)
    )


def _sent(unified: TableContract) -> str:
    """Totals from the ledger; null where the measure has changed since it was counted."""
    given = amounts(unified)
    columns = [
        f"SUM(CASE WHEN measure = {literal(name)} AND expression = {literal(given[name])} THEN total END)"
        if name in given
        else f"CAST(NULL AS {_NUMBER})"
        for name in names(unified)
    ]
    listed = ", ".join(f"{text} AS {quoted(name)}" for text, name in zip(columns, names(unified), strict=True))
    where = f"table_name = {literal(unified.table)}"
    return f"SELECT 'sent' AS stage, return_id, {listed} FROM ledger.totals WHERE {where} GROUP BY return_id"


def names(unified: TableContract) -> tuple[str, ...]:
    """``rows`` and the names of the measures."""
    return (ROWS, *(each.name for each in unified.measures))


def _summed(stage: str, rows: str, given: Mapping[str, str], unified: TableContract) -> str:
    listed = ", ".join(
        f"{_sum(given[name]) if name in given else f'CAST(NULL AS {_NUMBER})'} AS {quoted(name)}"
        for name in names(unified)
    )
    return f"SELECT '{stage}' AS stage, {_RETURN} AS return_id, {listed} FROM ({rows}) AS t GROUP BY {_RETURN}"


def _sum(text: str) -> str:
    return f"CAST(COALESCE(SUM({text}), 0) AS {_NUMBER})"


def _expected(unified: TableContract) -> dict[str, str]:
    """Expressions over current rows. Joined columns do not exist yet: their measures count matching counterparts instead."""
    joined = {
        each.name: f"CASE WHEN {_has(each.counterpart)} THEN 1 ELSE 0 END"
        for each in unified.measures
        if each.counterpart
    }
    return {**amounts(unified), **joined}


def _has(counterpart: Counterpart) -> str:
    return f"EXISTS (SELECT 1 FROM current_rows.{quoted(counterpart.table)} AS other WHERE {_same(counterpart.by)})"


def _same(columns: Iterable[str]) -> str:
    return " AND ".join(f"other.{quoted(name)} = t.{quoted(name)}" for name in columns)


def _superseded(unified: TableContract) -> str:
    """Rows of current returns that are not shown because another row with the same key is."""
    columns = ", ".join(f"h.{quoted(name)}" for name in stored_columns(unified))
    history = f"history.{quoted(unified.table)}"
    joined = f"{history} AS h JOIN ledger.current_returns AS c ON c.return_id = h.{_RETURN}"
    another = f"SELECT 1 FROM {history} AS o WHERE o.until_run = {OPEN} AND {same_key(unified, 'o', 'h')}"
    return f"SELECT {columns} FROM {joined} WHERE h.until_run < {OPEN} AND EXISTS ({another})"


def _stands_in(unified: TableContract) -> str:
    """Condition: a current row may be left out by the query, is left out, and another row is shown instead."""
    if unified.replaced is None:
        return "FALSE"
    shown = f"SELECT 1 FROM unified.{quoted(unified.table)} AS other WHERE"
    left_out = f"NOT EXISTS ({shown} {_same(LINEAGE_COLUMNS)})"
    return f"({unified.replaced.condition}) AND {left_out} AND EXISTS ({shown} {_same(unified.replaced.by)})"
