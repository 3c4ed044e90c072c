"""A contract compiled once to what the engines execute: named rules as Polars expressions, and a pandera schema.

Every rule is named ``column|check`` (or ``row|id`` for a rule over several columns) and keeps that name from here
to the findings, the counts and the reports. A rule whose result is null for a row does not fail there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from probation_etl.contracts.checks.columns import column_rules, decimals, key_rule, severity_faults
from probation_etl.contracts.checks.compiled import (
    CONTEXT_TYPES,
    KEY_UNCERTAIN,
    NUMBER,
    TYPES,
    CompiledCrossRule,
    CompiledRule,
    Schema,
)
from probation_etl.contracts.checks.computable import uncomputable
from probation_etl.contracts.checks.lookups import lookup_key, lookup_values
from probation_etl.contracts.checks.rows import cross_rules, mapping_rules, row_rules, table_rules
from probation_etl.contracts.checks.sql import column_types, safe_sql
from probation_etl.contracts.model import Contract, ReturnContract, TableContract
from probation_etl.errors import ContractError

__all__ = [
    "CONTEXT_TYPES",
    "KEY_UNCERTAIN",
    "NUMBER",
    "TYPES",
    "CompiledRule",
    "Schema",
    "column_types",
    "compile_contract",
    "decimals",
    "lookup_key",
    "lookup_values",
    "safe_sql",
]


def compile_contract(
    contract: Contract,
    *,
    tables: Mapping[str, pl.DataFrame] | None = None,
    unified: Mapping[str, TableContract] | None = None,
    bank_holidays: tuple[date, ...] = (),
) -> Schema:
    """Compiles a contract.

    Args:
        contract: The contract.
        tables: Reference tables by name, for the lookups of its mapping.
        unified: Contracts of unified tables by table, for what its mapping must give and its totals are held against.
        bank_holidays: Days that are no working days, beside Saturdays and Sundays.

    Raises:
        ContractError: A rule or a mapping cannot be computed from the columns; all such faults are listed.
    """
    derived = tuple(
        pl.business_day_count(columns[0], columns[1], holidays=bank_holidays).alias(name)
        for name, (_, columns) in contract.derived.items()
    )
    faults = [*severity_faults(contract)]
    others = unified or {}
    rules = [
        *(rule for column in contract.columns for rule in column_rules(column, key=contract.key)),
        *key_rule(contract),
        *row_rules(contract, faults),
    ]
    over_returns: tuple[CompiledCrossRule, ...] = ()
    if isinstance(contract, ReturnContract):
        rules += mapping_rules(contract, tables or {}, others.get(contract.mapping.table), faults)
        over_returns = tuple(cross_rules(contract, others, faults))
    over_table = tuple(table_rules(contract, faults))
    schema = Schema(contract, {rule.name: rule for rule in rules}, derived, over_table, over_returns)
    faults += uncomputable(schema)
    if faults:
        raise ContractError(
            f"{contract.path or contract.id}: {len(faults)} fault(s) found in its rules:", faults=tuple(faults)
        )
    return schema
