"""What is past a limit is refused with figures, before the memory is spent."""

from __future__ import annotations

import gzip
import io
import time
import tracemalloc
import zipfile
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pyarrow.parquet
import pytest

from probation_etl.errors import UnreadableFile, UsageError
from probation_etl.intake.readers import DEFAULT_LIMITS, Limits, check_file_size, limits_from, read_grids

if TYPE_CHECKING:
    from conftest import Library


def refused(data: bytes, limits: Limits = DEFAULT_LIMITS) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_grids(data, limits=limits)
    assert caught.value.code == "too-large"
    return str(caught.value)


def test_limits_are_changed_by_name() -> None:
    limits = limits_from(["rows=1000", " columns = 20 ", "file_bytes=1_000_000", "cells=2,000"])
    assert (limits.rows, limits.columns, limits.file_bytes, limits.cells) == (1000, 20, 1_000_000, 2000)
    assert limits.members == DEFAULT_LIMITS.members
    assert limits_from([]) == DEFAULT_LIMITS


def test_an_unknown_limit_is_refused_with_the_list_of_limits() -> None:
    with pytest.raises(UsageError, match="no limit ‘lines’") as caught:
        limits_from(["lines=5"])
    assert all(f"{field.name}={field.default}" in str(caught.value) for field in fields(Limits))


@pytest.mark.parametrize("text", ["rows", "rows=", "rows=many", "rows=-1", "rows=0", "rows=1.5", "rows=1e6", "rows=²"])
def test_a_limit_is_a_positive_integer(text: str) -> None:
    with pytest.raises(UsageError, match="‘rows’ must be"):
        limits_from([text])


def test_every_limit_is_documented() -> None:
    assert all(f"{field.name}:" in (Limits.__doc__ or "") for field in fields(Limits))


def test_every_limit_and_its_default_is_in_the_reference() -> None:
    text = (Path(__file__).parents[3] / "docs" / "reference" / "limits.md").read_text(encoding="utf-8")
    assert all(f"| `{field.name}` | {field.default:,} |" in text for field in fields(Limits))


def test_a_file_is_refused_by_its_size_alone() -> None:
    check_file_size(DEFAULT_LIMITS.file_bytes)
    with pytest.raises(UnreadableFile, match="more than 5,000,000,000 bytes") as caught:
        check_file_size(DEFAULT_LIMITS.file_bytes + 1)
    assert caught.value.code == "too-large"
    assert "more than 10 bytes" in refused(b"a,b\n1,22\n\n\n", Limits(file_bytes=10))


@pytest.mark.parametrize("other", [b"2", b'"2"'], ids=["the fast way", "the strict way"])
def test_rows_and_columns_of_text_are_limited(other: bytes) -> None:
    data = b"a,b\n" + (b"1," + other + b"\n") * 5
    assert len(read_grids(data, limits=Limits(rows=6, columns=2))[0].cells) == 6
    assert "at most 5" in refused(data, Limits(rows=5))
    assert "at most 1" in refused(data, Limits(columns=1))


def test_a_spreadsheet_s_last_column_is_the_last_that_is_read() -> None:
    def line(columns: int) -> bytes:
        return b",".join([b"x"] * columns) + b"\n"

    assert read_grids(line(16_384) * 2)[0].cells.width == 16_384
    assert "16,385 columns" in refused(line(16_385) * 2)
    assert "16,385 columns" in refused(b'"a"\n' + line(16_385))


def test_commas_inside_a_cell_are_not_counted_as_columns() -> None:
    (grid,) = read_grids(b'a,b\n"' + b"," * 20_000 + b'",2\n')
    assert grid.cells.shape == (2, 2)


def test_one_broken_record_does_not_make_all_others_as_wide() -> None:
    assert "Record 2 has 16,000 cells" in refused(b"a,b\n" + b"," * 15_999 + b"\n" + b"1,2\n" * 1_000)


def test_a_line_of_delimiters_takes_no_more_memory_than_the_file() -> None:
    data = b'"a",b\n' + b"," * 20_000_000
    tracemalloc.start()
    began = time.process_time()
    refused(data)
    assert time.process_time() - began < 5
    assert tracemalloc.get_traced_memory()[1] < 150_000_000
    tracemalloc.stop()


def zipped(size: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("loans.csv", b"a,b\n" + b"1,2\n" * size)
    return target.getvalue()


def test_the_unpacked_size_of_an_archive_is_limited() -> None:
    for data in (zipped(100), gzip.compress(b"a,b\n" + b"1,2\n" * 100)):
        assert read_grids(data, limits=Limits(unpacked_bytes=404))[0].cells.height == 101
        assert "404 bytes once unpacked; at most 403" in refused(data, Limits(unpacked_bytes=403))


def test_the_compression_ratio_is_limited_past_a_megabyte() -> None:
    for data in (zipped(300_000), gzip.compress(b"a,b\n" + b"1,2\n" * 300_000)):
        assert "100 times" in refused(data)
        assert read_grids(data, limits=Limits(ratio=10_000))[0].cells.height == 300_001


def test_workbooks_are_limited_too(library: Library) -> None:
    data = library.workbook(Loans=[["a", "b"], [1, 2]], Others={"C3": "x"})
    assert len(read_grids(data, limits=Limits(cells=7))) == 2
    assert "7 cells" in refused(data, Limits(cells=6))
    assert "parts" in refused(data, Limits(members=5))
    assert "once unpacked" in refused(data, Limits(workbook_bytes=1_000))
    assert "columns" in refused(data, Limits(columns=2))
    assert "rows" in refused(data, Limits(rows=2))
    assert "characters" in refused(library.workbook(Loans=[["x" * 101]]), Limits(cell_characters=100))


def test_parquet_is_limited_too() -> None:
    target = io.BytesIO()
    pl.DataFrame({"a": ["x" * 50] * 4, "b": [None] * 4}).write_parquet(target)
    data = target.getvalue()
    assert read_grids(data, limits=Limits(rows=4, columns=2))[0].cells.height == 5
    assert "4 rows" in refused(data, Limits(rows=3))
    assert "2 columns" in refused(data, Limits(columns=1))
    assert "50 characters" in refused(data, Limits(cell_characters=49))


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_packed_columns_are_limited_by_the_cells_they_unpack_into(form: str) -> None:
    """A file of some kilobytes that would be millions of cells of text."""
    frame = pl.DataFrame({f"c{number}": pl.repeat(1, 20_000, eager=True) for number in range(20)})
    target = io.BytesIO()
    if form == "parquet":
        frame.write_parquet(target)
    else:
        frame.write_ipc(target, compression="zstd")
    data = target.getvalue()
    assert "6,400,000 bytes once unpacked; at most 6,399,999" in refused(data, Limits(unpacked_bytes=6_399_999))
    assert read_grids(data, limits=Limits(unpacked_bytes=6_400_000))[0].cells.height == 20_001


def test_two_columns_of_one_name_in_a_parquet_file_are_refused() -> None:
    target = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table([[1], [2]], names=["a", "a"]), target)
    with pytest.raises(UnreadableFile, match="one name"):
        read_grids(target.getvalue())
