"""What can be wrong with the rules of a contract: each must be computable, and that shows before the first return arrives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from probation_etl.contracts.checks import TYPES, Kind, Schema, made_schema, safe_sql
from probation_etl.contracts.checks.blank import blank_rows, fails_on_values, unknown_columns
from probation_etl.contracts.checks.check import OF_TEXT
from probation_etl.contracts.checks.columns import column_checks, layout_checks
from probation_etl.contracts.checks.place import Place
from probation_etl.contracts.checks.types import called, type_of
from probation_etl.contracts.checks.usable import unusable
from probation_etl.contracts.model import Contract, CrossRule, Reference, ReturnContract, TableContract
from probation_etl.contracts.suggestions import did_you_mean
from probation_etl.errors import ContractError

_ONE_FOR_ALL = "it gives one value for all rows, and none of its own to each"
_FAILS = "it cannot be computed from any value: a pattern, a form or a type in it cannot be used"


def compile_contract(
    contract: Contract,
    *,
    tables: Mapping[str, pl.DataFrame] | None = None,
    unified: Mapping[str, TableContract] | None = None,
    bank_holidays: tuple[date, ...] = (),
) -> Schema:
    """Compiles a contract whose rules can all be computed.

    Args:
        contract: The contract.
        tables: As for :func:`made_schema`, like the arguments after it.
        unified: Contracts of unified tables by table.
        bank_holidays: Days that are not working days, beside Saturdays and Sundays.

    Raises:
        ContractError: A rule or a mapping cannot be computed from the columns; all such faults are listed.
    """
    schema, unmade = made_schema(contract, tables=tables, unified=unified, bank_holidays=bank_holidays)
    faults = (*_severity_faults(contract), *unmade, *_uncomputable(schema))
    if faults:
        raise ContractError(
            f"{contract.path or contract.id}: {len(faults)} fault(s) found in its rules:", faults=faults
        )
    return schema


def _severity_faults(contract: Contract) -> Iterator[str]:
    """A required value that cannot be read is missing: that can only be a warning where a missing value is one too."""
    for column in contract.columns:
        checks = (*column_checks(column), *layout_checks(column))
        unread = {each.code for each in checks if each.kind in OF_TEXT - {Kind.DECIMALS}}
        mild = {code for code, severity in column.severities.items() if severity == "warning"}
        if column.required and "missing-value" not in mild:
            for code in sorted(mild & unread):
                yield (
                    f"{contract.where(f'column ‘{column.name}’')}: the column is required, so ‘{code}’ cannot be a "
                    "warning: the value would be missing; make it an error, or ‘missing-value’ a warning too"
                )


def _uncomputable(schema: Schema) -> list[str]:
    """Runs every rule on rows without values: a misspelt column or an impossible comparison fails at once."""
    try:
        empty = blank_rows(schema.contract, schema.derived)
    except pl.exceptions.PolarsError:
        return [f"{schema.contract.where('derived')}: working days need two date columns of the return"]
    return [*_faulty_conditions(schema, empty), *_faulty_totals(schema, empty)]


def _faulty_conditions(schema: Schema, empty: pl.DataFrame) -> Iterator[str]:
    contract = schema.contract
    for rule in schema.rules.values():
        if rule.holds is not None:
            fault = _fault(rule.holds, empty, pattern=rule.kind is Kind.PATTERN)
            yield from [f"{contract.where(rule.part)}: {fault}"] if fault else []
    for each in schema.of(Kind.TABLE):
        if each.holds is not None:
            fault = _fault(each.holds, empty, over_table=True)
            if not fault and empty.select(each.holds).height != 1:
                fault = "it must give one value for the whole table, such as COUNT(*) > 0"
            yield from [f"{contract.where(each.part)}: {fault}"] if fault else []


def mapping_faults(contract: ReturnContract, unified: TableContract) -> Iterator[str]:
    """Expressions of a mapping that cannot be computed, or give something that their column does not take."""
    rows = blank_rows(contract)
    kinds = {column.name: TYPES[column.type] for column in unified.columns}
    reported: set[tuple[str, str]] = set()
    for row in contract.mapping.rows:
        conditions = [(row.part("when"), row.when, pl.Boolean())] if row.when else []
        texts = [
            (row.part(mapped.name), text, kinds.get(mapped.name) if mapped.expression and not mapped.codes else None)
            for mapped in row.columns
            for text in mapped.texts
        ]
        for part, text, expected in (*conditions, *texts):
            fault = _mapped_fault(text, rows, expected)
            # Rows of a wide return share columns: a fault of these is reported once.
            if fault and (text, fault) not in reported:
                reported.add((text, fault))
                yield f"{contract.where(part)}: {fault}"


def cross_faults(contract: ReturnContract, unified: TableContract, rule: CrossRule) -> Iterator[str]:
    """What is wrong with a rule across returns: totals that cannot be computed or compared, or must not be shown."""
    sides = []
    for text, side in ((rule.this, contract), (rule.other, unified)):
        if unusable(text, blank_rows(side).schema, Place.TABLE):
            continue  # already reported where the rules are made
        fault = _total_fault(text, side)
        if fault:
            yield fault
        else:
            sides.append(blank_rows(side).select(pl.sql_expr(text).alias("value")))
    if len(sides) == 2 and not _comparable(sides[0].schema["value"], sides[1].schema["value"]):
        yield f"‘{rule.this}’ and ‘{rule.other}’ are things of different kinds"


def key_faults(reference: Reference, contract: Contract, target: Contract) -> Iterator[str]:
    """Columns of a reference that do not exist, or have another type than those that they refer to."""
    for name, known in ((reference.column, contract), *((each, contract) for each in reference.columns)):
        if name not in known.column_names:
            yield f"there is no column ‘{name}’{did_you_mean(name, known.column_names)}"
    for here, there in reference.columns.items():
        if there not in target.column_names:
            yield f"{target.table} has no column ‘{there}’{did_you_mean(there, target.column_names)}"
        elif here in contract.column_names and contract.column(here).type != target.column(there).type:
            yield f"‘{here}’ is a {contract.column(here).type}, {target.table}.{there} a {target.column(there).type}"


def _total_fault(text: str, side: Contract) -> str:
    rows = blank_rows(side)
    expression = pl.sql_expr(text)
    restricted = [n for n in expression.meta.root_names() if n in side.column_names and side.column(n).restricted]
    computed = None if unknown_columns(expression, rows) else _computed(expression, rows)
    if computed is None:
        return unknown_columns(expression, rows) or f"‘{text}’ cannot be computed"
    if computed.height != 1:
        return f"‘{text}’ must give one value for the whole table, such as COUNT(*)"
    counts = computed.schema["value"].is_integer() and "COUNT" in text.upper()
    return f"‘{text}’ would show values of ‘{restricted[0]}’, which is restricted" if restricted and not counts else ""


def _comparable(one: pl.DataType, other: pl.DataType) -> bool:
    return one == other or (one.is_numeric() and other.is_numeric()) or pl.Null() in (one, other)


def _mapped_fault(text: str, rows: pl.DataFrame, expected: pl.DataType | None) -> str:
    if unusable(text, rows.schema, Place.MAPPING):
        return ""  # already reported where the rules are made
    expression = safe_sql(text, rows.schema)
    unknown = unknown_columns(expression, rows)
    given = None if unknown else _computed(expression, rows)
    if unknown or given is None:
        return unknown or "it compares or joins things of different kinds"
    if given.height != rows.height and not expression.meta.is_literal():
        return _ONE_FOR_ALL
    if expected is not None and not _fits(given.schema["value"], expected):
        return f"it gives {called(given.schema['value'])}, the column takes {called(expected)}"
    return _FAILS if fails_on_values(expression, rows) else ""


def _fits(given: pl.DataType, expected: pl.DataType) -> bool:
    if given == pl.Null() or given == expected:
        return True
    return (given.is_integer() and expected.is_integer()) or (given.is_numeric() and expected.is_decimal())


def _fault(condition: pl.Expr, empty: pl.DataFrame, *, pattern: bool = False, over_table: bool = False) -> str:
    unknown = unknown_columns(condition, empty)
    if unknown:
        return unknown
    if _is(condition, empty, pl.Boolean()):
        if not pattern and fails_on_values(condition, empty):
            return _FAILS
        single = condition.meta.is_literal() or empty.select(condition).height == empty.height
        return "" if over_table or single else _ONE_FOR_ALL
    if _computed(condition, empty) is None and type_of(condition, empty.schema) is not None:
        return _FAILS
    return "it compares things of different kinds, or is neither true nor false"


def _faulty_totals(schema: Schema, empty: pl.DataFrame) -> Iterator[str]:
    for each in schema.of(Kind.ACROSS):
        where = schema.contract.where(each.part)
        if each.totals and (unknown := unknown_columns(each.totals.this, empty)):
            yield f"{where}: {unknown}"
        elif each.totals and _computed(each.totals.this, empty) is None:
            yield f"{where}: ‘{each.sql}’ cannot be computed"


def _computed(expression: pl.Expr, empty: pl.DataFrame) -> pl.DataFrame | None:
    try:
        return empty.select(expression.alias("value"))
    except pl.exceptions.PolarsError:
        return None


def _is(expression: pl.Expr, empty: pl.DataFrame, kind: pl.DataType) -> bool:
    computed = _computed(expression, empty)
    return computed is not None and bool(computed.schema["value"] == kind)
