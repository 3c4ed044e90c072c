"""Small files that ask for very much are refused before it is spent, and with what they ask for."""

from __future__ import annotations

import contextlib
import io
import time
import tracemalloc
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet
import pytest

from probation_etl.errors import UnreadableFile
from probation_etl.intake.merged_cells import merged_cells
from probation_etl.intake.readers import Block, Grid, Limits, apart, read_grids
from probation_etl.intake.readers.active_content import active_content_of_xls
from probation_etl.intake.readers.biff import workbook_stream
from raw_workbooks import open_document, with_part

FIXTURES = Path(__file__).parents[2] / "fixtures"
PLAIN = (FIXTURES / "plain.xlsx").read_bytes()
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


def refusal(data: bytes, limits: Limits | None = None) -> str:
    began = time.process_time()
    with pytest.raises(UnreadableFile) as caught:
        read_grids(data, limits=limits or Limits())
    assert time.process_time() - began < 1
    assert caught.value.code == "too-large"
    return str(caught.value)


@pytest.mark.parametrize(
    "reference", ["ZZZZZZZZZZ50", "XFE1", "A99999999999999999999999", "ZZZZZZZZZZZZZZZZZZZZZZZZZZZZ1"]
)
def test_a_cell_past_the_last_column_or_row_is_refused(reference: str) -> None:
    sheet = SHEET.format(f'<row><c r="{reference}"><v>1</v></c></row>')
    assert "at most" in refusal(with_part(PLAIN, "xl/worksheets/sheet1.xml", sheet.encode()))


def test_shared_texts_are_counted_as_often_as_they_are_named() -> None:
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>1</v></c></row>' for row in range(1, 101))
    data = with_part(PLAIN, "xl/worksheets/sheet1.xml", SHEET.format(cells).encode())
    data = with_part(data, "xl/sharedStrings.xml", shared("short", "x" * 5_000))
    assert read_grids(data)[0].cells.height == 100
    assert "bytes of text in its cells; at most 400,000" in refusal(data, Limits(text_bytes=400_000))
    assert read_grids(
        with_part(data, "xl/sharedStrings.xml", shared("x" * 5_000, "s")), limits=Limits(text_bytes=400_000)
    )
    many = with_part(data, "xl/sharedStrings.xml", shared("short").replace(b"<sst ", b'<sst uniqueCount="2147483648" '))
    assert "2,147,483,648 shared texts" in refusal(many)


def shared(*texts: str) -> bytes:
    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    return f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{items}</sst>'.encode()


def test_texts_of_repeated_cells_are_counted_as_often_as_they_stand_there() -> None:
    cell = '<table:table-cell table:number-columns-repeated="50" office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="100">{cell.format("x" * 900)}</table:table-row>'
    assert read_grids(open_document(row))[0].cells.shape == (100, 50)
    assert "4,500,000 bytes of text" in refusal(open_document(row), Limits(text_bytes=4_000_000))


@pytest.mark.parametrize("form", ["parquet", "parquet without a schema", "arrow"])
def test_texts_of_a_dictionary_are_counted_as_often_as_they_are_named(form: str) -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([0, None] * 5_000, type=pa.int32()), pa.array(["x" * 900_000]))
    table, target = pa.table({"a": column}), io.BytesIO()
    if form == "arrow":
        with pyarrow.ipc.new_file(target, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
            writer.write_table(table)
    else:
        pyarrow.parquet.write_table(table, target, compression="zstd", store_schema=form == "parquet")
    assert len(target.getvalue()) < 10_000
    assert "bytes of text; at most" in refusal(target.getvalue())


def test_blocks_of_merged_cells_are_limited_and_quickly_looked_at() -> None:
    blocks = tuple(Block(row, 0, row, 1) for row in range(1, 60_001))
    frame = pl.DataFrame({"source_row": range(2, 60_002), "a": ["x"] * 60_000, "b": [None] * 60_000})
    began = time.process_time()
    merged = merged_cells(Grid(pl.DataFrame(), merged=blocks), frame, {"a": 0, "b": 1})
    assert time.process_time() - began < 2
    assert [merged["a"].all(), merged["b"].all()] == [True, True]
    two = SHEET.format('<row r="1"><c r="A1"><v>1</v></c></row>').replace(
        "</worksheet>", '<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="A2:B2"/></mergeCells></worksheet>'
    )
    data = with_part(PLAIN, "xl/worksheets/sheet1.xml", two.encode())
    assert len(read_grids(data)[0].merged) == 2
    assert "2 blocks of merged cells; at most 1" in refusal(data, Limits(merged=1))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"x" * 12_000_000, "a line of more than 10,000,000 bytes, which begins at byte 5"),
        (b'"' + b"x" * 12_000_000 + b'",1', "a line of more than 10,000,000 bytes, which begins at byte 5"),
        (b"," * 12_000_000, "a line of more than 10,000,000 bytes"),
        (b'"",' * 4_000_000, "a line of more than 10,000,000 bytes"),
        (b"x\0" * 6_000_000, "a line of more than 10,000,000 bytes"),
        (b"\n" * 5_000_001, "lines; at most 5,000,000"),
        (b"\r" * 5_000_001, "lines; at most 5,000,000"),
        (b'"1\n' * 10_000_001, "lines; at most 5,000,000"),
    ],
    ids=[
        "a cell",
        "a cell in quotation marks",
        "commas",
        "empty cells",
        "UTF-16",
        "line feeds",
        "returns",
        "open quotes",
    ],
)
def test_a_huge_cell_or_very_many_are_refused_before_the_text_is_decoded(line: bytes, says: str) -> None:
    data = b"a,b\n" + line + b"\n1,2\n"
    tracemalloc.start()
    assert says in refusal(data)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("end", [b'"\n', b""], ids=["closed", "open"])
