"""Faults of CSV planted at random places of random returns are found, and the same returns without them have no finding."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from conftest import Library
    from probation_etl.intake.result import ReturnResult

#: Free texts, some of which must be quoted; as in `test_csv_records`, those of several lines begin with a letter.
NOTES = st.one_of(
    st.sampled_from(("", "late", "it's", "4 of 5")),
    st.text(alphabet='ab ,"\n;', max_size=8).map(lambda text: f"a{text}z"),
)
RETURNS = st.lists(NOTES, min_size=3, max_size=8)
PLACES = st.integers(min_value=0, max_value=10_000)


def table(library: Library, notes: list[str]) -> list[list[str]]:
    rows = [library.row(Loan_reference=f"L{at:04}", Notes=note) for at, note in enumerate(notes, start=1)]
    return [list(library.header), *([row[name] for name in library.header] for row in rows)]


def lines(records: list[list[str]], **how: Any) -> list[str]:
    """Each record as it is written in CSV."""
    written = []
    for record in records:
        target = io.StringIO()
        csv.writer(target, **how).writerow(record)
        written.append(target.getvalue())
    return written


def accepted(result: ReturnResult) -> set[str]:
    return set(result.accepted["loan_reference"]) if result.rows.accepted else set()


@settings(max_examples=25)
@given(notes=RETURNS, place=PLACES, row=PLACES, quoting=st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)))
def test_a_quotation_mark_too_many(library: Library, notes: list[str], place: int, row: int, quoting: int) -> None:
    records = lines(table(library, notes), quoting=quoting)
    clean = library.assess("".join(records).encode())
    assert (clean.verdict, clean.findings.height, clean.rows.accepted) == ("accepted", 0, len(notes))
    at = 1 + row % len(notes)
    line = records[at].removesuffix("\r\n")
    cut = place % (len(line) + 1)
    records[at] = f'{line[:cut]}"{line[cut:]}\r\n'
    result = library.assess("".join(records).encode())
    assert result.rows.read == result.rows.accepted + result.rows.quarantined >= len(notes)
    assert accepted(result) == {f"L{number:04}" for number in range(1, len(notes) + 1) if number != at}
    codes = set(result.findings.filter(result.findings["row"].is_not_null())["code"])
    assert "malformed-row" in codes


@settings(max_examples=15)
@given(notes=RETURNS, mark=st.sampled_from("'`\""), blank=st.booleans())
def test_other_marks_and_blanks(library: Library, notes: list[str], mark: str, blank: bool) -> None:
    records = table(library, notes)
    between = ", " if blank else ","
    text = "".join(
        between.join(f"{mark}{cell.replace(mark, mark * 2)}{mark}" for cell in record) + "\r\n" for record in records
    )
    result = library.assess(text.encode())
    assert result.rows.accepted == len(notes)
    assert [note or "" for note in result.accepted["notes"]] == [note.strip() for note in notes]
    told = {"wrong-quotation-mark"} if mark != '"' else set()
    told |= {"wrong-delimiter"} if blank else set()
    assert set(result.findings["code"]) == told


@settings(max_examples=15)
@given(notes=RETURNS, junk=st.sampled_from(("Copy of {}", "{} (1)", "{}.txt", "final {}", "{}_v2", "\u202e{}")))
def test_names_in_another_form(library: Library, notes: list[str], junk: str) -> None:
    data = "".join(lines(table(library, notes))).encode()
    assert library.assess(data).findings.height == 0
    stem, dot, ending = library.file.rpartition(".")
    name = junk.format(library.file) if junk.endswith("txt") else junk.format(stem) + dot + ending
    result = library.assess(data, name=name)
    assert (result.verdict, result.rows.accepted) == ("rejected", 0)
    (found,) = result.findings.filter(result.findings["row"].is_null()).iter_rows(named=True)
    assert found["code"] == "wrong-file-name"
    assert "cover" not in found["message"] + found["hint"]
