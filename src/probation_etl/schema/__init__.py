"""A contract compiled once to what the engines execute: named rules as Polars expressions, and a pandera schema.

Every rule is named ``column|check`` (or ``row|id`` for a rule over several columns) and keeps that name from here
to the findings, the counts and the reports. A rule whose result is null for a row does not fail there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from probation_etl.contract import Contract
from probation_etl.errors import ContractError
from probation_etl.schema.columns import column_rules, date_plan, decimals, key_rule
from probation_etl.schema.compiled import CONTEXT_TYPES, NUMBER, TYPES, CompiledRule, Schema
from probation_etl.schema.lookups import lookup_key, lookup_values
from probation_etl.schema.rows import mapping_rules, row_rules

__all__ = [
    "CONTEXT_TYPES",
    "NUMBER",
    "TYPES",
    "CompiledRule",
    "Schema",
    "compile_contract",
    "date_plan",
    "decimals",
    "lookup_key",
    "lookup_values",
]


def compile_contract(
    contract: Contract,
    *,
    tables: Mapping[str, pl.DataFrame] | None = None,
    bank_holidays: tuple[date, ...] = (),
) -> Schema:
    """Compiles a contract of a return.

    Args:
        contract: The contract.
        tables: Reference tables by name, for the lookups of its mapping.
        bank_holidays: Days that are no working days, beside Saturdays and Sundays.

    Raises:
        ContractError: A rule or a mapping cannot be computed from the columns; all such faults are listed.
    """
    derived = tuple(
        pl.business_day_count(columns[0], columns[1], holidays=bank_holidays).alias(name)
        for name, (_, columns) in contract.derived.items()
    )
    faults: list[str] = []
    rules = [
        *(rule for column in contract.columns for rule in column_rules(column)),
        *key_rule(contract),
        *row_rules(contract, faults),
        *mapping_rules(contract, tables or {}, faults),
    ]
    _prove_computable(contract, rules, derived, faults)
    if faults:
        raise ContractError(
            f"{contract.path or contract.id}: {len(faults)} rule(s) cannot be computed:", faults=tuple(faults)
        )
    return Schema(contract, {rule.name: rule for rule in rules}, derived)


def _prove_computable(
    contract: Contract, rules: list[CompiledRule], derived: tuple[pl.Expr, ...], faults: list[str]
) -> None:
    """Runs every rule on an empty frame: a misspelt column or an impossible comparison shows at once."""
    types = {column.name: TYPES[column.type] for column in contract.columns}
    empty = pl.DataFrame(schema={**types, "source_row": pl.Int64(), **CONTEXT_TYPES})
    try:
        empty = empty.with_columns(derived)
    except pl.exceptions.PolarsError:
        faults.append("derived columns: working days need two date columns of the return")
        return
    for rule in rules:
        if rule.holds is None:
            continue
        unknown = sorted(set(rule.holds.meta.root_names()) - set(empty.columns))
        if unknown:
            faults.append(f"rule ‘{rule.name}’: no such column: {', '.join(unknown)}")
        elif not _is_boolean(rule.holds, empty):
            faults.append(f"rule ‘{rule.name}’: it compares things of different kinds, or is neither true nor false")


def _is_boolean(expression: pl.Expr, empty: pl.DataFrame) -> bool:
    try:
        return bool(empty.select(expression.alias("holds")).schema["holds"] == pl.Boolean())
    except pl.exceptions.PolarsError:
        return False
