"""A damaged file: every accepted row was in the clean file, apart from the damaged cells.

A file cut in the last cell of a row looks like a whole one that ends there. Control totals are for that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from conftest import Library
    from probation_etl.intake.result import ReturnResult

ROWS = 8
PLACES = st.integers(min_value=0, max_value=100_000)
ANY_DAMAGE = st.tuples(
    PLACES, st.sampled_from(("delete", "double", "cut", *(f"insert {each}" for each in ',"\n\r;\t|\u00e9\u200b')))
)
QUOTES = st.lists(st.tuples(PLACES, st.just('insert "')), min_size=2, max_size=3)
LINE_ENDS = st.lists(st.tuples(PLACES, st.sampled_from(("insert \n", "insert \r"))), min_size=1, max_size=4)
#: Rows of the clean files: they are judged once.
_CLEAN: dict[str, list[tuple[object, ...]]] = {}


def clean(library: Library, *, quoted: bool) -> str:
    """A faultless return, every value of which is a row's own."""
    rows = [
        library.row(
            Loan_reference=f"L{number:04}", Copy=str(number), Branch="N", Lent_on=f"{number + 1:02}/03/2024",
            Returned_on=f"{number + 11:02}/03/2024", Fine=f"{number}.25", Notes=f'"Br\u00f6nte" {number}' if quoted else f"note {number}",
        )
        for number in range(1, ROWS + 1)
    ]  # fmt: skip
    return library.csv(*rows).decode()


def before_last_cell(text: str, at: int) -> int:
    """The place itself, or where the last cell of its line begins if it is later."""
    line = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    return max(line + 1, min(at, text.rfind(",", line, end if end >= 0 else len(text))))


def damaged(text: str, damages: list[tuple[int, str]], *, below: int = 0) -> str:
    """The text with that done to it, below a place."""
    for place, what in damages:
        at = below + place % (len(text) - below)
        if what == "cut":
            text = text[: before_last_cell(text, at)]
        elif what == "delete":
            text = text[:at] + text[at + 1 :]
        elif what == "double":
            text = text[:at] + text[at] + text[at:]
        else:
            text = text[:at] + what.removeprefix("insert ") + text[at:]
    return text


def accepted(result: ReturnResult) -> list[tuple[object, ...]]:
    return (
        result.accepted.select(result.contract.column_names).rows() if result.contract and result.rows.accepted else []
    )


def hold_against(library: Library, text: str, data: bytes, damages: int) -> None:
    if text not in _CLEAN:
        _CLEAN[text] = accepted(library.assess(text.encode()))
    good = _CLEAN[text]
    assert len(good) == ROWS
    result = library.assess(data)
    kept = accepted(result)
    for row in kept:
        differing = [sum(one != other for one, other in zip(row, each, strict=True)) for each in good]
        assert min(differing) <= damages, f"{row} was never sent: {data!r}"
    if len(kept) < ROWS:
        assert result.findings.height, f"{ROWS - len(kept)} rows are gone without a word: {data!r}"


@pytest.mark.parametrize("quoted", [False, True], ids=["plain", "quoted"])
@settings(max_examples=80)
@given(damage=ANY_DAMAGE)
def test_any_one_damage(library: Library, quoted: bool, damage: tuple[int, str]) -> None:
    text = clean(library, quoted=quoted)
    hold_against(library, text, damaged(text, [damage]).encode(), 1)


@pytest.mark.parametrize("quoted", [False, True], ids=["plain", "quoted"])
@settings(max_examples=40)
@given(damages=st.one_of(QUOTES, LINE_ENDS))
def test_quotation_marks_and_line_ends_anywhere(
    library: Library,
    quoted: bool,
    damages: list[tuple[int, str]],
) -> None:
    text = clean(library, quoted=quoted)
    hold_against(library, text, damaged(text, damages, below=text.index("\n") + 1).encode(), len(damages))


@settings(max_examples=40)
@given(column=st.integers(0, 7), rows=st.lists(st.integers(1, ROWS), min_size=2, max_size=2, unique=True).map(sorted))
def test_a_quotation_mark_before_a_cell_and_one_behind_the_cell_of_a_later_row(
    library: Library, column: int, rows: list[int]
) -> None:
    text = clean(library, quoted=False)
    lines = [line.split(",") for line in text.split("\r\n")]
    first, last = rows
    lines[first][column] = '"' + lines[first][column]
    lines[last][column] += '"'
    hold_against(library, text, "\r\n".join(map(",".join, lines)).encode(), 1)


@settings(max_examples=80)
@given(place=PLACES, byte=st.integers(min_value=0, max_value=255))
def test_any_byte_in_place_of_another(library: Library, place: int, byte: int) -> None:
    text = clean(library, quoted=True)
    data = text.encode()
    at = place % len(data)
    hold_against(library, text, data[:at] + bytes([byte]) + data[at + 1 :], 1)
