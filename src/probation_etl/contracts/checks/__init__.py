"""A contract compiled once to what the engines execute: named rules as Polars expressions, and a pandera schema.

Every rule is named ``column|check`` (or ``row|id`` for a rule over several columns) and keeps that name from here
to the findings, the counts and the reports. A rule whose result is null for a row does not fail there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from probation_etl.contracts.checks.check import Check, Kind, Totals
from probation_etl.contracts.checks.columns import column_checks, key_check, layout_checks
from probation_etl.contracts.checks.compiled import CONTEXT_TYPES, KEY_UNCERTAIN, NUMBER, TYPES, Schema
from probation_etl.contracts.checks.conditions import row_checks
from probation_etl.contracts.checks.lookups import looked_up
from probation_etl.contracts.checks.query_rules import query_checks
from probation_etl.contracts.checks.relations import member_checks, own_checks, reference_checks
from probation_etl.contracts.checks.rows import cross_checks, mapping_checks, table_checks
from probation_etl.contracts.checks.sql import column_types, safe_sql
from probation_etl.contracts.checks.windows import window_checks
from probation_etl.contracts.model import Contract, ReturnContract, TableContract
from probation_etl.contracts.working_days import WorkingDays

__all__ = [
    "CONTEXT_TYPES",
    "KEY_UNCERTAIN",
    "NUMBER",
    "TYPES",
    "Check",
    "Kind",
    "Schema",
    "Totals",
    "column_types",
    "looked_up",
    "made_schema",
    "safe_sql",
]


def made_schema(
    contract: Contract,
    *,
    tables: Mapping[str, pl.DataFrame] | None = None,
    unified: Mapping[str, TableContract] | None = None,
    bank_holidays: tuple[date, ...] = (),
) -> tuple[Schema, list[str]]:
    """Makes every rule of a contract, but for those that cannot be made.

    Args:
        contract: The contract.
        tables: Reference tables by name, for its lookups and for what must be in one; None where they are not known.
        unified: Contracts of unified tables by table, for the types that its mapping must give and the totals that are compared.
        bank_holidays: Days that are not working days, beside Saturdays and Sundays.

    Returns:
        The schema, and why a rule cannot be made of what the contract says. Whether every rule can be computed is not
        tried here: ``lint`` does.
    """
    working_days = WorkingDays(bank_holidays)
    derived = tuple(
        working_days.count(pl.col(columns[0]), pl.col(columns[1])).alias(name)
        for name, (_, columns) in contract.derived.items()
    )
    faults: list[str] = []
    others = unified or {}
    checks = [check for column in contract.columns for check in column_checks(column, key=contract.key)]
    checks += [*key_check(contract), *row_checks(contract, faults, tables)]
    if isinstance(contract, ReturnContract):
        checks += member_checks(contract, tables, faults)
        checks += window_checks(contract)
        checks += mapping_checks(contract, tables or {}, others.get(contract.mapping.table), faults)
    checks += [*reference_checks(contract), *table_checks(contract, faults)]
    if isinstance(contract, ReturnContract):
        checks += [*own_checks(contract), *query_checks(contract, tables)]
        checks += cross_checks(contract, others, faults)
    checks += [check for column in contract.columns for check in layout_checks(column)]
    return Schema(contract, tuple(checks), derived), faults
