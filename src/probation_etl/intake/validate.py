"""Runs the rules of a contract on typed rows, and turns what fails into findings.

Pandera's exceptions are handled only here: their texts and frames contain cell values, so only the names of rules and the
positions of failing rows leave this module.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import polars as pl

from probation_etl.contracts.checks import Check, Kind, Schema
from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.guard import UNGUARDED, Guard
from probation_etl.contracts.model import Reference
from probation_etl.contracts.numbers import plain_number
from probation_etl.errors import InternalError
from probation_etl.intake.faults import FAULT_SCHEMA, faults_at, findings_of, in_order
from probation_etl.intake.parse import TypedTable
from probation_etl.intake.result import findings_frame
from probation_etl.intake.table import RawTable

#: Returns the rows of a unified table that a return may refer to; None if they are not available.
References = Callable[[str], pl.DataFrame | None]


def validate_rows(
    table: RawTable, parsed: TypedTable, schema: Schema, references: References, guard: Guard = UNGUARDED
) -> tuple[pl.DataFrame, pl.Series]:
    """Runs every rule on every row.

    Args:
        table: The rows as text.
        parsed: The same rows in their types, with the faults found by the parser.
        schema: The compiled contract.
        references: Rows that references may point to, by unified table.
        guard: What looks like a restricted value.

    Returns:
        Findings (columns as in ``FINDING_SCHEMA``, in the order of the rows), and a Boolean series that is true for
        each row without an error.

    Raises:
        InternalError: A check could not be computed, which a compiled contract rules out.
    """
    unknown, unchecked = _reference_faults(parsed, schema, references)
    of_table = [*_table_findings(parsed, schema), *_cross_findings(parsed, schema, references)]
    elsewhere = _restricted_elsewhere(table, schema, guard)
    faults = pl.concat([parsed.faults, _rule_faults(parsed, schema), *elsewhere, *unknown])
    found = findings_of(faults, table, parsed.frame, schema)
    findings = pl.concat([findings_frame([*table.findings, *parsed.findings, *unchecked, *of_table]), *found])
    if not findings.height:
        return findings, pl.repeat(value=True, n=parsed.frame.height, dtype=pl.Boolean, eager=True)
    findings = in_order(findings, schema, table)
    erring = findings.filter(pl.col("severity") == "error")["row"]
    return findings, ~parsed.frame["source_row"].is_in(erring.drop_nulls().implode())


def _rule_faults(parsed: TypedTable, schema: Schema) -> pl.DataFrame:
    faults = [pl.DataFrame(schema=FAULT_SCHEMA)]
    for name, failing in _failing(parsed.frame, schema):
        rule = schema.rules[name]
        certain = _certain(rule.columns, parsed)
        faults.append(faults_at((failing & certain).arg_true(), name))
    return pl.concat(faults)


def _restricted_elsewhere(table: RawTable, schema: Schema, guard: Guard) -> list[pl.DataFrame]:
    """Cells of other columns that hold what looks like, or is, a restricted value."""
    faults = []
    for check in schema.of(Kind.ELSEWHERE):
        if check.target in table.frame.columns:
            held = guard.looks_restricted(table.frame[check.target]).arg_true()
            if len(held):
                faults.append(faults_at(held.filter(~held.is_in(table.broken.implode())), check.name))
    return faults


def _failing(frame: pl.DataFrame, schema: Schema) -> Iterable[tuple[str, pl.Series]]:
    """Each failing rule with a Boolean series that is true where it fails."""
    suspects, problems = _suspects(frame, schema), []
    if not suspects:
        return
    # It brings along pandas: what breaks no rule is spared half a second.
    import pandera.polars as pa
    from pandera.errors import SchemaErrors

    try:
        schema.to_pandera(suspects).validate(frame, lazy=True)
    except SchemaErrors as error:
        problems = [(each.check, each.check_output, each.reason_code) for each in error.schema_errors]
    for check, output, reason in problems:
        if not isinstance(check, pa.Check) or check.name not in schema.rules:
            raise InternalError(f"Contract {schema.contract.id}: the frame is not of its schema ({reason}).")
        rule = schema.rules[str(check.name)]
        if isinstance(output, pl.DataFrame):
            yield str(check.name), ~output.to_series()
        elif rule.holds is not None:
            yield rule.name, ~_where_it_can_be_computed(frame, rule.holds, otherwise=not rule.must_compute)


def _suspects(frame: pl.DataFrame, schema: Schema) -> list[str]:
    """The rules that at least one row breaks, found with one plan; all rules if one of them cannot be computed.

    Pandera runs a separate plan for each check, which costs more than the rows of a return of a few hundred rows.
    """
    try:
        held = frame.select(schema.all_hold)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return [rule.name for rule in schema.rules.values() if rule.holds is not None]
    return [each.name for each in held.get_columns() if not each.item()]


def _where_it_can_be_computed(frame: pl.DataFrame, holds: pl.Expr, *, otherwise: bool) -> pl.Series:
    """Where a rule holds. A row for which it cannot be computed, such as a division by zero, does not affect the others."""
    try:
        return frame.select(holds.fill_null(value=True).alias("holds")).to_series()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        if frame.height == 1:
            return pl.Series("holds", [otherwise])
    half = frame.height // 2
    parts = (frame[:half], frame[half:])
    return pl.concat([_where_it_can_be_computed(part, holds, otherwise=otherwise) for part in parts])


def _certain(columns: Iterable[str], parsed: TypedTable) -> pl.Series:
    """True where the values of all these columns are known, so that a rule can be applied to them."""
    certain = pl.Series([True] * parsed.frame.height, dtype=pl.Boolean)
    for column in columns:
        if column in parsed.uncertain:
            certain &= ~parsed.uncertain[column]
    return certain


def _reference_faults(
    parsed: TypedTable, schema: Schema, references: References
) -> tuple[list[pl.DataFrame], list[Finding]]:
    unknown: list[pl.DataFrame] = []
    unchecked: list[Finding] = []
    for check in schema.of(Kind.REFERENCE):
        rows = references(check.reference.table) if check.reference and parsed.frame.height else None
        if check.reference and rows is not None:
            positions = _unmatched(parsed, check.reference, rows)
            unknown.append(faults_at(positions["position"], check.name))
        elif parsed.frame.height:
            unchecked.append(_unchecked(check))
    return unknown, unchecked


def _table_findings(parsed: TypedTable, schema: Schema) -> Iterable[Finding]:
    """Findings of rules over the whole table. Rules that read a cell with an unknown value are not applied."""
    for each in schema.of(Kind.TABLE):
        known = bool(_certain(each.columns, parsed).all())
        if known and each.holds is not None and _total(parsed.frame, each.holds) is False:
            yield make(each.code, expected=each.message, hint=each.hint, severity=each.severity, rule=each.name)


def _cross_findings(parsed: TypedTable, schema: Schema, references: References) -> Iterable[Finding]:
    """Findings of rules that compare totals of this return with totals of the supplier's other returns."""
    for each in schema.of(Kind.ACROSS):
        rows = references(each.totals.table) if each.totals else None
        if each.totals is None or rows is None:
            yield _unchecked(each)
        elif _certain(each.columns, parsed).all():
            this, other = _total(parsed.frame, each.totals.this), _total(rows, each.totals.other)
            if this is not None and other is not None and not _COMPARE[each.totals.operator](this, other):
                message = f"{each.message} Here: {_plain(this)}; there: {_plain(other)}."
                yield make(each.code, expected=message, hint=each.hint, severity=each.severity, rule=each.name)


def _total(frame: pl.DataFrame, expression: pl.Expr) -> Any:
    """One value for the whole frame; None if it cannot be computed, such as a share of no rows."""
    try:
        return frame.select(expression).item()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None


def _plain(total: Any) -> str:
    is_finite = isinstance(total, Decimal | float) and math.isfinite(total)
    return plain_number(total) if is_finite else str(total)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def _unmatched(parsed: TypedTable, reference: Reference, rows: pl.DataFrame) -> pl.DataFrame:
    """Positions of rows with a complete key that is not the key of any of the other rows."""
    own, theirs = list(reference.columns), list(reference.columns.values())
    keyed = parsed.frame.select(own).with_row_index("position").filter(_certain(own, parsed)).drop_nulls()
    targets = rows.select(pl.col(theirs)).cast({there: keyed.schema[here] for here, there in reference.columns.items()})
    return keyed.join(targets.unique(), left_on=own, right_on=theirs, how="anti").select("position")


def _unchecked(check: Check) -> Finding:
    return make("unchecked-reference", expected=check.expected, severity="warning", rule=check.name)
