"""Rows that add up others: totals, subtotals and averages. Loaded beside their parts they would count twice.

A row is known as a total by its name, or by its numbers. A name that may be one (``Total Care Ltd``) counts if the numbers
agree with it. Numbers alone count only where no coincidence explains them.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from probation_etl.contracts.findings import Finding, make
from probation_etl.intake import row_texts as texts
from probation_etl.intake.columns_found import Columns
from probation_etl.intake.few_texts import positions_with
from probation_etl.intake.hidden import in_groups
from probation_etl.intake.sums import SHORT, Rows, Sum, chance_of, sums

#: How unlikely it must be that the numbers of a row with a name of its own are sums by chance: one in so many.
_NO_CHANCE = 30_000
#: Rows that one number must add up to say something.
_ADDED_BY_ONE_NUMBER = 3
#: The same of a row that lacks a name which all rows above have.
_LITTLE_CHANCE = 50
#: The same of a row whose name may be that of a total, for each of the rows above it.
_BORNE_OUT = 1_000
#: Rows without a name that are looked at.
_NAMELESS = 200


def total_rows(frame: pl.DataFrame, columns: Columns) -> list[tuple[int, Finding]]:
    """The rows that are totals, by their position, each with its finding.

    Args:
        frame: ``source_row`` and one String column for each contract column found.
        columns: Where the columns stand.
    """
    table = Rows(frame, columns)
    named = _named(table)
    found = {}
    for at in sorted({*named, *(_nameless(table) if frame.height <= SHORT else ())}):
        finding = total_finding(table, at, certain=named.get(at))
        if finding is not None:
            table.found.add(at)
            found[at] = finding
    return list(found.items())


def total_finding(table: Rows, at: int, *, certain: bool | None) -> Finding | None:
    """What is said of a row that is a total; None if it is none.

    Args:
        table: The rows.
        at: Position of the row.
        certain: Whether its name is that of a total and can mean nothing else, if it has one.
    """
    reason = _reason(table, at, certain=certain)
    if reason is None:
        return None
    return make("total-row", row=int(table.frame["source_row"][at]), expected=reason)


def _reason(table: Rows, at: int, *, certain: bool | None) -> str | None:
    """Why a row is a total; None if it is none. ``certain`` says whether its name is that of a total, if it has one."""
    found = sums(table, at)
    if not certain:
        agrees = _is_no_chance if certain is None else _agrees
        found = [each for each in found if agrees(table, at, each)]
    best = max(found, key=lambda each: (len(each.columns), len(each.rows)), default=None)
    if best is None:
        return "It is named as a total." if certain else None
    rows = in_groups(int(table.frame["source_row"][part]) for part in best.rows)
    return f"It adds up rows {rows}." if certain is None else f"It is named as a total and adds up rows {rows}."


def _named(table: Rows) -> dict[int, bool]:
    """Rows that have the name of a total, by position, and whether it can mean nothing else."""
    found: dict[int, bool] = {}
    column_of = table.columns.contract.column
    for name, perhaps in perhaps_named(table.frame, table).items():
        column, leads = column_of(name), name in table.leading
        for at in perhaps:
            cells = table.texts[name]
            text = str(cells[at])
            if text in column.labels or not (leads or table.incomplete[at]):
                continue
            if texts.names_total(text) or (texts.names_all(text) and has_other_names(cells)):
                found[at] = True
            elif leads and table.frame.height <= SHORT and texts.may_name_total(text):
                alone = table.incomplete[at] and table.has_one_name(at)
                odd = not texts.could_be_value(text, column)
                found[at] = found.get(at, False) or odd or alone
    return found


def perhaps_named(frame: pl.DataFrame, table: Rows) -> dict[str, pl.Series]:
    """By column, positions of the rows of a frame that may have the name of a total."""
    column_of = table.columns.contract.column
    looked_at = [name for name in frame.columns[1:] if column_of(name).type == "string" or name in table.leading]
    return positions_with(texts.PERHAPS_TOTAL, frame.select(looked_at))


def has_other_names(cells: pl.Series) -> bool:
    """Whether a column names other things than all of a kind: beside these such a name is that of a total."""
    return any(not texts.names_all(str(other)) for other in cells.drop_nulls().unique())


def _nameless(table: Rows) -> Iterator[int]:
    """Rows that may be totals without a name: they lack a name that the rows above have, or are the last."""
    if not table.numbers or not table.names or table.frame.height < 3:
        return
    repeated = [pl.col(name).is_null() | ~pl.col(name).is_first_distinct() for name in table.names]
    lacking = [pl.col(name).is_null() & (pl.col(name).is_not_null().cum_sum() > 0) for name in table.names]
    has_number = pl.any_horizontal(pl.col(table.numbers).is_not_null())
    rows = table.texts.select(pl.all_horizontal(repeated) & pl.any_horizontal(lacking) & has_number)
    yield from rows.to_series().arg_true().head(_NAMELESS).to_list()
    yield table.frame.height - 1


def _is_no_chance(table: Rows, at: int, found: Sum) -> bool:
    """Whether all numbers of a row are sums of rows above it, or averages of theirs, and not by chance.

    A row without a name of its own is one sooner than a row with a name, of which all rows above must be the parts.
    """
    others = [name for name in table.given(at) if table.values[name][at] and name not in found.columns]
    is_whole = all(table.lies_between(name, at, found.rows) for name in others)
    if not is_whole or found.rows[-1] > at or (len(found.columns) == 1 and len(found.rows) < _ADDED_BY_ONE_NUMBER):
        return False
    chance = chance_of(table, found)
    if table.lacks_name(at, found.rows):
        return chance >= _LITTLE_CHANCE
    of_all = len(found.rows) >= at - len(table.found)
    return of_all and len(found.columns) > 1 and len(found.rows) >= _ADDED_BY_ONE_NUMBER and chance >= _NO_CHANCE


def _agrees(table: Rows, at: int, found: Sum) -> bool:
    """Whether the numbers of a row whose name may be that of a total bear it out: two of them, or its only one."""
    enough = len(found.columns) > 1 or len(table.given(at)) == 1
    return enough and chance_of(table, found) >= _BORNE_OUT * max(1, at)
