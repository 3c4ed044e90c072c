"""What each cell of a workbook is, in the words and by the kinds of the file itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from probation_etl.intake.readers import CellKind, Grid, read_grids
from raw_workbooks import BOOK, changed, stored

MUSEUM = Path(__file__).parents[2] / "fixtures"
TEXT, NUMBER, DATE, TIME, BOOLEAN, ERROR = CellKind


def read(*cells: str, date_1904: bool = False) -> list[tuple[str | None, CellKind]]:
    """Text and kind of each cell in one column, written as it is stored."""
    return column(stored(cells, date_1904=date_1904))


def column(data: bytes) -> list[tuple[str | None, CellKind]]:
    (grid,) = read_grids(data)
    assert grid.kinds is not None
    return [(text, CellKind(kind)) for text, kind in zip(grid.cells["c0"], grid.kinds["c0"], strict=True)]


def kinds(grid: Grid) -> list[tuple[CellKind, ...]]:
    assert grid.kinds is not None
    assert grid.kinds.shape == grid.cells.shape
    return [tuple(map(CellKind, row)) for row in grid.kinds.rows()]


@pytest.mark.parametrize("name", ["plain.xlsx", "macros.xlsm", "strict.xlsx", "plain.xls", "plain.xlsb", "plain.ods"])
def test_each_cell_is_of_the_kind_that_the_file_says(name: str) -> None:
    (grid,) = read_grids((MUSEUM / name).read_bytes())
    assert kinds(grid) == [
        (TEXT,) * 8,
        (TEXT, NUMBER, TEXT, DATE, DATE, NUMBER, BOOLEAN, TEXT),
        (TEXT, NUMBER, TEXT, DATE, TEXT, TEXT, BOOLEAN, TEXT),
    ]


@pytest.mark.parametrize("name", ["error-cells.xlsx", "error-cells.xls", "error-cells.ods"])
def test_an_error_is_of_its_own_kind_and_not_an_empty_cell(name: str) -> None:
    (grid,) = read_grids((MUSEUM / name).read_bytes())
    assert [row[5] for row in kinds(grid)] == [TEXT, ERROR, TEXT]
    assert [row[7] for row in kinds(grid)] == [TEXT, TEXT, ERROR]
    assert (grid.cells["c5"][1], grid.cells["c7"][2]) == ("#DIV/0!", "#N/A")


def test_kinds_reach_over_empty_rows_and_columns() -> None:
    (grid,) = read_grids((MUSEUM / "empty-first-rows-and-columns.xlsx").read_bytes())
    assert kinds(grid)[:3] == [(TEXT,) * 8] * 3
    assert kinds(grid)[4] == (TEXT, NUMBER, TEXT, DATE, DATE, NUMBER, BOOLEAN, TEXT)


def test_kinds_hold_in_every_row_of_a_long_sheet() -> None:
    cells = [f"<c><v>{row}</v></c>" if row % 2 else f'<c t="str"><v>{row}</v></c>' for row in range(20_500)]
    assert read(*cells) == [(str(row), NUMBER if row % 2 else TEXT) for row in range(20_500)]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("2020-09-07", "2020-09-07"),
        ("2020-09-07T00:00:00", "2020-09-07"),
        ("2020-09-07T00:00:00.000", "2020-09-07"),
        ("2020-09-07T00:00:00Z", "2020-09-07"),
        ("2020-09-07T00:00:00.000Z", "2020-09-07"),
        ("2020-09-07T00:00:00+01:00", "2020-09-07"),
        ("2020-09-07T00:00", "2020-09-07"),
        ("2020-09-07T10:30:00", "2020-09-07 10:30:00"),
        ("2020-09-07T10:30:00Z", "2020-09-07 10:30:00"),
        ("2020-13-07", "2020-13-07"),
        ("2020-02-30T00:00:00Z", "2020-02-30"),
    ],
)
@pytest.mark.parametrize("style", ["0", "1"])
def test_a_date_that_is_stored_as_text_is_a_date(written: str, text: str, style: str) -> None:
    assert read(f'<c s="{style}" t="d"><v>{written}</v></c>') == [(text, DATE)]


def test_a_text_that_looks_like_a_stored_date_stays_a_text() -> None:
    assert read('<c t="str"><v>2020-09-07T00:00:00Z</v></c>', '<c t="d"><v>2020-09-08T00:00:00Z</v></c>') == [
        ("2020-09-07T00:00:00Z", TEXT), ("2020-09-08", DATE)
    ]  # fmt: skip


def test_times_of_day_and_durations_are_times() -> None:
    assert read(
        '<c s="2"><v>0.5</v></c>', '<c s="3"><v>1.5</v></c>', '<c t="d"><v>T10:30:00Z</v></c>',
        '<c t="d"><v>PT36H30M</v></c>', '<c s="3"><v>-0.25</v></c>',
    ) == [("12:00:00", TIME), ("36:00:00", TIME), ("10:30:00", TIME), ("36:30:00", TIME), ("-06:00:00", TIME)]  # fmt: skip


def test_a_moment_keeps_its_time_and_loses_what_arithmetic_left_of_midnight() -> None:
    assert read(*(f'<c s="1"><v>{each}</v></c>' for each in ("44000.5", "44000.0000001", "43999.99999999999"))) == [
        ("2020-06-18 12:00:00", DATE), ("2020-06-18", DATE), ("2020-06-18", DATE)
    ]  # fmt: skip


def test_a_number_from_1_to_60_in_the_format_of_a_date_is_no_day() -> None:
    assert read(*(f'<c s="1"><v>{each}</v></c>' for each in (1, 5, 59, 61, 1.5))) == [
        ("01/01/1900 (1)", DATE), ("05/01/1900 (5)", DATE), ("28/02/1900 (59)", DATE), ("1900-03-01", DATE),
        ("01/01/1900 (1)", DATE),
    ]  # fmt: skip


def test_numbers_are_written_in_full() -> None:
    numbers = ("47", "0.5", "1e15", "1e20", "0.30000000000000004", "-3", "0.0000001", "1234567.125", "-0")
    assert [text for text, _ in read(*(f"<c><v>{each}</v></c>" for each in numbers))] == [
        "47", "0.5", "1000000000000000", "100000000000000000000", "0.3", "-3", "0.0000001", "1234567.125", "0"
    ]  # fmt: skip


# Workbooks that count their days from 1904

_EXTENSIONS = (
    '<extLst><ext uri="{{140A7094-0E35-4892-8432-C4D2E57EDEB5}}" xmlns:x15="http://schemas.microsoft.com/office/'
    'spreadsheetml/2010/11/main"><x15:workbookPr chartTrackingRefBase="1"{}/></ext></extLst>'
)


def _with_extensions(data: bytes, more: str = "", *, first: bool = False) -> bytes:
    before = "<workbookPr" if first else "</workbook>"
    return changed(data, BOOK, lambda xml: xml.replace(before, _EXTENSIONS.format(more) + before, 1))


@pytest.mark.parametrize("first", [False, True], ids=["at the end", "at the beginning"])
def test_a_1904_workbook_with_extensions_is_read_by_its_own_days(first: bool) -> None:
    data = stored(['<c s="1"><v>42000</v></c>'], date_1904=True)
    assert column(data) == column(_with_extensions(data, first=first)) == [("2018-12-28", DATE)]
