"""Rows are judged in pieces, and where they are cut changes nothing; nor does it where pieces are judged in other processes."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from probation_etl.contracts.checks import Schema
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake import cell_values, pieces, row_rules
from probation_etl.intake.closely import Closely, each_once, not_plain
from probation_etl.intake.pieces import Judged, Piece, judge
from probation_etl.intake.result import ReturnResult

if TYPE_CHECKING:
    from conftest import Library

HEADER = ("Loan reference", "Copy", "Branch", "Lent on", "Returned on", "Fine", "Renewed", "Notes")
#: Texts that are likely below each header, good ones and bad ones; days that could be two days, and one that shows it.
LIKELY = (
    ("L0001", "L0002", "L0003", "l0001", " L0001", "L0001\u00a0", "[c]", ""),
    ("1", "2", "3", "+3", "03", "1.0", "1,000", "100", "99999999999999999999", "n/a", ""),
    ("Central", "N", "North", "central", "Total", "[c]", ""),
    ("01/03/2024", "03/01/2024", "31/02/2024", "2024-03-01", "01/03/1900", "01/03/2124", "09/28/2024", ""),
    ("04/03/2024", "01/02/2024", "04/03/2024 00:00:00", "1/3/2024", ""),
    ("0.50", "1", "n/a", "0.505", "1e9", "-1", "60", "1.2 [p]", ""),
    ("true", "TRUE", "false", "yes", ""),
    ("torn", "torn", "L0002 again", "=1+1", "#REF!", "NULL", "a\u0301", "\u00e1", "\u202ea", "a note of more than twenty letters", ""),
)  # fmt: skip
RECORDS = st.lists(st.tuples(*map(st.sampled_from, LIKELY)), max_size=10)


@pytest.fixture(scope="module")
def rulebook(library: Library) -> Rulebook:
    marks = [{"property": "markers", "value": ["p"]}, {"property": "nullTokens", "value": ["n/a"]}]
    columns = library.columns(
        notes={"unique": True}, fine={"customProperties": marks},
        branch={"customProperties": [{"property": "shorthand", "value": ["c"]}]},
    )  # fmt: skip
    rules = [
        library.rule("returned_on >= lent_on", name="in_order", column="returned_on"),
        library.rule("10 / (copy_number - 2) > 0", name="computed", severity="warning"),
        library.rule("SUM(copy_number) < 12", name="few", dimension="consistency"),
    ]
    rules[-1]["implementation"] = {"aggregate": "SUM(copy_number) < 12"}
    return library.rulebook(library.contract(columns=columns, rules=rules))


@given(RECORDS, st.data())
def test_a_return_is_the_same_however_its_rows_are_cut(
    library: Library, rulebook: Rulebook, records: list[tuple[str, ...]], data: st.DataObject
) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(records)), max_size=len(records)))
    text = library.text(HEADER, *records)
    whole = judged(library, rulebook, text, lambda height: iter([height]))
    once = data.draw(st.booleans())
    with (
        mock.patch.object(pieces, "judge", elsewhere),
        mock.patch.object(cell_values, "closely", looked_at(once=once)),
        mock.patch.object(row_rules, "_FEW_ROWS", 0),
        mock.patch.object(row_rules, "_FEW_SUSPECTS", data.draw(st.sampled_from([0, row_rules._FEW_SUSPECTS]))),
    ):
        assert_same(judged(library, rulebook, text, lambda height: between(height, cuts)), whole)


def judged(library: Library, rulebook: Rulebook, text: bytes, lengths: object) -> ReturnResult:
    with mock.patch.object(pieces, "lengths", lengths):
        return library.assess(text, rulebook)


def looked_at(*, once: bool) -> Callable[..., Closely]:
    """What is looked at closely of long columns, also of short ones."""
    return (lambda texts, _column, **_: each_once(texts)) if once else not_plain


def between(height: int, cuts: list[int]) -> Iterator[int]:
    """The lengths of pieces between these places, some of them of no rows."""
    places = [0, *sorted(min(each, height) for each in cuts), height]
    return (end - start for start, end in pairwise(places))


def elsewhere(piece: Piece, schema: Schema, context: Mapping[str, object]) -> Judged:
    """Judges a piece as another process would: what goes there and what comes back is written down and read."""
    sent, known = pickle.loads(pickle.dumps((piece, dict(context))))  # noqa: S301 -- our own
    back: Judged = pickle.loads(pickle.dumps(judge(sent, schema, known)))  # noqa: S301 -- our own
    return back


def assert_same(one: ReturnResult, other: ReturnResult) -> None:
    assert (one.verdict, one.rows, one.notes) == (other.verdict, other.rows, other.notes)
    for frame, same in (
        (one.findings, other.findings),
        (one.accepted, other.accepted),
        (one.quarantined, other.quarantined),
    ):
        assert_frame_equal(frame, same, check_exact=True)
