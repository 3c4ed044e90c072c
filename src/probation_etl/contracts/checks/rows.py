"""Rules over the whole table and across returns, and that a mapping knows every value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from probation_etl.contracts.checks import words
from probation_etl.contracts.checks.check import Check, Kind, Totals
from probation_etl.contracts.checks.compiled import TYPES
from probation_etl.contracts.checks.expressions import sources, usable_sql
from probation_etl.contracts.checks.lookups import is_listed, lookup_faults
from probation_etl.contracts.checks.place import Place
from probation_etl.contracts.checks.sql import column_types, safe_sql, unusable
from probation_etl.contracts.checks.types import type_of
from probation_etl.contracts.model import Contract, MappedColumn, ReturnContract, TableContract


def table_checks(contract: Contract, faults: list[str]) -> Iterator[Check]:
    """The rules over the whole table; an expression that is not SQL becomes a fault."""
    for rule in contract.table_rules:
        part = f"rule ‘{rule.name}’"
        holds = usable_sql(rule.expression, contract, part, faults, Place.TABLE)
        if holds is not None:
            asked = words.of_rule(rule, f"Of all rows together: {words.one_line(rule.expression)}")
            yield Check(
                Kind.TABLE, f"table|{rule.name}", "table-rule", asked, part, columns=sources(rule.expression, contract),
                severity=rule.severity, holds=holds, message=rule.message, hint=rule.hint, sql=rule.expression,
            )  # fmt: skip


def cross_checks(contract: ReturnContract, unified: Mapping[str, TableContract], faults: list[str]) -> Iterator[Check]:
    """The rules that compare this return with a unified table; an expression that is not SQL becomes a fault."""
    for rule in contract.cross_rules:
        part = f"rule ‘{rule.name}’"
        this = usable_sql(rule.this, contract, part, faults, Place.TABLE)
        other = usable_sql(rule.other, contract, part, faults, Place.TABLE, of=unified.get(rule.table))
        if this is not None and other is not None:
            compared = f"{words.one_line(rule.this)} {rule.operator} {words.one_line(rule.other)} of ‘{rule.table}’"
            asked = words.of_rule(rule, f"Of this return and the supplier’s others: {compared}")
            yield Check(
                Kind.ACROSS, f"across|{rule.name}", "cross-return-rule", asked, part, columns=sources(rule.this, contract),
                severity=rule.severity, expected=rule.table.replace("_", " "), message=rule.message, hint=rule.hint, sql=rule.this,
                totals=Totals(this, rule.operator, rule.table, other, rule.other),
            )  # fmt: skip


def mapping_checks(
    contract: ReturnContract, tables: Mapping[str, pl.DataFrame], unified: TableContract | None, faults: list[str]
) -> Iterator[Check]:
    """A value without a counterpart in the unified table is a fault of its row, found before anything is mapped."""
    for row in contract.mapping.rows:
        when = usable_sql(row.when, contract, row.part("when"), faults, Place.MAPPING) if row.when else None
        for mapped in row.columns:
            texts = mapped.texts
            if any(usable_sql(text, contract, row.part(mapped.name), faults, Place.MAPPING) is None for text in texts):
                continue
            read = texts if mapped.expression else mapped.lookups[0].texts
            columns = tuple(dict.fromkeys(name for text in read for name in sources(text, contract)))
            known = _known(mapped, contract, tables, faults)
            holds = [
                *_computable(mapped, contract, unified),
                *(_listed_or_faulty(columns, each, contract) for each in known),
            ]
            if holds:
                # A value that follows from the sender alone has no cell: the finding points at the row's first column.
                target = next(iter(columns), contract.column_names[0])
                holds_here = pl.all_horizontal(holds) if when is None else pl.all_horizontal(holds) | ~_true(when)
                asked = (
                    f"Every value has a counterpart in ‘{mapped.name}’ of the unified table ‘{contract.mapping.table}’."
                )
                yield Check(
                    Kind.MAPPED, row.rule(mapped.name), "unmapped-value", asked, row.part(mapped.name), contract.column(target),
                    columns, holds=holds_here, must_compute=True, computed=bool(mapped.expression and not mapped.codes),
                )  # fmt: skip
    yield from _no_row_lost(contract)


def _no_row_lost(contract: ReturnContract) -> Iterator[Check]:
    """Every row of a wide return must become at least one unified row: otherwise it would be lost without a finding."""
    conditions = [each.when for each in contract.mapping.rows]
    if None in conditions:
        return
    texts = [each for each in conditions if each]
    types = column_types(contract)
    if any(unusable(text, types, Place.MAPPING) for text in texts):
        return  # reported where the rows are mapped
    some = pl.any_horizontal([_true(safe_sql(text, types)) for text in texts])
    target = next((name for text in texts for name in sources(text, contract)), contract.column_names[0])
    # It names no columns, so it is also checked where they are missing or could not be read: the row is lost there too.
    asked = "Every row meets the condition of at least one row of the unified table that it can become."
    yield Check(
        Kind.MAPPED, "unpivot|mapped", "unmapped-value", asked, "mapping", contract.column(target),
        holds=some, must_compute=True, computed=True,
    )  # fmt: skip


def _true(condition: pl.Expr) -> pl.Expr:
    return condition.fill_null(value=False)


def _computable(mapped: MappedColumn, contract: ReturnContract, unified: TableContract | None) -> Iterator[pl.Expr]:
    """A value that a mapping computes must exist and fit: no division by zero, and nothing that its column cannot hold."""
    if not mapped.expression:
        return
    types = column_types(contract)
    value, with_default = (safe_sql(mapped.expression, types, default=default) for default in (None, 1))
    taken = {} if unified is None or mapped.codes else {each.name: TYPES[each.type] for each in unified.columns}
    kind, given = taken.get(mapped.name), type_of(value, types)
    if given is not None and not (value.meta.eq(with_default) and (kind is None or _always_fits(given, kind))):
        stored = value if kind is None else value.cast(kind, strict=False)
        yield stored.is_not_null() | with_default.is_null()


def _always_fits(given: pl.DataType, kind: pl.DataType) -> bool:
    return given in (kind, pl.Null()) or (given == TYPES["integer"] and kind == TYPES["number"])


def _known(
    mapped: MappedColumn, contract: Contract, tables: Mapping[str, pl.DataFrame], faults: list[str]
) -> Iterator[pl.Expr]:
    """Whether the list of codes, or a reference table, has the value."""
    if mapped.codes and mapped.expression:
        value = safe_sql(mapped.expression, column_types(contract))
        yield value.is_in(list(mapped.codes))
    found = [fault for lookup in mapped.lookups for fault in lookup_faults(lookup, contract, tables)]
    where = contract.where(f"mapping of ‘{mapped.name}’")
    faults.extend(f"{where}: {fault}" for fault in found)
    if mapped.lookups and mapped.basis_column is None and not found:
        yield pl.any_horizontal(is_listed(lookup, contract, tables[lookup.table]) for lookup in mapped.lookups)


def _listed_or_faulty(names: Iterable[str], known: pl.Expr, contract: Contract) -> pl.Expr:
    """Known to the list, or already reported because the column's own list does not hold the value."""
    columns = [contract.column(name) for name in names]
    labelled = [each.name for each in columns if each.labels and "not-in-list" not in each.severities]
    reported = [(~pl.col(name).is_in(list(contract.column(name).labels))).fill_null(value=False) for name in labelled]
    return pl.any_horizontal([known, *reported]) if reported else known
