"""The reader of CSV gives what the strict reader of Python's library gives, or refuses: by whichever way it reads."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers.records import read_records

PLAIN = st.text(alphabet="ab,;\n é'\t#", max_size=40)
ANY = st.text(alphabet='ab,;\n\r "\u2028\x0b\x1c\x85é\\#\t', max_size=40)
TABLES = st.integers(min_value=2, max_value=4).flatmap(
    lambda width: st.lists(
        st.lists(st.text(alphabet="ab;\u2028\x0b\x0c\x1c\x85é\\#'\t ", max_size=4), min_size=width, max_size=width),
        min_size=1,
        max_size=8,
    )
)


def by_the_library(text: str, delimiter: str) -> list[list[str]] | None:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return None


def is_width(width: int, record: list[str]) -> bool:
    """Whether so many cells are said of a record: more than it has only where a cell seems to hold whole records."""
    lines = [len(re.findall(r"\r\n|\r|\n", cell)) for cell in record]
    return width == len(record) or (width % len(record) == 0 and width // len(record) - 1 in lines)


def agree(text: str, delimiter: str = ",") -> None:
    expected = by_the_library(text, delimiter)
    if expected is None:
        with pytest.raises(UnreadableFile):
            read_records(text, delimiter)
        return
    grid = read_records(text, delimiter)
    assert grid.widths is not None
    assert all(map(is_width, grid.widths.to_list(), expected))
    if not any(expected):
        assert grid.cells.width == 0
        return
    read = [
        [cell or "" for cell in row][: len(record)] for row, record in zip(grid.cells.rows(), expected, strict=True)
    ]
    assert read == expected


@given(text=ANY)
def test_any_text(text: str) -> None:
    agree(text)


@given(text=PLAIN)
def test_text_without_quotation_marks(text: str) -> None:
    agree(text + "\n")


@given(records=TABLES, end=st.sampled_from(("\n", "\r\n")), delimiter=st.sampled_from((",", "|")))
def test_whole_tables_without_quotation_marks(records: list[list[str]], end: str, delimiter: str) -> None:
    agree("".join(delimiter.join(record) + end for record in records), delimiter)


@given(records=TABLES, long=st.integers(min_value=0), short=st.integers(min_value=0))
def test_a_cell_too_many_here_and_one_too_few_there_do_not_make_up_for_one_another(
    records: list[list[str]], long: int, short: int
) -> None:
    rows = [",".join(record) for record in records]
    rows[long % len(rows)] += ",x"
    row = rows[short % len(rows)]
    rows[short % len(rows)] = row[: row.rindex(",")]
    agree("\n".join(rows) + "\n")


@given(text=st.text(st.characters(exclude_characters='\0\r\n,"\ufeff', exclude_categories=("Cs",)), max_size=12))
def test_any_character_in_a_plain_cell(text: str) -> None:
    agree(f"a,b\n{text},2\n")
