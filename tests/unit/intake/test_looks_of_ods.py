"""What an OpenDocument spreadsheet shows besides what it stores."""

from __future__ import annotations

import pytest

from probation_etl.intake.readers import Grid, Otherwise, read_grids
from raw_workbooks import open_document

STYLES = """
<style:style style:name="up" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>
<style:style style:name="down" style:family="text"><style:text-properties style:text-position="-33% 58%"/></style:style>
<style:style style:name="bold" style:family="text"><style:text-properties/></style:style>
<style:style style:name="raised" style:family="table-cell"><style:text-properties style:text-position="33%"/></style:style>
<style:style style:name="child" style:family="table-cell" style:parent-style-name="raised"/>
<style:style style:name="flat" style:family="table-row"><style:table-row-properties style:row-height="0cm"/></style:style>
<style:style style:name="tall" style:family="table-row"><style:table-row-properties style:row-height="0.45cm"/></style:style>
<style:style style:name="thin" style:family="table-column"><style:table-column-properties style:column-width="0in"/></style:style>
"""


def cell(text: str | None, attributes: str = "", *, kind: str = "") -> str:
    typed = f'office:value-type="{kind}" ' if kind else ""
    inside = "" if text is None else f"<text:p>{text}</text:p>"
    return f"<table:table-cell {typed}{attributes}>{inside}</table:table-cell>"


