"""Traces of damage at random places of random returns are found, and nothing is found in the same returns without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from table_files import KINDS, table_file

if TYPE_CHECKING:
    from conftest import Library

HEADER = ("Loan reference", "Copy", "Branch", "Lent on", "Returned on", "Fine", "Renewed", "Notes")
WORDS = ("", "", "seen", "None of these", "N/A", "n/a", "-", "rock 'n' roll", "#1", "2E10", "café", "a=b", "'til late")
# Each of them in every language or spelling that there is would be the list of the program itself, so they are built here.
digits = st.integers(0, 99_999).map(str)
TRACES = st.one_of(
    st.sampled_from(("N/A", "REF!", "VALUE!", "NAME?", "DIV/0!", "BEZUG!", "NV")).map("#{}".format),
    st.builds("{}.{}E+{:02}".format, st.integers(1, 9), digits, st.integers(5, 20)),
    st.sampled_from(("NULL", "NaN", "nan", "<NA>", "NaT", "undefined", "Infinity")),
    digits.map("'0{}".format),
    digits.map('="{}"'.format),
    st.integers(3, 12).map("#".__mul__),
    st.sampled_from(("Ã©", "Ã¨", "â€™", "Â£", "\ufffd")).map("caf{}".format),
    st.just("[object Object]"),
)

rows = st.lists(
    st.tuples(
        st.integers(1, 99).map(str),
        st.sampled_from(("Central", "N")),
        st.integers(1, 28).map("{:02}/03/2024".format),
        st.sampled_from(("", "0.50", "12", "n/a")),
        st.sampled_from(("", "true", "false")),
        st.sampled_from(WORDS),
    ),
    min_size=1,
    max_size=12,
)


def records_of(drawn: list[tuple[str, ...]]) -> list[list[str]]:
    return [
        [f"L{at:04}", copy, branch, lent, "30/03/2024", fine, renewed, note]
        for at, (copy, branch, lent, fine, renewed, note) in enumerate(drawn)
    ]


@settings(max_examples=30)
@given(drawn=rows, kind=st.sampled_from(KINDS), data=st.data())
def test_damage_is_found_where_it_was_planted_and_nowhere_else(
    library: Library, drawn: list[tuple[str, ...]], kind: str, data: st.DataObject
) -> None:
    records = records_of(drawn)
    clean = library.assess(table_file(kind, [HEADER, *records]))
    assert library.faults(clean) == []
    places = st.tuples(st.integers(0, len(records) - 1), st.integers(0, len(HEADER) - 1))
    planted = data.draw(st.lists(places, min_size=1, max_size=6, unique=True))
    for row, column in planted:
        records[row][column] = data.draw(TRACES)
    found = library.assess(table_file(kind, [HEADER, *records]))
    assert {
        (row, column) for row, column, code in library.faults(found) if code in ("damaged-value", "error-cell")
    } == {(row + 2, HEADER[column]) for row, column in planted}
    assert set(found.accepted["source_row"]) == (
        set() if found.verdict == "rejected" else set(range(2, len(records) + 2)) - {row + 2 for row, _ in planted}
    )
