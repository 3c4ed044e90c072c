"""Finishes what single rows cannot tell, such as duplicates, references and totals, and turns all that fails into findings."""

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
from probation_etl.intake.answers import answered
from probation_etl.intake.faults import faults_at, findings_of, in_order, together
from probation_etl.intake.frames import Frames
from probation_etl.intake.parse import TypedTable
from probation_etl.intake.references import InFrame, Missing, References, Referred, missing_from, total_of
from probation_etl.intake.result import findings_frame
from probation_etl.intake.row_rules import broken_in_groups
from probation_etl.intake.side_by_side import side_by_side
from probation_etl.intake.table import RawTable


def validate_rows(
    table: RawTable, parsed: TypedTable, schema: Schema, references: References, guard: Guard = UNGUARDED
) -> pl.DataFrame:
    """Finds what rows break together, and what other returns say, and makes findings of all faults.

    Args:
        table: The rows as text.
        parsed: The same rows in their types, with what is wrong with single cells and rows.
        schema: The compiled contract.
        references: Rows that references may point to, by unified table.
        guard: What looks like a restricted value.

    Returns:
        Findings, columns as in ``FINDING_SCHEMA``, in the order of the rows.

    Raises:
        InternalError: A check could not be computed, which a compiled contract rules out.
    """
    return with_others(found_alone(table, parsed, schema, guard), table, parsed, schema, references)


def found_alone(table: RawTable, parsed: TypedTable, schema: Schema, guard: Guard = UNGUARDED) -> pl.DataFrame:
    """The findings of all that is wrong with rows whatever other returns say, in the order of the rows; arguments as above."""
    asked: tuple[Callable[[], list[pl.DataFrame]], ...] = (
        lambda: [broken_in_groups(parsed.frame, schema, parsed.uncertain), *_own_faults(parsed, schema)],
        lambda: restricted_elsewhere(table, schema, guard),
    )
    found = [each for several in side_by_side(operator.call, asked, rows=table.height) for each in several]
    faults = together([parsed.faults, parsed.broken, *found])
    of_table = findings_frame([*table.findings, *parsed.findings, *table_findings(parsed, schema)])
    return _ordered([of_table, *findings_of(faults, table, parsed.frame, schema)], schema, table)


def with_others(
    alone: pl.DataFrame, table: RawTable, parsed: TypedTable, schema: Schema, references: References
) -> pl.DataFrame:
    """The findings of :func:`found_alone` among those that other returns lead to; otherwise as above."""
    unknown, unchecked = reference_faults(parsed, schema, references)
    queried = answered(schema, references, Frames.of(parsed.frame))
    others = [*unchecked, *cross_findings(parsed, schema, references), *queried.findings]
    broken = queried.broken(parsed.frame, schema, parsed.uncertain)
    faults = together([unknown, *(faults_at(positions, name) for name, positions in broken.items())])
    # Each rule has a name of its own, so that the order of findings says nothing of who found them.
    found = [*([findings_frame(others)] if others else []), *findings_of(faults, table, parsed.frame, schema)]
    return _ordered([alone, *found], schema, table) if found else alone


def _ordered(found: list[pl.DataFrame], schema: Schema, table: RawTable) -> pl.DataFrame:
    findings = pl.concat(found)
    return in_order(findings, schema, table.headers) if findings.height else findings


def restricted_elsewhere(table: RawTable, schema: Schema, guard: Guard) -> list[pl.DataFrame]:
    """Cells of other columns that hold what looks like, or is, a restricted value."""
    faults = []
    for check in schema.of(Kind.ELSEWHERE):
        if check.target in table.frame.columns:
            held = guard.looks_restricted(table.frame[check.target]).arg_true()
            if len(held):
                faults.append(faults_at(held.filter(~held.is_in(table.broken.implode())), check.name))
    return faults


def _certain(columns: Iterable[str], parsed: TypedTable) -> pl.Series:
    """True where the values of all these columns are known, so that a rule can be applied to them."""
    certain = pl.repeat(value=True, n=parsed.frame.height, dtype=pl.Boolean, eager=True)
    for column in columns:
        if column in parsed.uncertain:
            certain &= ~parsed.uncertain[column]
    return certain


def reference_faults(
    parsed: TypedTable, schema: Schema, references: References, missing: Missing = missing_from
) -> tuple[pl.DataFrame, list[Finding]]:
    """Rows that refer to rows which are not there, columns as in ``FAULT_SCHEMA``; and a warning for each reference that is not checked.

    Args:
        parsed: The rows, or those of their columns that refer to others.
        schema: The compiled contract.
        references: Rows that references may point to, by unified table.
        missing: Who compares the keys.
    """
    unknown: list[pl.DataFrame] = []
    unchecked: list[Finding] = []
    for check in schema.of(Kind.REFERENCE):
        rows = references(check.reference.table) if check.reference and parsed.frame.height else None
        if check.reference and rows is not None:
            positions = _unmatched(parsed, check.reference, rows, missing)
            unknown.append(faults_at(positions["position"], check.name))
        elif parsed.frame.height:
            unchecked.append(_unchecked(check))
    return together(unknown), unchecked


def _own_faults(parsed: TypedTable, schema: Schema) -> Iterable[pl.DataFrame]:
    """Rows that refer to rows which the return itself does not have."""
    for check in schema.of(Kind.OWN):
        if check.reference:
            yield faults_at(_unmatched(parsed, check.reference, InFrame(parsed.frame))["position"], check.name)


def table_findings(parsed: TypedTable, schema: Schema) -> Iterable[Finding]:
    """Findings of rules over the whole table. Rules that read a cell with an unknown value are not applied."""
    for each in schema.of(Kind.TABLE):
        known = bool(_certain(each.columns, parsed).all())
        if known and each.holds is not None and total_of(parsed.frame, each.holds) is False:
            yield make(each.code, expected=each.message, hint=each.hint, severity=each.severity, rule=each.name)


def cross_findings(parsed: TypedTable, schema: Schema, references: References) -> Iterable[Finding]:
    """Findings of rules that compare totals of this return with totals of the supplier's other returns."""
    for each in schema.of(Kind.ACROSS):
        rows = references(each.totals.table) if each.totals else None
        if each.totals is None or rows is None:
            yield _unchecked(each)
        elif _certain(each.columns, parsed).all():
            this, other = total_of(parsed.frame, each.totals.this), rows.total(each.totals.other)
            if this is not None and other is not None and not _COMPARE[each.totals.operator](this, other):
                message = f"{each.message} Here: {_plain(this)}; there: {_plain(other)}."
                yield make(each.code, expected=message, hint=each.hint, severity=each.severity, rule=each.name)


def _plain(total: Any) -> str:
    is_finite = isinstance(total, Decimal | float) and math.isfinite(total)
    return plain_number(total) if is_finite else str(total)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def _unmatched(
    parsed: TypedTable, reference: Reference, rows: Referred, missing: Missing = missing_from
) -> pl.DataFrame:
    """Positions of rows with a complete key that is not the key of any of the other rows."""
    own, theirs = list(reference.columns), list(reference.columns.values())
    keyed = parsed.frame.select(own).with_row_index("position").filter(_certain(own, parsed)).drop_nulls()
    lacking = missing(keyed.select(own).unique(), theirs, rows)
    return keyed.join(lacking, on=own, how="semi", maintain_order="left").select("position")


def _unchecked(check: Check) -> Finding:
    return make("unchecked-reference", expected=check.expected, severity="warning", rule=check.name)
