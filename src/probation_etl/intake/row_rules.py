"""Runs the rules of a contract on typed rows, and tells which rows break which rule.

Pandera's exceptions are handled only here: their texts and frames contain cell values, so only the names of rules and the
positions of failing rows leave this module.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from probation_etl.contracts.checks import CONTEXT_TYPES, Check, Kind, Schema
from probation_etl.contracts.made_once import made_once
from probation_etl.errors import InternalError
from probation_etl.intake.faults import FAULT_SCHEMA, faults_at

#: Rules of rows that are about a group of them: no two rows have the same key.
_OF_GROUPS = (Kind.UNIQUE, Kind.KEY)
#: Of fewer rows it is not asked first which may be repeated: that takes as long.
_FEW_ROWS = 1 << 12
#: Of fewer rows that break a rule pandera is not asked: to import it takes longer than to read a small return.
_FEW_SUSPECTS = 1 << 12
#: Pandera keeps its settings for all threads in one place.
_ONE_AT_A_TIME = threading.Lock()


def broken_in_rows(
    frame: pl.DataFrame, schema: Schema, uncertain: Mapping[str, pl.Series], different: Mapping[str, pl.Series]
) -> pl.DataFrame:
    """The rules that single rows break, whatever other rows there are.

    Args:
        frame: The rows in their types.
        schema: The compiled contract.
        uncertain: By column name, where the value is not known: a rule that reads it is not applied to the row.
        different: By column name, all values that are in a column, for those that have few: a rule of one column that holds for each
            of them holds in every row.

    Returns:
        Columns as in ``FAULT_SCHEMA``.

    Raises:
        InternalError: A check could not be computed, which a compiled contract rules out.
    """
    rules = _rules(schema, of_groups=False)
    held = {name for column, values in different.items() for name in _held_by_all(values.alias(column), frame, rules)}
    return _faults(frame, schema, [each for each in rules if each.name not in held], uncertain)


def _held_by_all(values: pl.Series, frame: pl.DataFrame, rules: Sequence[Check]) -> Iterator[str]:
    """The names of the rules that read one column alone, beside the context, and hold for all values of it."""
    own = [each for each in rules if _reads(each) == {values.name}]
    if not own:
        return
    context = frame.head(1).select(name for name in CONTEXT_TYPES if name != values.name and name in frame.columns)
    try:
        held = values.to_frame().join(context, how="cross").select(map(_verdict, own))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return
    yield from (each.name for each in held.get_columns() if each.all())


@made_once
def _reads(rule: Check) -> set[str]:
    """The columns that a rule reads, those of the context left out."""
    return set(() if rule.holds is None else rule.holds.meta.root_names()) - CONTEXT_TYPES.keys()


def _verdict(rule: Check) -> pl.Expr:
    """Whether a rule holds, by its name; one that gives null does not fail."""
    assert rule.holds is not None  # noqa: S101 -- only such rules are computed
    return rule.holds.fill_null(value=True).alias(rule.name)


def broken_in_groups(frame: pl.DataFrame, schema: Schema, uncertain: Mapping[str, pl.Series]) -> pl.DataFrame:
    """The rules that rows break together with others, of all rows; arguments and result as of :func:`broken_in_rows`."""
    rules = rules_of_groups(schema)
    if frame.height < _FEW_ROWS:
        return _faults(frame, schema, rules, uncertain)
    found = [pl.DataFrame(schema=FAULT_SCHEMA)]
    for rule in rules:
        rows = perhaps_repeated(numbers_of_rows(frame, rule.columns))
        certain = {name: cells.gather(rows) for name, cells in uncertain.items()}
        faults = broken_together(frame[rows], schema, rule, certain)
        found.append(faults.with_columns(rows.gather(faults["position"]).alias("position")))
    return pl.concat(found)


def rules_of_groups(schema: Schema) -> list[Check]:
    """The rules that rows break together with others."""
    return _rules(schema, of_groups=True)


def broken_together(
    frame: pl.DataFrame, schema: Schema, rule: Check, uncertain: Mapping[str, pl.Series]
) -> pl.DataFrame:
    """One of these rules, of rows with all that are the same as one of them; otherwise as above."""
    return _faults(frame, schema, [rule], uncertain)


def _rules(schema: Schema, *, of_groups: bool) -> list[Check]:
    """The rules that are computed over typed rows."""
    return [each for each in schema.rules.values() if each.holds is not None and (each.kind in _OF_GROUPS) is of_groups]


def numbers_of_rows(frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """A number for each row, the same where rows are the same in some columns; null where it has no value in them.

    Numbers are sorted much sooner than rows are grouped.
    """
    is_filled = pl.any_horizontal(pl.col(columns).is_not_null())
    return frame.select(numbers=pl.when(is_filled).then(pl.struct(columns).hash())).to_series()


def perhaps_repeated(numbers: pl.Series) -> pl.Series:
    """Positions of all rows that are the same as another one, by such numbers, and perhaps of others."""
    in_order = numbers.drop_nulls().sort()
    repeated = in_order.filter(in_order == in_order.shift())
    return numbers.is_in(repeated.unique().implode()).arg_true() if repeated.len() else pl.Series(dtype=pl.UInt32)


def _faults(
    frame: pl.DataFrame, schema: Schema, rules: Sequence[Check], uncertain: Mapping[str, pl.Series]
) -> pl.DataFrame:
    faults = [pl.DataFrame(schema=FAULT_SCHEMA)]
    suspects, rows = _suspects(frame, rules)
    find = _computed if rows.len() < _FEW_SUSPECTS else _failing
    for rule, failing in find(frame[rows], schema, suspects) if suspects else ():
        positions = rows.filter(failing)
        for name in rule.columns:
            if name in uncertain:
                positions = positions.filter(~uncertain[name].gather(positions))
        faults.append(faults_at(positions, rule.name))
    return pl.concat(faults)


def _suspects(frame: pl.DataFrame, rules: Sequence[Check]) -> tuple[list[str], pl.Series]:
    """The rules that some rows break and the positions of these rows, found with one plan; all if a rule cannot be computed.

    Pandera runs a separate plan for each check, which costs more than the rows of a return of a few hundred rows.
    """
    try:
        held = frame.select(map(_verdict, rules))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return [each.name for each in rules], pl.int_range(frame.height, dtype=pl.UInt32, eager=True)
    broken = [each.name for each in held.get_columns() if not each.all()]
    if not broken:
        return [], pl.Series(dtype=pl.UInt32)
    return broken, held.select(~pl.all_horizontal(broken)).to_series().arg_true()


def _computed(frame: pl.DataFrame, schema: Schema, suspects: Sequence[str]) -> Iterator[tuple[Check, pl.Series]]:
    """Each of the rules with a Boolean series that is true where it fails."""
    for rule in map(schema.rules.__getitem__, suspects):
        if rule.holds is not None:
            yield rule, ~_where_it_can_be_computed(frame, rule.holds, otherwise=not rule.must_compute)


def _failing(frame: pl.DataFrame, schema: Schema, suspects: Sequence[str]) -> Iterator[tuple[Check, pl.Series]]:
    """The same as pandera finds it, of the rules that fail."""
    # It brings along pandas: what breaks no rule, or in few rows, is spared half a second.
    import pandera.polars as pa
    from pandera.errors import SchemaErrors

    problems = []
    try:
        with _ONE_AT_A_TIME:
            schema.to_pandera(suspects).validate(frame, lazy=True)
    except SchemaErrors as error:
        problems = [(each.check, each.check_output, each.reason_code) for each in error.schema_errors]
    for check, output, reason in problems:
        if not isinstance(check, pa.Check) or check.name not in schema.rules:
            raise InternalError(f"Contract {schema.contract.id}: the frame is not of its schema ({reason}).")
        rule = schema.rules[str(check.name)]
        if isinstance(output, pl.DataFrame):
            yield rule, ~output.to_series()
        elif rule.holds is not None:
            yield rule, ~_where_it_can_be_computed(frame, rule.holds, otherwise=not rule.must_compute)


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