def test_a_quoted_cell_of_very_many_lines_is_refused_once(end: bytes) -> None:
    """Each of its lines was looked at as a record of its own: 8 MB took nine seconds."""
    began = time.process_time()
    assert "Record 2 has a cell of more than 1,000,000 characters" in refusal(b'a,b\n1,"' + b"xyz\n" * 2_000_000 + end)
    assert time.process_time() - began < 3


def test_a_line_as_long_as_it_may_be_is_read() -> None:
    data = b"a,b\n" + b"x" * 50 + b"," + b"y" * 49 + b"\n1,2\n"
    for limit in (100, 101):
        assert read_grids(data, limits=Limits(line_bytes=limit))[0].cells.height == 3
    for limit in (1, 2, 3, 50, 99):
        assert (
            "begins at byte 1" in refusal(data, Limits(line_bytes=limit))
            if limit < 3
            else refusal(data, Limits(line_bytes=limit))
        )
    assert "at byte 5" in refusal(data[:-5], Limits(line_bytes=99))


@pytest.mark.parametrize(
    ("name", "part", "codes"),
    [
        ("plain.xlsx", "xl/vbaProject.bin", ["workbook-with-macros"]),
        ("plain.xlsb", "xl/macrosheets/sheet1.bin", ["workbook-with-macros"]),
        ("plain.ods", "Basic/Standard/Module1.xml", ["workbook-with-macros"]),
        ("plain.xlsx", "xl/externalLinks/externalLink1.xml", ["workbook-with-links"]),
        ("plain.xlsx", "xl/connections.xml", ["workbook-with-links"]),
        ("plain.xlsx", "xl/custom.xml", []),
    ],
)
def test_macros_and_links_are_told_and_left_alone(name: str, part: str, codes: list[str]) -> None:
    plain = (FIXTURES / name).read_bytes()
    (grid,) = read_grids(with_part(plain, part, b"<a/>"))
    assert [(each.code, each.severity) for each in grid.findings] == [(code, "warning") for code in codes]
    assert grid.cells.equals(read_grids(plain)[0].cells)


def test_macros_and_links_of_an_old_workbook_are_told() -> None:
    plain = (FIXTURES / "plain.xls").read_bytes()
    macros = plain + "_VBA_PROJECT".encode("utf-16-le")
    assert [each.code for each in read_grids(macros)[0].findings] == ["workbook-with-macros"]
    stream = workbook_stream(plain)
    linked = stream[:20] + b"\xae\x01\x06\x00" + b"\x01\x00\x03\x00\x00a" + stream[20:]
    assert [each.code for each in active_content_of_xls(plain, linked)] == ["workbook-with-links"]
    assert active_content_of_xls(plain, stream) == ()


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("plain.xlsx", "xl/workbook.xml"),
        ("plain.xlsx", "xl/styles.xml"),
        ("plain.ods", "content.xml"),
        ("plain.ods", "styles.xml"),
    ],
)
def test_a_part_in_an_encoding_that_nobody_knows_is_no_fault_of_ours(name: str, part: str) -> None:
    """Found by fuzzing: the parser looks for an encoding of the name that the part gives."""
    data = with_part((FIXTURES / name).read_bytes(), part, b'<?xml version="1.0" encoding="UTF-65536"?><a/>')
    # A process is replaced after many files too, wherever in the suite that is: a new one is not.
    apart._kept.end()
    before = reader()
    with contextlib.suppress(UnreadableFile):
        read_grids(data)
    assert reader() == before


def reader() -> object:
    """The process that reads; another one where a file brought it down."""
    read_grids(PLAIN)
    return apart._kept.process
