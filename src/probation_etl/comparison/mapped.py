"""Whether the same rows become other rows of a unified table."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from probation_etl.comparison.examples import Examples
from probation_etl.comparison.sides import Side
from probation_etl.contracts.masking import shape
from probation_etl.contracts.model import LINEAGE_COLUMNS, ReturnContract, TableContract
from probation_etl.discreet import Discreet
from probation_etl.proof.evaluate import Row
from probation_etl.unified.harmonise import harmonise_rows

#: Rows that are mapped by both contracts.
_MOST = 500
_ROW = LINEAGE_COLUMNS[1]


@dataclass(frozen=True)
class MappedChange(Discreet, tells=("table", "column")):
    """A column of a unified table that the same rows fill otherwise.

    Attributes:
        table: The unified table.
        column: Its column; None where a row becomes another number of rows.
        differing: Rows that become others.
        compared: Rows that were mapped by both contracts.
        before: What one of them became, masked where the column is restricted; empty where it is not to be shown.
        after: What it becomes.
        form: What is not as usual about the form of the return; empty for the usual one.
    """

    table: str
    column: str | None
    differing: int
    compared: int
    before: str
    after: str
    form: str = ""


def mapped_changes(examples: Examples, other: Side) -> list[MappedChange]:
    """Columns of the unified table that rows which pass both contracts fill otherwise, under each header that they may have."""
    side, usual = examples.side, other.sources(examples.side.contract)
    found = _of_form(examples, other, side.contract, "")
    for form, headed in examples.headed():
        if other.sources(headed) != usual:
            found += [
                each
                for each in _of_form(examples, other, headed, form)
                if each.column not in {one.column for one in found}
            ]
    return found


def _of_form(examples: Examples, other: Side, headed: ReturnContract, form: str) -> list[MappedChange]:
    side, rows = examples.side, examples.passing
    broken = examples.evaluator(other).broken(examples.read_by(other, rows, headed))
    kept = [row for row, rules in zip(rows, broken, strict=True) if not rules & other.errors][:_MOST]
    tables = [each.rulebook.unified_for(each.contract) for each in (side, other)]
    if not kept:
        return []
    if tables[0].table != tables[1].table:
        names = [each.table for each in tables]
        return [MappedChange(names[0], None, len(kept), len(kept), names[0], names[1], form)]
    ours = _mapped(examples, side, examples.read_by(side, kept))
    theirs = _mapped(examples, other, examples.read_by(other, kept, headed))
    return [replace(each, form=form) for each in compared_rows(ours, theirs, tables[0], tables[1], len(kept))]


def compared_rows(
    before: pl.DataFrame, after: pl.DataFrame, old: TableContract, new: TableContract, compared: int
) -> list[MappedChange]:
    """In which columns rows of a unified table differ.

    Args:
        before: The rows as one contract maps them, in the order of ``source_row``.
        after: The same rows as another does.
        old: The unified table beside the one.
        new: The unified table beside the other.
        compared: How many rows were mapped.
    """
    counts = [each.group_by(_ROW).agg(n=pl.len()) for each in (before, after)]
    both = counts[0].join(counts[1], on=_ROW, how="full", coalesce=True).fill_null(0)
    changed = both.filter(pl.col("n") != pl.col("n_right"))
    if changed.height:
        first = changed.sort(_ROW).row(0, named=True)
        said = (f"{first['n']} row(s)", f"{first['n_right']} row(s)")
        return [MappedChange(new.table, None, changed.height, compared, *said)]
    names = [name for name in dict.fromkeys((*before.columns, *after.columns)) if name not in LINEAGE_COLUMNS]
    # A column that a unified table lacks is empty there.
    filled = [
        each.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in names if name not in each.columns)
        for each in (before, after)
    ]
    return [found for name in names for found in _of_column(name, filled[0], filled[1], compared, old, new)]


def _mapped(examples: Examples, side: Side, rows: list[Row]) -> pl.DataFrame:
    typed = examples.evaluator(side).parsed(rows)[1].frame
    return harmonise_rows(
        typed, side.contract, side.rulebook.unified_for(side.contract), side.rulebook.tables, return_id=""
    )


def _of_column(
    name: str, before: pl.DataFrame, after: pl.DataFrame, compared: int, old: TableContract, new: TableContract
) -> list[MappedChange]:
    ours, theirs = before[name], after[name]
    if ours.dtype != theirs.dtype:
        ours, theirs = ours.cast(pl.String, strict=False), theirs.cast(pl.String, strict=False)
    other = ours.ne_missing(theirs)
    if not other.any():
        return []
    at = other.arg_max() or 0
    restricted = any(each.column(name).restricted for each in (old, new) if name in each.column_names)
    shown = [
        "nothing" if each is None else shape(str(each)) if restricted else str(each) for each in (ours[at], theirs[at])
    ]
    rows = before.filter(other)[_ROW].n_unique()
    return [MappedChange(new.table, name, rows, compared, shown[0], shown[1])]
