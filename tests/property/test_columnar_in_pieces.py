"""Parquet and Arrow files are read in pieces as they are read whole, and what becomes of the return is the same, wherever they are cut."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any
from unittest import mock

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.errors import UnreadableFile
from probation_etl.intake import pieces, sums, totals
from probation_etl.intake.assess import assess
from probation_etl.intake.frames import Frames
from probation_etl.intake.long import engine
from probation_etl.intake.long import rows as long_rows
from probation_etl.intake.readers import columnar_in_pieces, parquet_arrow, read_grids
from probation_etl.intake.readers.base import Grid
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits
from probation_etl.intake.readers.parquet_arrow import columnar_pieces, read_columnar
from probation_etl.intake.received import InBytes

if TYPE_CHECKING:
    from conftest import Library

DAYS = (date(2024, 3, 1), date(2024, 9, 28), date(1899, 12, 31))
MOMENTS = (datetime(2024, 3, 1), datetime(2024, 3, 1, 10, 30, 0, 250_000))
TEXTS = ("L0001", "a", "", "é\n", " ", "Loan reference", "01/03/2024", "09/28/2024")
#: What a column may hold: its type in Arrow, and values of it.
COLUMNS: tuple[tuple[Any, tuple[Any, ...]], ...] = (
    (pa.string(), TEXTS),
    (pa.dictionary(pa.int32(), pa.string()), TEXTS),
    (pa.large_binary(), (b"a", b"")),
    (pa.int64(), (1, -7, 2**60)),
    (pa.uint8(), (1, 7)),
    (pa.float64(), (1.0, 0.505, -0.0, 1e300, float("nan"), float("inf"))),
    (pa.float32(), (1.5, 0.1)),
    (pa.decimal128(9, 2), (Decimal("1.50"), Decimal("-0.05"))),
    (pa.bool_(), (True, False)),
    (pa.date32(), DAYS),
    (pa.date64(), DAYS),
    (pa.timestamp("us"), MOMENTS),
    (pa.timestamp("ns"), MOMENTS),
    (pa.timestamp("ms", "Europe/London"), MOMENTS),
    (pa.time64("us"), (time(10, 30), time(0))),
    (pa.null(), ()),
)
HEADERS = ("Loan reference", "Copy", "Branch", "Lent on", "Returned on", "Fine", "Renewed", "Notes")


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    height = draw(st.integers(0, 12))
    columns = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=len(HEADERS)))
    cells = [
        pa.array(draw(st.lists(st.sampled_from((*values, None)), min_size=height, max_size=height)), type=kind)
        for kind, values in columns
    ]
    return pa.table(cells, names=list(HEADERS[: len(cells)]))


def written(table: pa.Table, form: str, rows: int) -> bytes:
    """A table as a file with so many rows in each of its parts."""
    target = io.BytesIO()
    if form == "arrow":
        with pa.ipc.new_file(target, table.schema) as writer:
            writer.write_table(table, rows)
    else:
        pyarrow.parquet.write_table(table, target, row_group_size=rows, use_deprecated_int96_timestamps=form == "old")
    return target.getvalue()


FORMS = st.sampled_from(("parquet", "arrow", "old"))


@contextmanager
def cut(rows: int, together: int = 3) -> Iterator[None]:
    """Inside, a file is read in this process, and cut into pieces of so many rows."""

    def read(file: IO[bytes], keep: Callable[[Iterator[Grid]], Grid], limits: Limits) -> Grid:
        return keep(columnar_pieces(file, limits))

    with (
        mock.patch.object(columnar_in_pieces, "read_pieces_apart", read),
        mock.patch.object(columnar_in_pieces, "_FEW_ROWS", 0),
        mock.patch.object(parquet_arrow, "CELLS_AT_A_TIME", 1),
        mock.patch.object(parquet_arrow, "_LEAST_ROWS", rows),
        mock.patch.object(long_rows, "ROWS_AT_A_TIME", together),
        mock.patch.object(engine, "NUMBERS_AT_A_TIME", together),
        mock.patch.object(pieces, "ROWS_AT_A_TIME", together),
    ):
        yield


@given(table=tables(), form=FORMS, group=st.integers(1, 5), rows=st.integers(1, 5))
def test_cells_and_kinds_are_those_of_the_whole(table: pa.Table, form: str, group: int, rows: int) -> None:
    data = written(table, form, group)
    whole = read_columnar(data)
    with cut(rows):
        (found,) = read_grids(InBytes(data))
    assert found.pieces is not None
    assert all(each.height <= rows + 1 for each in found.pieces.parts)
    same = found.whole()
    assert_frame_equal(same.cells, whole.cells)
    assert same.kinds is not None
    assert whole.kinds is not None
    assert_frame_equal(same.kinds, whole.kinds)
    assert (same.typed, same.widths) == (whole.typed, whole.widths)


@pytest.fixture(scope="module")
def rulebook(library: Library) -> Rulebook:
    columns = library.columns(notes={"unique": True})
    rules = [library.rule("returned_on >= lent_on", name="in_order", column="returned_on")]
    return library.rulebook(library.contract(columns=columns, rules=rules))


def typed_columns(height: int) -> st.SearchStrategy[dict[str, pa.Array]]:
    """Columns of a return, each of one of the types that a supplier may keep it in."""
    strings, dates = pa.string(), (pa.date32(), DAYS)
    as_text = (strings, ("01/03/2024", "03/01/2024", "09/28/2024", "2024-03-01", "L0001", ""))
    likely: dict[str, tuple[tuple[Any, tuple[Any, ...]], ...]] = {
        "Loan reference": ((strings, ("L0001", "L0002", "L0003", "Total", "")), (pa.int64(), (1, 2))),
        "Copy": ((pa.int64(), (1, 2)), (pa.float64(), (1.0, 2.5)), (strings, ("1", "n/a")), (pa.bool_(), (True,))),
        "Branch": (
            (pa.dictionary(pa.int32(), strings), ("Central", "North", "[c]", "Total")),
            (pa.float64(), (1.0, 1.5)),
        ),
        "Lent on": (dates, (pa.timestamp("us"), MOMENTS), as_text, (pa.float64(), (45_352.0,)), (pa.bool_(), (True,))),
        "Returned on": (dates, as_text, (pa.null(), ()), (pa.time64("us"), (time(0), time(1)))),
        "Fine": ((pa.decimal128(9, 3), (Decimal("0.5"), Decimal("0.505"))), (pa.float64(), (0.5, -1.0)), dates),
        "Renewed": ((pa.bool_(), (True, False)), (strings, ("true", "yes")), (pa.int64(), (0, 1))),
        "Notes": ((strings, ("torn", "torn", "a note", "")), (pa.date32(), DAYS), (pa.float64(), (2.0, 1.5))),
    }

    def column(kinds: tuple[tuple[Any, tuple[Any, ...]], ...]) -> st.SearchStrategy[pa.Array]:
        return st.sampled_from(kinds).flatmap(
            lambda kind: st.lists(st.sampled_from((*kind[1], None)), min_size=height, max_size=height).map(
                lambda values: pa.array(values, type=kind[0])
            )
        )

    return st.fixed_dictionaries({name: column(kinds) for name, kinds in likely.items()})


@settings(max_examples=12)
@given(
    columns=st.integers(0, 8).flatmap(typed_columns), form=FORMS, group=st.integers(1, 5), rows=st.integers(1, 5),
    together=st.integers(1, 5),
)  # fmt: skip
def test_what_becomes_of_a_return_is_the_same(
    library: Library, rulebook: Rulebook, columns: dict[str, pa.Array], form: str, group: int, rows: int, together: int
) -> None:
    data = written(pa.table(columns), form, group)
    # In a table of few rows, totals are looked for in other ways, and such a one is not cut.
    with mock.patch.object(sums, "SHORT", 0), mock.patch.object(totals, "SHORT", 0):
        (whole,) = assess(library.file, data, rulebook, grids=[read_columnar(data)])
        with cut(rows, together):
            (long,) = assess(library.file, InBytes(data), rulebook)
    assert (long.verdict, long.rows, long.notes) == (whole.verdict, whole.rows, whole.notes)
    for frame, same in (
        (long.findings, whole.findings),
        (long.accepted, whole.accepted),
        (long.quarantined, whole.quarantined),
    ):
        assert_frame_equal(frame, same, check_exact=True)


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_the_process_apart_reads_them_piece_by_piece(form: str) -> None:
    height, empty = 100_000, {f"Empty {number}": pa.nulls(100_000) for number in range(31)}
    table = pa.table({"Copy": pa.array(range(height), pa.int64()), **empty})
    (found,) = read_grids(InBytes(written(table, form, height)))
    assert isinstance(found.pieces, Frames)
    assert len(found.pieces.parts) == 2
    assert found.pieces.whole()["c0"].to_list() == ["Copy", *map(str, range(height))]


def test_a_small_file_with_many_cells_is_read_in_pieces_too() -> None:
    height = 600_000
    data = written(pa.table({f"Empty {number}": pa.nulls(height) for number in range(30)}), "parquet", height)
    (found,) = read_grids(data)
    assert found.pieces is not None
    assert (len(data) < 1_000_000, found.height) == (True, height + 1)
    (few,) = read_grids(written(pa.table({"a": pa.nulls(6_000)}), "parquet", 6_000), limits=Limits(whole_rows=5_999))
    assert few.pieces is not None


def test_few_rows_are_read_as_a_whole() -> None:
    (found,) = read_grids(InBytes(written(pa.table({"Lent on": list(DAYS)}), "parquet", 2)))
    assert (found.pieces, found.column_kinds, found.height) == (None, None, 4)
    assert found.kinds is not None
    assert found.kinds["c0"].to_list() == [0, 2, 2, 2]


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_what_cannot_be_read_is_refused_in_the_same_words(form: str) -> None:
    data = written(pa.table({"a": ["x" * 50] * 40, "b": [[1]] * 40}), form, 7)
    good = written(pa.table({"a": ["x" * 50] * 40}), form, 7)
    damaged = good[: len(good) // 2] + b"\xff" * 40 + good[len(good) // 2 + 40 :]
    for each, limits in (
        (data, DEFAULT_LIMITS), (good[:-9], DEFAULT_LIMITS), (damaged, DEFAULT_LIMITS), (good, Limits(cell_characters=49)),
        (good, Limits(rows=30)), (data, Limits(columns=1)),
    ):  # fmt: skip
        assert refusal(InBytes(each), limits) == refusal(each, limits)
    code, message = refusal(InBytes(good), Limits(file_bytes=1_999))
    assert (code, "bytes of text" in message) == ("too-large", True)


def refusal(data: bytes | InBytes, limits: Limits) -> tuple[str, str]:
    with pytest.raises(UnreadableFile) as caught:
        read_grids(data, limits=limits)
    return caught.value.code, str(caught.value)
