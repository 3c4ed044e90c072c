"""What a workbook shows besides its values: cells shown otherwise than stored, hidden rows and columns."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from probation_etl.intake.readers import Grid, Otherwise, read_grids

Shown = list[tuple[int, int, str, str]]


def workbook(fill: Callable[[Workbook, Worksheet], None], **options: object) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, **options}) as book:
        fill(book, book.add_worksheet("Loans"))
    return target.getvalue()


def styled(book: Workbook, code: str) -> Format:
    return book.add_format({"num_format": code})


def changed(data: bytes, part: str, *changes: tuple[str, str]) -> bytes:
    """The workbook with texts of one of its parts replaced; each pattern must be found."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            if name == part:
                for pattern, instead in changes:
                    text, count = re.subn(pattern.encode(), instead.encode(), text)
                    assert count
            new.writestr(name, text)
    return target.getvalue()


def shown(grid: Grid) -> Shown:
    return grid.shown.rows()


def one(data: bytes) -> Grid:
    (grid,) = read_grids(data)
    return grid


def looks(fill: Callable[[Workbook, Worksheet], None], **options: object) -> Shown:
    return shown(one(workbook(fill, **options)))


def test_an_ordinary_workbook_shows_what_is_stored() -> None:
    def fill(book: Workbook, sheet: Worksheet) -> None:
        sheet.write_row("A1", ["Name", "Lent on", "Fine", "Copies", "Renewed"], book.add_format({"bold": True}))
        for row in range(1, 30):
            sheet.write_string(row, 0, f"Loan {row}")
            sheet.write_datetime(row, 1, date(2024, 3, row), styled(book, "dd/mm/yyyy"))
            sheet.write_number(row, 2, row / 100, styled(book, "£#,##0.00"))
            sheet.write_number(row, 3, 1000 * row, styled(book, "#,##0"))
            sheet.write_boolean(row, 4, row % 2, styled(book, "0%"))
        sheet.write_formula("A31", '="a"&"b"', styled(book, "0.00"), "ab")
        sheet.set_row(40, None, None, {"hidden": True})
        sheet.set_column("Z:XFD", None, None, {"hidden": True})

    grid = one(workbook(fill))
    assert (shown(grid), grid.hidden_rows, grid.hidden_columns) == ([], (), ())


def test_cells_shown_otherwise_are_told_at_their_place() -> None:
    def fill(book: Workbook, sheet: Worksheet) -> None:
        sheet.write("C3", 0.28, styled(book, "0%"))
        sheet.write("D3", 101, styled(book, "0000"))
        sheet.write("E3", 44075, styled(book, "mmm-yy"))
        sheet.write("C4", 42.142857, styled(book, "0.00"))
        sheet.write("D4", 0.25, styled(book, "[h]:mm"))
        sheet.write_formula("E4", "=C3*2", styled(book, "0.0%"), 0.565)
        sheet.write_number("C5", 1234567890123456)

    assert looks(fill) == [
        (2, 0, "28%", Otherwise.PER_CENT),
        (2, 1, "0101", Otherwise.FORMAT),
        (2, 2, "Sep-20", Otherwise.DATE_PART),
        (3, 0, "42.14", Otherwise.ROUNDED),
        (3, 1, "6:00", Otherwise.TIME),
        (3, 2, "56.5%", Otherwise.PER_CENT),
        (4, 0, "1.23457E+15", Otherwise.DIGITS),
    ]


def test_raised_characters_are_told_from_the_others() -> None:
    def fill(book: Workbook, sheet: Worksheet) -> None:
        raised, lowered = book.add_format({"font_script": 1}), book.add_format({"font_script": 2})
        sheet.write_rich_string("A1", "420", raised, "1")
        sheet.write_rich_string("A2", "Oldham", raised, "a", " and Bury")
        sheet.write_rich_string("A3", "H", lowered, "2", "O")
        sheet.write_rich_string("A4", "21", raised, "st", " of March")
        sheet.write_string("A5", "12", raised)
        sheet.write_rich_string("A6", "plain", book.add_format({"bold": True}), "bold")

    assert looks(fill) == [
        (0, 0, "420¹", Otherwise.RAISED),
        (1, 0, "Oldham^a and Bury", Otherwise.RAISED),
        (2, 0, "H₂O", Otherwise.RAISED),
        (4, 0, "¹²", Otherwise.RAISED),
    ]


def test_raised_characters_in_texts_that_stand_in_their_cells() -> None:
    def fill(book: Workbook, sheet: Worksheet) -> None:
        sheet.write_string("B2", "marked")

    run = '<is><r><t>420 &amp; 7</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>2</t></r></is>'
    data = changed(
        workbook(fill),
        "xl/worksheets/sheet1.xml",
        ('<c r="B2" t="s"><v>0</v></c>', f'<c r="B2" t="inlineStr">{run}</c>'),
    )
    assert shown(one(data)) == [(1, 0, "420 & 7²", Otherwise.RAISED)]


