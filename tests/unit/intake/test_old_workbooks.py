"""Old workbooks (``.xls``): what their records say untruly, and containers of every size."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import pytest

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers import Limits, read_grids
from probation_etl.intake.readers.biff import workbook_stream
from probation_etl.intake.readers.compound import container_of, stream_of

MUSEUM = Path(__file__).parents[2] / "fixtures"
#: How a sheet says from which row and column to which its cells reach.
_DIMENSIONS = struct.pack("<HHIIHHH", 0x0200, 14, 0, 3, 0, 8, 0)


@pytest.mark.parametrize(
    ("rows", "columns"),
    [((0, 1_048_576), (0, 256)), ((0, 65_536), (0, 65_535)), ((5, 3), (0, 8)), ((0, 0xFFFFFFFF), (0, 0xFFFF))],
    ids=["more rows than there can be", "more columns", "an end before the beginning", "all that can be written"],
)
def test_what_a_sheet_says_of_its_size_takes_no_memory(rows: tuple[int, int], columns: tuple[int, int]) -> None:
    plain = (MUSEUM / "plain.xls").read_bytes()
    assert plain.count(_DIMENSIONS) == 1
    untrue = plain.replace(_DIMENSIONS, struct.pack("<HHIIHHH", 0x0200, 14, *rows, *columns, 0))
    assert read_grids(untrue)[0].cells.equals(read_grids(plain)[0].cells)


@pytest.mark.parametrize("size", [1, 4_095, 4_096, 70_000, 7_000_000, 7_200_000, 15_700_000])
def test_a_container_gives_back_the_stream_that_was_put_in(size: int) -> None:
    stream = (bytes(range(251)) * (size // 251 + 1))[:size]
    assert stream_of(container_of(stream, "Workbook"), "Book", "WORKBOOK")[:size] == stream


def test_the_records_of_an_old_workbook_survive_a_new_container() -> None:
    stream = workbook_stream((MUSEUM / "plain.xls").read_bytes())
    assert workbook_stream(container_of(stream, "Workbook"))[: len(stream)] == stream


@pytest.mark.parametrize("wide", [False, True])
def test_shared_texts_are_counted_as_often_as_cells_name_them(wide: bool) -> None:
    """A text of 30,000 characters is too long for one record, and 200 cells name it."""
    text, cells = ("é" if wide else "x") * 30_000, 200
    limits, less = Limits(text_bytes=2 * 30_000 * cells), Limits(text_bytes=30_000 * (cells - 1))
    data = naming(text, cells, wide=wide)
    (grid,) = read_grids(data, limits=limits)
    assert grid.cells["c0"].to_list() == [text] * cells
    with pytest.raises(UnreadableFile, match="bytes of text in its cells; at most"):
        read_grids(data, limits=less)
    assert read_grids(naming("short", cells), limits=less)
    with pytest.raises(UnreadableFile, match="2,147,483,648 shared texts, as it says"):
        read_grids(naming("short", cells, said=1 << 31))


def naming(text: str, cells: int, *, wide: bool = False, said: int = 1) -> bytes:
    """An old workbook with one text, which the cells of a column name."""
    written, flags = (text.encode("utf-16-le"), b"\1") if wide else (text.encode("latin-1"), b"\0")
    head = struct.pack("<IIHB", cells, said, len(text), flags[0])
    pieces = [written[at : at + 8_000] for at in range(0, len(written), 8_000)]
    texts = record(0xFC, head + pieces[0]) + b"".join(record(0x3C, flags + piece) for piece in pieces[1:])
    begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0x0DBB, 0x07CC, 0, 0x0600))
    named = b"".join(record(0xFD, struct.pack("<HHHI", row, 0, 0, 0)) for row in range(cells))
    book = len(begin) + len(texts) + len(record(0x85, bytes(13))) + len(record(0x0A))
    sheet = record(0x85, struct.pack("<IHBB5s", book, 0, 5, 0, b"Loans"))
    inner = record(0x0809, struct.pack("<HHHHII", 0x0600, 16, 0x0DBB, 0x07CC, 0, 0x0600))
    return container_of(begin + sheet + texts + record(0x0A) + inner + named + record(0x0A), "Workbook")


def test_tables_of_sectors_that_go_round_in_a_circle_end() -> None:
    data = bytearray(container_of(b"x" * 10_000, "Workbook"))
    data[68:76] = struct.pack("<II", 3, 1 << 31)
    data[512 + 4 * 512 - 4 : 512 + 4 * 512] = struct.pack("<I", 3)
    began = time.process_time()
    stream_of(bytes(data), "Workbook")
    assert time.process_time() - began < 1


def test_a_chain_of_sectors_that_goes_round_in_a_circle_ends() -> None:
    data = bytearray(container_of(b"x" * 10_000, "Workbook"))
    # The last sector of the stream leads back to its first, and the stream claims to be longer.
    data[512 + 4 * 21 : 512 + 4 * 22] = struct.pack("<I", 2)
    size = data.index("Workbook".encode("utf-16-le")) + 120
    data[size : size + 4] = struct.pack("<I", 1 << 30)
    assert stream_of(bytes(data), "Workbook") == b""


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


#: A chart as Excel stores it within its sheet: a sequence of records of its own, which keeps the numbers that it shows as cells.
_CHART = b"".join(
    (
        record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0020, 0x0DBB, 0x07CC, 0, 0x0600)),
        record(0x0200, struct.pack("<IIHHH", 0, 2, 0, 3, 0)),
        record(0x1065, struct.pack("<H", 1)),
        *(record(0x0203, struct.pack("<HHHd", row, at, 0, 70 + row)) for row in range(2) for at in range(3)),
        record(0x0205, struct.pack("<HHHBB", 1, 3, 0, 0x2A, 1)),
        record(0x000A),
    )
)


def with_chart(data: bytes) -> bytes:
    """An old workbook of one sheet, with a chart at the end of the sheet's records."""
    stream = workbook_stream(data)
    end = stream.rindex(record(0x000A))
    return container_of(stream[:end] + _CHART + stream[end:], "Workbook")


@pytest.mark.parametrize("name", ["plain.xls", "error-cells.xls", "every-kind-of-cell.xls"])
def test_a_chart_on_a_sheet_does_not_take_the_place_of_its_cells(name: str) -> None:
    plain = (MUSEUM / name).read_bytes()
    (before,), (after,) = read_grids(plain), read_grids(with_chart(plain))
    assert after.cells.equals(before.cells)
    assert before.kinds is not None
    assert before.kinds.equals(after.kinds)
