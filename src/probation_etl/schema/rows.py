"""Rules over several columns: the SQL rules of a contract, and that its mapping knows every value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from probation_etl.contract import Contract, MappedColumn
from probation_etl.schema.compiled import CompiledRule
from probation_etl.schema.lookups import lookup_key, lookup_values


def row_rules(contract: Contract, faults: list[str]) -> Iterator[CompiledRule]:
    """The SQL rules of a contract; what is no SQL becomes a fault."""
    for rule in contract.rules:
        holds = _sql(rule.expression, f"rule ‘{rule.name}’", faults)
        if holds is not None:
            columns = _sources(holds, contract)
            target = rule.column or columns[0]
            if target not in contract.column_names:
                faults.append(f"rule ‘{rule.name}’: there is no column ‘{target}’ to point at")
                continue
            yield CompiledRule(
                f"row|{rule.name}", "row-rule", columns, target, holds, rule.severity,
                expected=rule.message, message=rule.message, hint=rule.hint,
            )  # fmt: skip


def _sources(expression: pl.Expr, contract: Contract) -> tuple[str, ...]:
    """Columns of the return that an expression reads, through derived columns too."""
    sources: dict[str, None] = {}
    for name in expression.meta.root_names():
        _, through = contract.derived.get(name, ("", (name,)))
        sources.update(dict.fromkeys(each for each in through if each in contract.column_names))
    return tuple(sources)


def _sql(expression: str, where: str, faults: list[str]) -> pl.Expr | None:
    try:
        return pl.sql_expr(expression)
    except pl.exceptions.PolarsError:
        faults.append(f"{where}: this is not a SQL expression: {expression}")
        return None


def mapping_rules(contract: Contract, tables: Mapping[str, pl.DataFrame], faults: list[str]) -> Iterator[CompiledRule]:
    """A value that a code list does not hold is a fault of its row, found before anything is mapped."""
    for mapped in contract.mapping.columns if contract.mapping else ():
        if mapped.expression and not mapped.codes:
            _sql(mapped.expression, f"mapping of ‘{mapped.name}’", faults)
        known = _known(mapped, contract, tables, faults)
        if known is not None:
            expression, holds = known
            columns = _sources(expression, contract)
            yield CompiledRule(f"{mapped.name}|mapped", "unmapped-value", columns, columns[0], holds)


def _known(
    mapped: MappedColumn, contract: Contract, tables: Mapping[str, pl.DataFrame], faults: list[str]
) -> tuple[pl.Expr, pl.Expr] | None:
    where = f"mapping of ‘{mapped.name}’"
    if mapped.codes:
        expression = _sql(mapped.expression or "", where, faults)
        return (
            None
            if expression is None
            else (expression, _listed_or_faulty(expression, expression.is_in(list(mapped.codes)), contract))
        )
    for lookup in mapped.lookups:
        if lookup.table not in tables or not {*lookup.match, lookup.value} <= set(tables[lookup.table].columns):
            faults.append(f"{where}: the reference table ‘{lookup.table}’ or one of its columns does not exist")
            return None
    if mapped.lookups and mapped.basis_column is None:
        keys = [lookup_key(lookup) for lookup in mapped.lookups]
        found = [
            key.is_in(list(lookup_values(lookup, tables[lookup.table])))
            for key, lookup in zip(keys, mapped.lookups, strict=True)
        ]
        return keys[0], _listed_or_faulty(keys[0], pl.any_horizontal(found), contract)
    return None


def _listed_or_faulty(expression: pl.Expr, known: pl.Expr, contract: Contract) -> pl.Expr:
    """Known to the list, or already reported because the column's own list does not hold the value."""
    labelled = [name for name in _sources(expression, contract) if contract.column(name).labels]
    reported = [(~pl.col(name).is_in(list(contract.column(name).labels))).fill_null(value=False) for name in labelled]
    return pl.any_horizontal([known, *reported]) if reported else known