def row(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


def number(value: float, text: str | None, kind: str = "float") -> str:
    return cell(text, f'office:value="{value!r}"', kind=kind)


def day(value: str, text: str | None) -> str:
    return cell(text, f'office:date-value="{value}"', kind="date")


def read(*rows: str, columns: str = "") -> Grid:
    (grid,) = read_grids(open_document("".join(rows), styles=STYLES, columns=columns))
    return grid


OTHERWISE = [
    (number(0.28, "28%", "percentage"), "28%", Otherwise.PER_CENT),
    (number(0.28, "28 %", "percentage"), "28 %", Otherwise.PER_CENT),
    (number(0.28, None, "percentage"), "28%", Otherwise.PER_CENT),
    (number(101, "0101"), "0101", Otherwise.FORMAT),
    (number(101001, "X101001"), "X101001", Otherwise.FORMAT),
    (number(1234567, "1,235"), "1,235", Otherwise.FORMAT),
    (number(5, ""), "", Otherwise.FORMAT),
    (number(1.5, "1 1/2"), "1 1/2", Otherwise.FORMAT),
    (number(42.142857142857, "42.14"), "42.14", Otherwise.ROUNDED),
    (number(42.142857142857, "42,14"), "42,14", Otherwise.ROUNDED),
    (number(1234567890123456, "1234567890123456"), "1234567890123456", Otherwise.DIGITS),
    (day("2020-09-01", "Sep-20"), "Sep-20", Otherwise.DATE_PART),
    (day("2020-09-20", "Sep 20"), "Sep 20", Otherwise.DATE_PART),
    (day("2020-09-28", "Montag"), "Montag", Otherwise.DATE_PART),
    (day("2020-09-28", "09/2020"), "09/2020", Otherwise.DATE_PART),
    (day("2020-09-28T12:00:00", "28/09/2020"), "28/09/2020", Otherwise.ROUNDED),
    (day("2020-09-28T12:00:00", "12:00"), "12:00", Otherwise.TIME),
    (number(1.0, "TRUE"), "TRUE", Otherwise.FORMAT),
    (cell("06:30", 'office:time-value="PT06H30M00S"', kind="time"), "06:30", Otherwise.TIME),
    (cell('420<text:span text:style-name="up">1</text:span>', kind="string"), "420¹", Otherwise.RAISED),
    (cell('H<text:span text:style-name="down">2</text:span>O', kind="string"), "H₂O", Otherwise.RAISED),
    (cell("12", 'table:style-name="raised"', kind="string"), "¹²", Otherwise.RAISED),
    (cell("12", 'table:style-name="child"', kind="string"), "¹²", Otherwise.RAISED),
]  # fmt: skip

AS_STORED = [
    number(47, "47.00"), number(1234567, "1,234,567"), number(1234567.5, "1.234.567,50"), number(12345, "12 345"),
    number(0.1 + 0.2, "0.3"), number(-5, "(5)"), number(-5, "-5"), number(0, "-"), number(1234.5, "£1,234.50", "currency"),
    number(1234.5, "1.234,50 €", "currency"), number(5, "5,00 CHF", "currency"), number(12, "12 cases"), number(47, None),
    number(0, "#DIV/0!"), number(0, "Err:502"), number(0, "0%", "percentage"), number(1e-07, "1E-07"),
    day("2020-09-28", "28/09/20"), day("2020-09-28", "09/28/2020"), day("2020-09-28", "28. September 2020"),
    day("2020-09-28", "Mon Sep 28 00:00:00 2020"), day("2020-09-28", "20200928"), day("2020-09-28", "2020-09-28"),
    day("2020-09-09", "09/09/09 20"), day("2020-09-28", None), day("2020-09-28T12:30:00", "28/09/2020 12:30"),
    day("2020-09-28T12:30:00", "28 Sep 2020 12:30"), cell("TRUE", 'office:boolean-value="true"', kind="boolean"),
    cell("plain <text:span text:style-name='bold'>bold</text:span>", kind="string"),
    cell('the 21<text:span text:style-name="up">st</text:span>', kind="string"),
    cell("0101", kind="string"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "shown", "how"), OTHERWISE)
def test_what_is_shown_otherwise_is_told(written: str, shown: str, how: Otherwise) -> None:
    grid = read(row(cell("Fine", kind="string")), row(written))
    assert grid.shown.rows() == [(1, 0, shown, how)]


@pytest.mark.parametrize("written", AS_STORED)
def test_a_value_shown_in_other_words_is_the_same_value(written: str) -> None:
    assert read(row(cell("Fine", kind="string")), row(written)).shown.rows() == []


def test_a_comment_is_not_what_a_cell_shows() -> None:
    note = "<office:annotation><text:p>about 3 of them</text:p></office:annotation>"
    written = number(47, "47").replace("<text:p>", f"{note}<text:p>")
    assert read(row(written)).shown.rows() == []


def test_repeated_cells_and_rows_are_counted() -> None:
    per_cent = number(0.28, "28%", "percentage").replace(
        "<table:table-cell", '<table:table-cell table:number-columns-repeated="2"'
    )
    grid = read(
        row(cell("a", kind="string"), attributes='table:number-rows-repeated="2"'),
        row("<table:table-cell/>", per_cent, attributes='table:number-rows-repeated="2"'),
        row(number(101, "0101")),
    )
    places = [(at, column) for at in (2, 3) for column in (1, 2)]
    assert [each[:2] for each in grid.shown.rows()] == [*places, (4, 0)]


def test_hidden_rows_are_told() -> None:
    filled = cell("x", kind="string")
    grid = read(
        row(filled),
        row(filled, attributes='table:visibility="filter" table:number-rows-repeated="2"'),
        row(filled, attributes='table:visibility="collapse"'),
        row(filled, attributes='table:style-name="tall"'),
        row(filled, attributes='table:style-name="flat"'),
        f'<table:table-row-group table:display="false">{row(filled)}</table:table-row-group>',
        f"<table:table-row-group>{row(filled)}</table:table-row-group>",
        row("<table:table-cell/>", attributes='table:visibility="collapse" table:number-rows-repeated="1000"'),
        row(filled),
    )
    assert grid.hidden_rows == (1, 2, 3, 5, 6)


def test_hidden_columns_are_told() -> None:
    columns = (
        "<table:table-column/>"
        '<table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>'
        '<table:table-column-group table:display="false"><table:table-column/></table:table-column-group>'
        '<table:table-column table:style-name="thin"/>'
        '<table:table-column table:visibility="collapse" table:number-columns-repeated="1000"/>'
    )
    grid = read(row(*[cell("x", kind="string")] * 5), columns=columns)
    assert grid.hidden_columns == (1, 2, 3, 4)
