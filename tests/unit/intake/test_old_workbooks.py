"""Old workbooks (``.xls``): what their records say untruly, and containers of every size."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from probation_etl.intake.readers import read_grids
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


def test_a_chain_of_sectors_that_goes_round_in_a_circle_ends() -> None:
    data = bytearray(container_of(b"x" * 10_000, "Workbook"))
    # The last sector of the stream leads back to its first, and the stream claims to be longer.
    data[512 + 4 * 21 : 512 + 4 * 22] = struct.pack("<I", 2)
    size = data.index("Workbook".encode("utf-16-le")) + 120
    data[size : size + 4] = struct.pack("<I", 1 << 30)
    assert stream_of(bytes(data), "Workbook") == b""
