"""What each cell of a workbook is, in the words and by the kinds of the file itself."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers import CellKind, Grid, read_grids
from raw_workbooks import BOOK, changed, changed_bytes, open_document, stored, with_part

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


@pytest.mark.parametrize(
    "name",
    [
        "plain.xlsx",
        "macros.xlsm",
        "strict.xlsx",
        "plain.xls",
        "plain.xlsb",
        "plain.ods",
    ],
)
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


def test_a_number_in_the_format_of_a_date_is_no_day_in_a_workbook_that_counts_from_1904() -> None:
    assert read(*(f'<c s="1"><v>{each}</v></c>' for each in (1, 60, 61)), date_1904=True) == [
        ("02/01/1904 (1)", DATE), ("01/03/1904 (60)", DATE), ("1904-03-02", DATE)
    ]  # fmt: skip


def test_numbers_are_written_in_full() -> None:
    numbers = {
        "47": "47", "0.5": "0.5", "1e15": "1000000000000000", "1e20": "100000000000000000000", "-3": "-3", "-0": "0",
        "0.30000000000000004": "0.3", "0.0000001": "0.0000001", "1234567.125": "1234567.125", "1e14": "100000000000000",
        "12345678.9": "12345678.9", "12345678.900000002": "12345678.9", "100000000.1": "100000000.1",
        "-99999999999999.98": "-100000000000000", "123456789012.345": "123456789012.345", "2.9999999999": "3",
    }  # fmt: skip
    assert [text for text, _ in read(*(f"<c><v>{each}</v></c>" for each in numbers))] == list(numbers.values())


# Workbooks that count their days from 1904

_EXTENSIONS = (
    '<extLst><ext uri="{{140A7094-0E35-4892-8432-C4D2E57EDEB5}}" xmlns:x15="http://schemas.microsoft.com/office/'
    'spreadsheetml/2010/11/main"><x15:workbookPr{}/></ext></extLst>'
)


def _with_extensions(data: bytes, attributes: str, *, first: bool) -> bytes:
    before = "<workbookPr" if first else "</workbook>"
    return changed(data, BOOK, lambda xml: xml.replace(before, _EXTENSIONS.format(attributes) + before, 1))


@pytest.mark.parametrize("attributes", [' chartTrackingRefBase="1"', ' date1904="0"', ' date1904="1"', ""])
@pytest.mark.parametrize("first", [False, True], ids=["at the end", "at the beginning"])
def test_the_extensions_of_a_workbook_do_not_change_its_days(attributes: str, first: bool) -> None:
    for from_1904, day in ((True, "2018-12-28"), (False, "2014-12-27")):
        data = stored(['<c s="1"><v>42000</v></c>'], date_1904=from_1904)
        assert column(data) == column(_with_extensions(data, attributes, first=first)) == [(day, DATE)]


@pytest.mark.parametrize("word", ["1", "true", " 1 ", "TRUE", "on"])
def test_the_date_system_is_understood_however_it_is_written(word: str) -> None:
    data = stored(['<c s="1"><v>42000</v></c>', '<c t="d"><v>2018-12-28</v></c>'], date_1904=True)
    data = changed(data, BOOK, lambda xml: xml.replace('date1904="1"', f"date1904='{word}'"))
    assert column(data) == [("2018-12-28", DATE)] * 2


def test_a_binary_workbook_that_counts_its_days_from_1904_is_read_by_them() -> None:
    plain = (MUSEUM / "plain.xlsb").read_bytes()
    settings = b"\x99\x01\x08" + bytes(8)
    # A part whose bytes are changed, because no program at hand writes such a workbook.
    later = changed_bytes(plain, "xl/workbook.bin", settings, b"\x99\x01\x08\x01" + bytes(7))
    (grid,) = read_grids(later)
    assert grid.cells["c3"].to_list() == ["Lent on", "2028-03-02", "2028-03-03"]


def test_the_day_that_an_open_document_counts_from_changes_no_date() -> None:
    rows = (
        '<table:table-row><table:table-cell office:value-type="date" office:date-value="2020-09-07"/></table:table-row>'
    )
    assert column(open_document(rows)) == [("2020-09-07", DATE)]
    settings = (
        '<table:calculation-settings><table:null-date table:date-value="1904-01-01"/></table:calculation-settings>'
    )
    assert column(open_document(rows, settings=settings)) == [("2020-09-07", DATE)]


# OpenDocument


def ods_column(*cells: str, **more: str) -> list[tuple[str | None, CellKind]]:
    """Text and kind of each cell in the second column, beside a number that nothing is wrong with."""
    number = '<table:table-cell office:value-type="float" office:value="1"/>'
    rows = "".join(f"<table:table-row>{number}{cell}</table:table-row>" for cell in cells)
    (grid,) = read_grids(open_document(rows, **more))
    assert grid.kinds is not None
    return [(text, CellKind(kind)) for text, kind in zip(grid.cells["c1"], grid.kinds["c1"], strict=True)]


def ods_typed(kind: str, attribute: str, value: str) -> str:
    return f'<table:table-cell office:value-type="{kind}" office:{attribute}="{value}"><text:p>shown</text:p></table:table-cell>'


def test_dates_and_times_of_an_open_document_are_what_they_are_however_they_are_written() -> None:
    days = ("2020-09-07", "2020-09-07T00:00:00", "2020-09-07T00:00:00Z", "2020-09-07T00:00:00.000000000")
    assert ods_column(*(ods_typed("date", "date-value", day) for day in days)) == [("2020-09-07", DATE)] * 4
    times = {"PT10H30M00S": "10:30:00", "PT36H00M00S": "36:00:00", "-PT1H": "-01:00:00", "P1DT2H": "26:00:00"}
    assert ods_column(*(ods_typed("time", "time-value", each) for each in times)) == [(t, TIME) for t in times.values()]
    assert ods_column(ods_typed("date", "date-value", "1899-12-30")) == [("30/12/1899 (0)", DATE)]


def test_shares_and_amounts_of_an_open_document_are_numbers() -> None:
    assert ods_column(ods_typed("percentage", "value", "0.28"), ods_typed("currency", "value", "3")) == [
        ("0.28", NUMBER), ("3", NUMBER)
    ]  # fmt: skip


def test_a_text_of_an_open_document_keeps_its_characters_and_not_its_comment() -> None:
    written = {
        "<text:p>a<text:tab/>b<text:line-break/>c</text:p><text:p>d</text:p>": "a\tb\nc\nd",
        "<text:p>a<text:s text:c='2'/>b</text:p>": "a  b",
        "<office:annotation><text:p>a<text:tab/>comment</text:p></office:annotation><text:p>kept</text:p>": "kept",
    }
    cells = [f'<table:table-cell office:value-type="string">{each}</table:table-cell>' for each in written]
    assert ods_column(*cells) == [(text, TEXT) for text in written.values()]


def test_a_text_of_an_open_document_without_a_type_is_not_lost() -> None:
    assert ods_column("<table:table-cell><text:p>kept</text:p></table:table-cell>") == [("kept", TEXT)]


@pytest.mark.parametrize("program", ["MicrosoftOffice/16.0 MicrosoftExcel/CalculationVersion-29822", "LibreOffice/7.4"])
def test_an_open_document_with_an_empty_result_is_read_where_its_program_calculates(program: str) -> None:
    cells = ('<table:table-cell table:formula="of:=&quot;&quot;"/>', ods_typed("float", "value", "2"))
    assert ods_column(*cells, program=program) == [(None, TEXT), ("2", NUMBER)]
    with pytest.raises(UnreadableFile, match="formula without a result"):
        ods_column(*cells)


def test_an_error_in_the_last_cell_of_an_open_document_is_not_cut_off() -> None:
    failed = '<table:table-cell table:formula="of:=1/0" office:value-type="float" office:value="0"><text:p>#DIV/0!</text:p></table:table-cell>'
    assert ods_column(ods_typed("float", "value", "2"), failed) == [("2", NUMBER), ("#DIV/0!", ERROR)]


# Parts that hold no cells


def in_utf_16(xml: str) -> bytes:
    return xml.replace("UTF-8", "UTF-16").encode("utf-16")


@pytest.mark.parametrize(
    "part", ["docProps/app.xml", "docProps/core.xml", "xl/theme/theme1.xml", "customXml/item1.xml"]
)
def test_a_part_in_utf_16_that_holds_no_cells_does_not_matter(part: str) -> None:
    plain = (MUSEUM / "plain.xlsx").read_bytes()
    added = with_part(plain, part, in_utf_16('<?xml version="1.0" encoding="UTF-8"?><item>kept</item>'))
    assert read_grids(added)[0].cells.equals(read_grids(plain)[0].cells)


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"]
)
def test_a_part_in_utf_16_that_cells_depend_on_is_refused(part: str) -> None:
    plain = (MUSEUM / "plain.xlsx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        xml = archive.read(part).decode()
    with pytest.raises(UnreadableFile, match="UTF-16"):
        read_grids(with_part(plain, part, in_utf_16(xml)))


def test_a_declaration_in_utf_16_is_refused_too() -> None:
    plain = (MUSEUM / "plain.xlsx").read_bytes()
    with pytest.raises(UnreadableFile, match="declares a document type"):
        read_grids(with_part(plain, "customXml/item1.xml", in_utf_16('<!DOCTYPE x [<!ENTITY a "b">]><x/>')))
