"""Cells of the key that are empty below a filled one, where an empty cell has a meaning of its own.

Somebody who writes a unit once and leaves the cells below it empty means that unit; by the contract an empty cell means
something else, such as all units. Both can be read, so neither is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from probation_etl.contracts.findings import Finding, make
from probation_etl.intake.columns_found import Columns
from probation_etl.intake.readers import BLANKS


def unclear_blanks(frame: pl.DataFrame, columns: Columns, told: Sequence[int]) -> dict[str, pl.Series]:
    """By column name, where a cell of an optional key column is empty below a filled one.

    Labels of groups are texts, and stand to the left of what they group: a cell is not asked about if a cell of the key
    to its left names something new.

    Args:
        frame: ``source_row`` and one String column for each contract column found.
        columns: Where the columns stand.
        told: Positions of rows that are no rows of data: they are passed over.
    """
    if not may_be_unclear(columns):
        return {}
    places = columns.places
    key = sorted((name for name in columns.contract.key if name in places), key=lambda name: places[name])
    column_of = columns.contract.column
    data = frame.with_row_index("at")
    data = data.filter(~pl.col("at").is_in(list(told))) if told else data
    texts = data.select("at", pl.col(key).str.strip_chars(BLANKS)).with_columns(
        pl.when(pl.col(key) != "").then(pl.col(key))
    )
    found = {}
    for number, name in enumerate(key):
        column = column_of(name)
        if column.type != "string" or column.required or texts[name].null_count() in (0, texts.height):
            continue
        left = [
            pl.col(each).is_null() | (pl.col(each) == pl.col(each).forward_fill().shift(1)) for each in key[:number]
        ]
        blank = pl.col(name).is_null() & (pl.col(name).is_not_null().cum_sum() > 0)
        asked = texts.filter(pl.all_horizontal(blank, *left))["at"]
        if asked.len():
            found[name] = pl.select(pl.int_range(frame.height).is_in(asked.implode()).alias(name)).to_series()
    return found


def may_be_unclear(columns: Columns) -> bool:
    """Whether there is an optional column of texts in the key."""
    key = [columns.contract.column(name) for name in columns.contract.key if name in columns.places]
    return any(each.type == "string" and not each.required for each in key)


def blank_findings(unclear: Mapping[str, pl.Series], frame: pl.DataFrame, columns: Columns) -> Iterator[Finding]:
    """The findings of these cells."""
    for name, cells in unclear.items():
        at = columns.places[name]
        for row in frame["source_row"].filter(cells):
            yield make(
                "unclear-blank",
                column=columns.title(at),
                rule=f"{name}|blank",
                row=int(row),
                cell=columns.cell(int(row), at),
            )
