"""Whichever texts of a column are looked at closely, all cells become the same, and the same is said of them."""

from __future__ import annotations

from unittest import mock

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal, assert_series_equal

from probation_etl.contracts.model import Column
from probation_etl.intake import cell_values
from probation_etl.intake.cell_values import Values, values_of
from probation_etl.intake.closely import EveryCell, closely, each_once, not_plain

#: Columns that take the same text for different things.
COLUMNS = (
    Column("text", "string", "text"),
    Column("token", "string", "token", null_tokens=("n/a", "1", "-"), shorthand=("c",)),
    Column("marked", "string", "marked", markers=("p", "r")),
    Column("listed", "string", "listed", labels={"#N/A": "None", " a": "a", "NULL": "NULL"}, pattern="^'"),
    Column("grouped", "string", "grouped", thousands_separator=","),
    Column("whole", "integer", "whole", null_tokens=("0", "999")),
    Column("marked_whole", "integer", "marked_whole", markers=("p",), shorthand=("c",)),
    Column("number", "number", "number", decimals=2, null_tokens=("1.0",)),
    Column("exact", "number", "exact"),
    Column("no_places", "number", "no_places", decimals=0),
    Column("points", "number", "points", thousands_separator="."),
    Column("day", "date", "day", formats=("dd/MM/yyyy", "d.M.yyyy"), null_tokens=("01/01/1900",)),
    Column("iso", "date", "iso"),
    Column("odd_day", "date", "odd_day", formats=("#dd MM yyyy!", " d-M-yyyy")),
    Column("truth", "boolean", "truth"),
    Column("yes_or_no", "boolean", "yes_or_no", true_values=("yes", "1"), false_values=("-",)),
    Column("named_day", "date", "named_day", formats=("dd-MMM-yyyy", "d MMMM yyyy", "dd/MM/yy"), year_pivot=2030),
    Column("compact", "date", "compact", formats=("yyyyMMdd",), null_tokens=("20240101",)),
    Column("month", "date", "month", formats=("MM/yyyy", "MMM yyyy")),
    Column("timed_day", "date", "timed_day", formats=("dd/MM/yyyy HH:mm",)),
    Column("moment", "timestamp", "moment", formats=("dd/MM/yyyy HH:mm", "yyyy-MM-dd'T'HH:mm:ss")),
    Column("any_moment", "timestamp", "any_moment", null_tokens=("2024-02-01",)),
    Column("time", "time", "time", formats=("HH:mm", "h:mm a")),
    Column("any_time", "time", "any_time"),
    Column("length", "duration", "length", formats=("H:mm",)),
    Column("commas", "number", "commas", decimal_separator=",", thousands_separator="."),
    Column("unit", "number", "unit", unit_texts=("p", "#"), needs_unit=True),
    Column("perhaps_unit", "integer", "perhaps_unit", unit_texts=("p",)),
    Column(
        "respelt",
        "string",
        "respelt",
        labels={"A": "A", "1-2": "1-2"},
        ignored=("case", "dashes", "spaces"),
        value_synonyms={"x": "A"},
    ),
    Column("several", "string", "several", labels={"a": "a", "1": "1"}, separator=","),
    Column("kept", "string", "kept", keeps_blanks=True, null_tokens=(" a",)),
)
TEXTS = (
    *("", " ", "a", " a", "a ", "\u00a0a", "a\u200b", "a b", "a\tb", "a\nb", "\na", "a\r", "\ufeff", "a\u0301", "\u00e1", "\u202e", "\x7f"),
    *("n/a", "-", "[c]", "[c] [p]", "1 [p]", "1 [p] [r]", "[p]", "47[r]", "[x]", "NULL", "null", "#N/A", "#REF!", "#NV", "Err:502", "###"),
    *("0", "1", "999", "+1", "-1", "01", "1.0", "1.00", "1.005", "1.5000", "1,000", "1.000", "1.234.567", "1e5", "1E+05", "1.2E+17", "1.", ".5"),
    *("123456789012345678", "1234567890123456789", "9223372036854775808", "0.123456789012345", "\uff11", "1 ", "-0"),
    *("01/02/2024", "31/02/2024", "1.2.2024", "01.02.2024", "2024-02-01", "2024-02-30", "01/01/1900", "0000-01-01", "#01 02 2024!", "1-2-2024", " 1-2-2024"),
    *("true", "TRUE", " True", "false", "yes", "'0123", "'til", "=A1", '="1"', "Ã©", "\ufffd", "nan", "Infinity", "[object Object]"),
    *("01-Feb-2024", "1 february 2024", "01/02/24", "20240201", "20240101", "02/2024", "Feb 2024", "01/02/2024 09:30", "01/02/2024 24:00"),
    *("2024-02-01T09:30:00", "2024-02-01 09:30:00", "09:30", "9:30 pm", "09:30:15", "25:30", "-0:05", "PT1H", "1,5", "1.000,5", "12p", "#3", "p 4"),
    *("A", " x", "1\u20132", "1 2", "a,1", "1, a,", "a,b", "yes", "YES"),
)  # fmt: skip
CELLS = st.one_of(st.sampled_from(TEXTS), st.none(), st.text("0123456789+-.,/ eE[]cp#'\u00e9:PTfb", max_size=12))


@given(st.lists(CELLS, max_size=30), st.lists(st.booleans(), min_size=30, max_size=30), st.booleans())
def test_what_is_looked_at_closely_changes_nothing(texts: list[str | None], in_doubt: list[bool], native: bool) -> None:
    frame = pl.DataFrame({each.name: pl.Series(texts, dtype=pl.String) for each in COLUMNS})
    unknown = {each.name: pl.Series(in_doubt[: len(texts)], dtype=pl.Boolean) for each in COLUMNS[::2]}
    due = made(frame, unknown, native, lambda every, _column, **_: EveryCell(every))
    same(made(frame, unknown, native, lambda every, _column, **_: each_once(every)), due)
    same(made(frame, unknown, native, not_plain), due)


def test_of_a_long_column_each_different_text_is_looked_at_once_or_those_that_are_not_plain() -> None:
    column = COLUMNS[0]
    few, many = pl.Series(["a", "b", None, " c"] * 2_000), pl.Series([f"L{at}" for at in range(8_000)] + [" c"])
    assert sorted(closely(few, column, native=False).texts) == [" c", "a", "b"]
    assert closely(many, column, native=False).texts.to_list() == [" c"]


def made(frame: pl.DataFrame, unknown: dict[str, pl.Series], native: bool, way: object) -> dict[str, Values]:
    with mock.patch.object(cell_values, "closely", way):
        return values_of(frame, COLUMNS, unknown, native=native)


def same(found: dict[str, Values], due: dict[str, Values]) -> None:
    assert found.keys() == due.keys()
    for name, each in due.items():
        assert_series_equal(found[name].values, each.values, check_exact=True)
        assert_series_equal(found[name].doubtful, each.doubtful, check_names=False)
        assert len(found[name].faults) == len(each.faults)
        for one, other in zip(found[name].faults, each.faults, strict=True):
            assert_frame_equal(one, other)
