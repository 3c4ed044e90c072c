"""What can be wrong with the totals of unified tables and views: measures, replaced rows, reconciliation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from probation_etl.contracts.checks.blank import unknown_columns
from probation_etl.contracts.checks.compiled import TYPES
from probation_etl.contracts.checks.measures import ROWS, amount
from probation_etl.contracts.checks.place import Place
from probation_etl.contracts.checks.types import called
from probation_etl.contracts.checks.usable import unusable
from probation_etl.contracts.model import Measure, Reconciled, ReturnContract, TableContract
from probation_etl.contracts.suggestions import did_you_mean


def total_faults(
    contract: TableContract, tables: Mapping[str, TableContract], returns: Iterable[ReturnContract]
) -> Iterator[str]:
    """What is wrong with the totals of a unified table or a view, each with its place in the contract.

    Args:
        contract: The table or view.
        tables: Every unified table and view, by its name.
        returns: The contracts of returns.
    """
    senders = [each for each in returns if each.mapping.table == contract.table]
    for part, misplaced in _misplaced(contract).items():
        yield from [f"{contract.where(part)}: {misplaced}"] if misplaced else []
    for measure in contract.measures:
        found = [*_measure_faults(measure, contract, tables), *_lookup_faults(measure, senders)]
        yield from (f"{contract.where('measures')}: ‘{measure.name}’: {fault}" for fault in found)
    if contract.replaced:
        where, blank = contract.where("replaced"), _blank(contract, stored=True)
        fault = _expression_fault(contract.replaced.condition, blank, (pl.Boolean(),), "a condition")
        yield from [f"{where}: {fault}"] if fault else []
        yield from (f"{where}: {fault}" for fault in _unknown(contract.replaced.by, blank.columns))
    for each in contract.reconciles:
        yield from (f"{contract.where('reconciles')}: {fault}" for fault in _view_faults(each, contract, tables))


def _misplaced(contract: TableContract) -> dict[str, str]:
    """Totals that a contract of this layer does not have."""
    return {
        "measures": "only a unified table has measures" if contract.measures and contract.is_view else "",
        "replaced": "only a unified table leaves out rows" if contract.replaced and contract.is_view else "",
        "reconciles": "only a view is compared with unified tables"
        if contract.reconciles and not contract.is_view
        else "",
    }


def _measure_faults(measure: Measure, unified: TableContract, tables: Mapping[str, TableContract]) -> Iterator[str]:
    if measure.name == ROWS:
        yield f"‘{ROWS}’ is a reserved name"
    blank = _blank(unified, stored=measure.counterpart is None)
    # A sum of fractions in binary is not the same in every order: only what adds up exactly can be compared.
    kinds = (pl.Boolean(), pl.Int64(), pl.Decimal(28, 6))
    fault = _expression_fault(measure.expression, blank, kinds, "a number to add up, or a condition to count")
    if fault:
        yield fault
    elif not measure.silent and (shown := _restricted(measure.expression, unified)):
        yield f"it would show values of ‘{shown}’, which is restricted: say ‘silent: true’"
    if measure.counterpart:
        other = tables.get(measure.counterpart.table)
        if other is None or other.is_view:
            known = [name for name, each in tables.items() if not each.is_view]
            yield f"there is no unified table ‘{measure.counterpart.table}’{did_you_mean(measure.counterpart.table, known)}"
        else:
            for side in (unified, other):
                yield from _unknown(measure.counterpart.by, _blank(side, stored=True).columns)


def _restricted(expression: str, table: TableContract) -> str:
    """A restricted column whose values a sum would show; a count of rows shows none."""
    if amount(expression, table).startswith("CASE WHEN "):
        return ""
    names = pl.sql_expr(expression).meta.root_names()
    return next((name for name in names if table.column(name).restricted), "")


def _lookup_faults(measure: Measure, senders: Iterable[ReturnContract]) -> Iterator[str]:
    """The mapping looks values up: what it finds cannot be counted before."""
    names = set(_names(measure.expression)) if measure.counterpart is None else set()
    for sender in senders:
        mapped = [each for row in sender.mapping.rows for each in row.columns]
        found = {name for each in mapped if each.lookups for name in (each.name, each.basis_column)} & names
        for name in sorted(filter(None, found)):
            yield f"a lookup fills ‘{name}’ ({sender.id}), so it cannot be counted before rows are mapped"


def _view_faults(each: Reconciled, view: TableContract, tables: Mapping[str, TableContract]) -> Iterator[str]:
    numbers = (pl.Boolean(), pl.Int64(), pl.Float64(), pl.Decimal(28, 6))
    fault = _expression_fault(each.total, _blank(view), numbers, "a number to add up, or a condition to count")
    unified = tables.get(each.table)
    is_silent = unified is not None and each.measure in unified.silent_measures
    if fault:
        yield fault
    elif not is_silent and (shown := _restricted(each.total, view)):
        yield f"it would show values of ‘{shown}’, which is restricted, and the measure is not silent"
    if unified is None or unified.is_view:
        known = [name for name, table in tables.items() if not table.is_view]
        yield f"there is no unified table ‘{each.table}’{did_you_mean(each.table, known)}"
        return
    measures = (ROWS, *(measure.name for measure in unified.measures))
    if each.measure not in measures:
        yield f"{each.table} has no measure ‘{each.measure}’{did_you_mean(each.measure, measures)}"
    for side in (view, unified):
        yield from _unknown(each.by, side.column_names)
        named = [name for name in each.by if name in side.column_names and side.column(name).restricted]
        yield from (f"‘{name}’ is restricted, and would be named where totals differ" for name in named)


def _expression_fault(text: str, blank: pl.DataFrame, kinds: tuple[pl.DataType, ...], expected: str) -> str:
    unusable_for = unusable(text, blank.schema, Place.AMOUNT)
    if unusable_for:
        return unusable_for[0]
    expression = pl.sql_expr(text)
    unknown = unknown_columns(expression, blank)
    given = None if unknown else _computed(expression, blank)
    if unknown or given is None:
        return unknown or f"‘{text}’ compares or adds things of different kinds"
    if given.height != blank.height or not expression.meta.root_names():
        return f"‘{text}’ must be computed from the columns of each row"
    kind = given.schema["value"]
    # Narrower integers and decimals of other scales are as good as those named.
    exact = pl.Int64() in kinds and (kind.is_integer() or kind.is_decimal())
    fits = exact or kind in kinds
    return "" if fits else f"‘{text}’ gives {called(kind)}, expected {expected}"


def _unknown(names: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    listed = list(known)
    return (f"no such column: ‘{name}’{did_you_mean(name, listed)}" for name in names if name not in listed)


def _names(text: str) -> list[str]:
    try:
        return pl.sql_expr(text).meta.root_names()
    except pl.exceptions.PolarsError:
        return []  # reported as a fault of the expression


def _computed(expression: pl.Expr, blank: pl.DataFrame) -> pl.DataFrame | None:
    try:
        return blank.select(expression.alias("value"))
    except pl.exceptions.PolarsError:
        return None


def _blank(table: TableContract, *, stored: bool = False) -> pl.DataFrame:
    """Two rows without a value in the types of a table, of its stored columns alone or of all."""
    kinds = {each.name: TYPES[each.type] for each in table.columns if not (stored and each.joined)}
    return pl.DataFrame({name: [None, None] for name in kinds}, schema=kinds)
