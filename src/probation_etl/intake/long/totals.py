"""Rows of a long return that add up others: known by their names, as in any table with more rows than one of counts has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from probation_etl.contracts.findings import Finding
from probation_etl.intake import row_texts as texts
from probation_etl.intake.columns_found import Columns
from probation_etl.intake.frames import Part
from probation_etl.intake.sums import LONGEST_BLOCK, Rows
from probation_etl.intake.table import named_texts
from probation_etl.intake.totals import has_other_names, perhaps_named, total_finding


def total_rows_in(parts: Sequence[Part], suspicious: Sequence[bool], columns: Columns) -> Iterator[tuple[int, Finding]]:
    """The rows that are totals, by their position among all rows of data, each with its finding.

    Args:
        parts: The rows of data, as the supplier sent them.
        suspicious: For each part, whether there may be any in it.
        columns: Where the columns stand.
    """
    others = _OtherNames(parts, columns)
    found, begin = set[int](), 0
    for number, part in enumerate(parts):
        if suspicious[number]:
            before, frame = _above(parts[:number], columns), named_texts(part.read(), columns)
            near = pl.concat([*before, frame])
            height = near.height - frame.height
            for at in _named(frame, columns, others):
                first = max(0, height + at - LONGEST_BLOCK)
                shift = begin - height + first
                own = {each - shift for each in found if each >= shift}
                rows = Rows(near[first : height + at + 1], columns, own, is_part=True)
                finding = total_finding(rows, height + at - first, certain=True)
                if finding is not None:
                    found.add(begin + at)
                    yield begin + at, finding
        begin += part.height


def may_have_totals(cells: pl.DataFrame, columns: Columns) -> bool:
    """Whether there may be the name of a total among some rows."""
    frame = named_texts(cells.with_columns(source_row=0), columns)
    return any(len(each) for each in perhaps_named(frame, Rows(frame, columns)).values())


def _above(parts: Sequence[Part], columns: Columns) -> list[pl.DataFrame]:
    """The rows above a part that a row in it may add up."""
    found, lacking = list[pl.DataFrame](), LONGEST_BLOCK
    for part in reversed(parts):
        if not lacking:
            break
        found.insert(0, named_texts(part.read(), columns).tail(lacking))
        lacking -= found[0].height
    return found


def _named(frame: pl.DataFrame, columns: Columns, others: _OtherNames) -> list[int]:
    """Positions of the rows that have the name of a total."""
    table = Rows(frame, columns)
    found = set[int]()
    for name, perhaps in perhaps_named(frame, table).items():
        column = columns.contract.column(name)
        cells = table.stripped(name).gather(perhaps)
        names = [
            text
            for text in cells.unique().drop_nulls()
            if text not in column.labels and (texts.names_total(text) or (texts.names_all(text) and others.has(name)))
        ]
        rows = perhaps.filter(cells.is_in(names)) if names else perhaps.head(0)
        found |= {int(at) for at in rows if name in table.leading or table.incomplete[at]}
    return sorted(found)


class _OtherNames:
    """Whether columns name other things than all of a kind."""

    def __init__(self, parts: Sequence[Part], columns: Columns) -> None:
        self._parts, self._columns = parts, columns
        self._known: dict[str, bool] = {}

    def has(self, name: str) -> bool:
        """Whether a column does."""
        if name not in self._known:
            texts_of_all = (named_texts(part.read(), self._columns) for part in self._parts)
            self._known[name] = any(has_other_names(Rows(each, self._columns).stripped(name)) for each in texts_of_all)
        return self._known[name]