def test_a_text_hidden_by_its_format_is_told() -> None:
    def fill(book: Workbook, sheet: Worksheet) -> None:
        sheet.write_string("A1", "seen", styled(book, "0;0;0;@"))
        sheet.write_string("A2", "unseen", styled(book, ";;;"))
        sheet.write_number("A3", 5, styled(book, ";;;"))

    assert looks(fill) == [(1, 0, "", Otherwise.FORMAT), (2, 0, "", Otherwise.FORMAT)]


def hide(book: Workbook, sheet: Worksheet) -> None:
    for row in range(8):
        sheet.write_row(row, 1, [row, "text", row])
    sheet.set_row(2, None, None, {"hidden": True})
    sheet.set_row(3, 0)
    sheet.set_row(5, None, None, {"level": 1, "hidden": True})
    sheet.set_row(6, None, None, {"level": 1})
    sheet.set_row(9, None, None, {"hidden": True})
    sheet.set_column("C:C", None, None, {"hidden": True})
    sheet.set_column("D:D", 0)
    sheet.set_column("E:H", None, None, {"hidden": True})


def test_hidden_rows_and_columns_with_content_are_told() -> None:
    grid = one(workbook(hide))
    assert grid.hidden_rows == (2, 3, 5)
    assert grid.hidden_columns == (2, 3)


def filtered(book: Workbook, sheet: Worksheet) -> None:
    sheet.write_column("A1", ["Branch", "Central", "North", "Central"])
    sheet.autofilter("A1:A4")
    sheet.filter_column("A", "x == Central")
    sheet.set_row(2, options={"hidden": True})


def test_rows_hidden_by_a_filter_are_told_and_read() -> None:
    grid = one(workbook(filtered))
    assert grid.cells["c0"].to_list() == ["Branch", "Central", "North", "Central"]
    assert grid.hidden_rows == (2,)


def awkward(book: Workbook, sheet: Worksheet) -> None:
    hide(book, sheet)
    for row in range(8):
        sheet.write(row, 1, 0.5, styled(book, "0%"))


UNUSUAL = {
    "single quotes": ((r'(\w+)="([^"<>]*)"', r"\1='\2'"),),
    "cells and rows without references": ((r'(<row|<c) r="[A-Z]?\d+"', r"\1"),),
    "prefixed elements": ((r"<(/?)(\w)", r"<\1x:\2"), ('xmlns="', 'xmlns:x="')),
    "lines between attributes": ((' s="', '\ns="'),),
    "line breaks": (("<c ", "<c\n "), ("<row ", "<row\n "), (' s="', '\n s = "')),
}


@pytest.mark.parametrize("changes", UNUSUAL.values(), ids=UNUSUAL)
def test_a_sheet_may_be_written_in_any_way(changes: tuple[tuple[str, str], ...]) -> None:
    def everywhere(book: Workbook, sheet: Worksheet) -> None:
        awkward(book, sheet)
        sheet.write_column("A1", ["x"] * 8)  # no gaps: cells without references follow one another

    plain = one(workbook(everywhere))
    grid = one(changed(workbook(everywhere), "xl/worksheets/sheet1.xml", *changes))
    assert shown(grid) == shown(plain) == [(row, 1, "50%", Otherwise.PER_CENT) for row in range(8)]
    assert (grid.hidden_rows, grid.hidden_columns) == ((2, 3, 5), (2, 3))


def test_long_sheets_are_seen_to_their_end() -> None:
    def fill(book: Workbook, sheet: Worksheet) -> None:
        per_cent = styled(book, "0%")
        for row in range(12_000):
            sheet.write_row(row, 0, ["some text that takes its room", row, row / 8, "and more of it"])
        sheet.write(11_999, 1, 0.28, per_cent)
        sheet.set_row(11_998, None, None, {"hidden": True})

    grid = one(workbook(fill))
    assert shown(grid) == [(11_999, 1, "28%", Otherwise.PER_CENT)]
    assert grid.hidden_rows == (11_998,)


def test_workbooks_of_1904_show_their_days() -> None:
    def fill(book: Workbook, sheet: Worksheet) -> None:
        sheet.write_datetime("A1", date(2020, 9, 1), styled(book, "mmm-yy"))

    assert looks(fill, date_1904=True) == [(0, 0, "Sep-20", Otherwise.DATE_PART)]


def test_dates_stored_as_text_have_a_look_too() -> None:
    def fill(book: Workbook, sheet: Worksheet) -> None:
        sheet.write_datetime("A1", date(2020, 9, 1), styled(book, "mmm-yy"))

    data = changed(workbook(fill), "xl/worksheets/sheet1.xml", ("><v>44075</v>", ' t="d"><v>2020-09-01T00:00:00Z</v>'))
    assert shown(one(data)) == [(0, 0, "Sep-20", Otherwise.DATE_PART)]


def test_the_style_that_cells_need_not_name_counts_too() -> None:
    def fill(book: Workbook, sheet: Worksheet) -> None:
        sheet.write_number("A1", 0.28)
        sheet.write_number("B1", 28, styled(book, "0"))

    data = changed(
        workbook(fill), "xl/styles.xml", ('<cellXfs count="2"><xf numFmtId="0"', '<cellXfs count="2"><xf numFmtId="9"')
    )
    assert shown(one(data)) == [(0, 0, "28%", Otherwise.PER_CENT)]
