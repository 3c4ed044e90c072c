"""Rules over several columns: the SQL rules of a contract, and that its mapping knows every value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import polars as pl

from probation_etl.contract import Contract, MappedColumn
from probation_etl.odcs.parts import did_you_mean
from probation_etl.schema.compiled import CompiledCrossRule, CompiledRule, CompiledTableRule
from probation_etl.schema.computable import blank_rows, unknown_columns
from probation_etl.schema.lookups import lookup_key, lookup_values

#: What can fail for the values of one row: division, products too large, and texts that are not what they are cast to.
_MAY_FAIL = re.compile(r"[/%*]|\bCAST\b", re.IGNORECASE)

_NO_COLUMN = "it reads no column of the return: name the one that findings point at, as implementation.column"


def row_rules(contract: Contract, faults: list[str]) -> Iterator[CompiledRule]:
    """The SQL rules of a contract; what is no SQL becomes a fault."""
    for rule in contract.rules:
        holds = _sql(rule.expression, contract.where(f"rule ‘{rule.name}’"), faults)
        if holds is not None:
            columns = _sources(holds, contract)
            target = rule.column or next(iter(columns), "")
            if not target:
                unknown = unknown_columns(holds, blank_rows(contract))
                faults.append(f"{contract.where(f'rule ‘{rule.name}’')}: {unknown or _NO_COLUMN}")
                continue
            if target not in contract.column_names:
                hint = did_you_mean(target, contract.column_names)
                faults.append(
                    f"{contract.where(f'rule ‘{rule.name}’')}: there is no column ‘{target}’ to point at{hint}"
                )
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


def table_rules(contract: Contract, faults: list[str]) -> Iterator[CompiledTableRule]:
    """The rules over the whole table; what is no SQL becomes a fault."""
    for rule in contract.table_rules:
        holds = _sql(rule.expression, contract.where(f"rule ‘{rule.name}’"), faults)
        if holds is not None:
            yield CompiledTableRule(rule, _sources(holds, contract), holds)


def cross_rules(contract: Contract, faults: list[str]) -> Iterator[CompiledCrossRule]:
    """The rules that hold this return against a unified table; what is no SQL becomes a fault."""
    for rule in contract.cross_rules:
        this = _sql(rule.this, contract.where(f"rule ‘{rule.name}’"), faults)
        other = _sql(rule.other, contract.where(f"rule ‘{rule.name}’"), faults)
        if this is not None and other is not None:
            yield CompiledCrossRule(rule, _sources(this, contract), this, other)


def mapping_rules(contract: Contract, tables: Mapping[str, pl.DataFrame], faults: list[str]) -> Iterator[CompiledRule]:
    """A value that a code list does not hold is a fault of its row, found before anything is mapped."""
    for mapped in contract.mapping.columns if contract.mapping else ():
        yield from _computed(mapped, contract, faults)
        known = _known(mapped, contract, tables, faults)
        if known is not None:
            expression, holds = known
            columns = _sources(expression, contract)
            # What is told by the sender alone is told of the row's first column: there is no other cell to point at.
            target = next(iter(columns), contract.column_names[0])
            name = f"{mapped.name}|mapped"
            yield CompiledRule(name, "unmapped-value", columns, target, holds, must_compute=True)


def _computed(mapped: MappedColumn, contract: Contract, faults: list[str]) -> Iterator[CompiledRule]:
    """A mapping that computes something must be able to for every row: a division by nought has no counterpart."""
    if mapped.codes or not mapped.expression:
        return
    expression = _sql(mapped.expression, contract.where(f"mapping of ‘{mapped.name}’"), faults)
    if expression is not None and _MAY_FAIL.search(mapped.expression) and _sources(expression, contract):
        columns, name = _sources(expression, contract), f"{mapped.name}|mapped"
        holds = expression.is_null() | expression.is_not_null()
        yield CompiledRule(name, "unmapped-value", columns, columns[0], holds, must_compute=True)


def _known(
    mapped: MappedColumn, contract: Contract, tables: Mapping[str, pl.DataFrame], faults: list[str]
) -> tuple[pl.Expr, pl.Expr] | None:
    where = contract.where(f"mapping of ‘{mapped.name}’")
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
        if any(_sql(expression, where, faults) is None for expression in lookup.match.values()):
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
    columns = [contract.column(name) for name in _sources(expression, contract)]
    labelled = [each.name for each in columns if each.labels and "not-in-list" not in each.severities]
    reported = [(~pl.col(name).is_in(list(contract.column(name).labels))).fill_null(value=False) for name in labelled]
    return pl.any_horizontal([known, *reported]) if reported else known
