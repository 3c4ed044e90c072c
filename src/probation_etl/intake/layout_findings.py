"""What is wrong with the layout of a table as a whole: its header, the width of its records, its length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.organisations import fold
from probation_etl.discreet import Discreet
from probation_etl.intake.body import Body
from probation_etl.intake.broken_records import broken_findings, broken_records
from probation_etl.intake.columns_found import Columns
from probation_etl.intake.header import nearest
from probation_etl.intake.header_texts import headers_of
from probation_etl.intake.readers import BLANKS, Grid, column_letters

#: Unexpected columns that are told one by one.
_ONE_BY_ONE = 5
#: Unexpected columns that are named.
_NAMED = 20
#: Rows and columns that a sheet can have, of today and of workbooks before 2007.
_FULL_ROWS, _FULL_COLUMNS = (65_536, 1_048_576), (256, 16_384)


@dataclass(frozen=True)
class SecondRow(Discreet):
    """The other row of a header that stands in two.

    Attributes:
        row: Number of the row, from 0 in the grid.
        columns: The columns of the contract whose headers are in it, by their position.
    """

    row: int
    columns: dict[int, str]


def second_row(columns: Columns) -> SecondRow | None:
    """The row above or below the header that has headers which are missing in it, where it has no header of the contract."""
    header, cells = columns.header, columns.grid.cells
    known = headers_of(columns.contract)
    if columns.contract.layout.header_rows != 1:
        return None
    for row in (header.row + 1, header.row - 1):
        found: dict[int, str] = {}
        other = cells.row(row) if 0 <= row < cells.height else ()
        filled = {at: text for at, text in enumerate(other) if text and text.strip(BLANKS)}
        for at, text in filled.items():
            group = (header.texts[at] or "") if header.meanings[at] is None else ""
            joined = f"{group} {text}" if row > header.row else f"{text} {group}"
            for name in (known.get(fold(text)), known.get(fold(joined))):
                if header.meanings[at] is None and name and name not in columns.places:
                    found[at] = name
        is_header = all(at in found or fold(text) in known for at, text in filled.items())
        if found and (is_header or row < header.row):
            return SecondRow(row, found)
    return None


def header_findings(columns: Columns, body: Body, second: SecondRow | None) -> Iterator[Finding]:
    """Columns that are missing, unexpected or there twice; one finding instead where the header stands in two rows."""
    known = set(second.columns.values()) if second else set()
    missing = [name for name in columns.contract.column_names if name not in columns.places and name not in known]
    if second:
        yield _two_rows(columns, second)
    yield from _missing(columns, missing)
    yield from _twice(columns)
    yield from _unexpected(columns, body, second)


def _two_rows(columns: Columns, second: SecondRow) -> Finding:
    first, last = sorted((columns.header.row + 1, second.row + 1))
    names = ", ".join(f"‘{columns.contract.column(name).header}’" for name in second.columns.values())
    text = (
        f"The header stands in two rows, {first} and {last}: {names} are in row {second.row + 1}, the others are not."
    )
    return make("two-row-header", expected=text)


def _missing(columns: Columns, missing: list[str]) -> Iterator[Finding]:
    strangers = columns.header.strangers
    for column in map(columns.contract.column, missing):
        near = nearest(column, strangers)
        yield make(
            "missing-column",
            expected=column.header,
            column=column.header,
            rule=f"{column.name}|present",
            hint=f"Did you mean this by ‘{near}’? Correct the header." if near else "",
            severity="error" if column.required else "warning",
        )


def _twice(columns: Columns) -> Iterator[Finding]:
    for at, (text, meaning) in enumerate(zip(columns.header.texts, columns.header.meanings, strict=True)):
        if meaning is not None and columns.places[meaning] != at:
            yield make("duplicate-column", column=str(text), rule=f"{meaning}|once")


def _unexpected(columns: Columns, body: Body, second: SecondRow | None) -> Iterator[Finding]:
    header, first = columns.header, columns.grid.first_column
    group = set(second.columns) if second else set()
    # Those with a header may be listed by another return.
    is_listed = columns.contract.layout.described_by is not None
    strange = [
        text or f"{column_letters(at + first)} (no header)"
        for at, (text, meaning) in enumerate(zip(header.texts, header.meanings, strict=True))
        if meaning is None
        and at not in group
        and at not in header.aside
        and (_holds_data(columns, body, at) if text is None else not is_listed)
    ]
    yield from unexpected_columns(strange)


def unexpected_columns(strange: Sequence[str]) -> Iterator[Finding]:
    """Warnings for columns that are not part of the return; one for all where they are many."""
    if len(strange) <= _ONE_BY_ONE:
        yield from (make("unexpected-column", column=each, severity="warning") for each in strange)
    else:
        named = ", ".join(f"‘{each}’" for each in strange[:_NAMED])
        more = f" and {len(strange) - _NAMED} more" if len(strange) > _NAMED else ""
        text = f"{len(strange)} columns are not part of the return and were not read: {named}{more}."
        hint = "Remove the columns, or correct their headers."
        yield replace(make("unexpected-column", severity="warning", hint=hint), message=text)


def _holds_data(columns: Columns, body: Body, at: int) -> bool:
    """Whether a column without a header has data; the surplus cells of a broken record are reported with the record."""
    beyond = columns.width is not None and at >= columns.width
    return not beyond and at in body.with_data


def record_findings(columns: Columns, body: pl.DataFrame) -> tuple[list[int], list[Finding]]:
    """Records with more or fewer cells than the header: their positions, and the findings.

    Where all records differ from the header in the same way there is one finding: a warning if the cells that are too
    many are always empty, else an error, since nobody knows which columns the cells belong to.
    """
    grid = columns.grid
    width = columns.width
    if grid.widths is None or width is None or not body.height:
        return [], []
    widths = grid.widths.gather(body["source_row"] - 1)
    found = broken_records(grid, body["source_row"], columns.header, width)
    broken, other = found["position"].to_list(), int(widths[0])
    if other != width and widths.n_unique() == 1 and not found["fault"].count():
        is_empty = is_empty_beyond(columns, body, other, width)
        if is_empty or len(broken) > 1:
            return [] if is_empty else broken, [other_width(other, width, is_empty=is_empty)]
    return broken, [*broken_findings(found, body["source_row"], width)]


def other_width(other: int, width: int, *, is_empty: bool) -> Finding:
    """What is said where all records have one width, and the header another.

    Args:
        other: Cells of each record.
        width: Cells of the header.
        is_empty: Whether the cells that only the records, or only the header, have are all empty.
    """
    if is_empty:
        told = f"{width}. The cells at the end are always empty: the rows were read without them."
        return make("record-width", value=str(other), expected=told, severity="warning")
    told = f"{width}. It is not clear which columns the cells belong to."
    return make("record-width", value=str(other), expected=told)


def is_empty_beyond(columns: Columns, body: pl.DataFrame, other: int, width: int) -> bool:
    """Whether the cells that only the records, or only the header, have are all empty."""
    beyond = body.select(pl.col(f"c{at}") for at in range(width, other)).get_columns()
    in_records = all((each.str.strip_chars(BLANKS).fill_null("") == "").all() for each in beyond)
    return in_records and not any((text or "").strip(BLANKS) for text in columns.header.texts[other:width])


def cut_off(grid: Grid, last_row: int | None, *, lacks_column: bool) -> Iterator[Finding]:
    """Tables that end where a sheet has no more rows or columns.

    Args:
        grid: The cells.
        last_row: The last row of data, as a person sees it; None where a note below it shows that this is the end.
        lacks_column: Whether a column of the contract is missing.
    """
    what = "sheet" if grid.sheet is not None else "file"
    if last_row in _FULL_ROWS:
        text = f"The data end in row {last_row:,} of the {what}, the last row that a sheet can have: perhaps the rest was cut off."
        yield make("perhaps-cut-off", expected=text)
    width = grid.cells.width + grid.first_column
    if lacks_column and width in _FULL_COLUMNS:
        text = f"The {what} has {width:,} columns, as many as a sheet can have, and lacks some: perhaps the rest was cut off."
        yield make("perhaps-cut-off", expected=text)
