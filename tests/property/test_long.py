"""What becomes of a long return does not depend on where its file is cut: it is what becomes of the whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING
from unittest import mock

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from probation_etl.contracts import restricted_values
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake import pieces, row_rules, sums, totals
from probation_etl.intake.assess import assess
from probation_etl.intake.control_totals import read_control_totals
from probation_etl.intake.long import engine
from probation_etl.intake.long import rows as long_rows
from probation_etl.intake.readers import in_pieces
from probation_etl.intake.received import InBytes
from probation_etl.intake.references import InFrame
from probation_etl.intake.result import ReturnResult

if TYPE_CHECKING:
    from conftest import Library

HEADER = "Loan reference,Copy,Branch,Lent on,Returned on,Fine,Renewed,Notes,Shelf"
#: Texts that are likely below each header, good ones and bad ones; days that could be two days, and one that shows it.
LIKELY = (
    ("L0001", "L0002", "L0003", "l0001", "Ms Brown", "", ""),
    ("1", "2", "3", "03", "1.0", "7", "n/a", ""),
    ("Central", "N", "North", "central", "Total", "[c]", ""),
    ("01/03/2024", "03/01/2024", "31/02/2024", "2024-03-01", "01/03/2124", "09/28/2024", ""),
    ("04/03/2024", "01/02/2024", "04/03/2024 00:00:00", "1/3/2024", ""),
    ("0.50", "1", "n/a", "0.505", "1e9", "-1", "60", "2.00", ""),
    ("true", "TRUE", "false", "yes", ""),
    (
        "torn",
        "torn",
        "L0002 again",
        "Ms Brown has it",
        "=1+1",
        '"two\nlines"',
        "a note of more than twenty letters",
        "",
    ),
    ("A1", "A2", "", "", "Total", "All shelves"),
)
LIKELY_ROWS = st.tuples(*map(st.sampled_from, LIKELY)).map(",".join)
#: Lines that are no rows of data, or hardly.
OTHERS = st.sampled_from(
    (
        "", ",,,,,,,,", HEADER, f"{HEADER},", "Copy,Loan reference,Branch,Lent on,Returned on,Fine,Renewed,Notes,Shelf",
        "Source: the card index.", "* not counted yet", "Prepared by the desk,,,,,,,,", "End of report", "2 rows", "nil", "Nil,,,,,,,,",
        "Ms Brown", "e.g. L0001,1,Central,01/03/2024", "Loans (continued)", "Total,3,,,,1.50,,,", ",,Total,,,2.00,,,", "L0001,1", "L0001,1,,,,,,,,,",
    )
)  # fmt: skip
LINES = st.lists(st.one_of(LIKELY_ROWS, LIKELY_ROWS, LIKELY_ROWS, OTHERS), max_size=16)
CATALOGUE = pl.DataFrame({"reference": ["L0001", "L0001", "L0002"], "number": [1, 2, 7]})
#: Characters of the first piece, in which the header is looked for.
BEGINNING = 120


@pytest.fixture(scope="module")
def rulebook(library: Library) -> Rulebook:
    columns = library.columns(notes={"unique": True})
    columns.append(
        {"name": "shelf", "physicalName": "Shelf", "logicalType": "string", "primaryKey": True, "primaryKeyPosition": 3}
    )
    relation = {
        "id": "copy_exists", "from": ["loans.loan_reference", "loans.copy_number"], "to": ["copy.reference", "copy.number"],
    }  # fmt: skip
    unified = {"layer": "unified", "identification": None, "reportingPeriod": None}
    kept = [{"name": "reference", "logicalType": "string"}, {"name": "number", "logicalType": "integer"}]
    few = library.rule("SUM(copy_number) < 40", name="few", dimension="consistency")
    few["implementation"] = {"aggregate": "SUM(copy_number) < 40"}
    some = library.rule("COUNT(*) > 2", name="some", dimension="consistency", severity="warning")
    some["implementation"] = {"aggregate": "COUNT(*) > 2"}
    rules = [library.rule("returned_on >= lent_on", name="in_order", column="returned_on"), few, some]
    return library.rulebook(
        library.contract(columns=columns, rules=rules, relationships=[relation]),
        library.contract(name="copy", columns=kept, rules=[], custom=unified),
    )


@given(lines=LINES, piece=st.integers(1, 400), together=st.integers(1, 5), control=st.booleans())
def test_a_long_return_is_what_the_whole_is(
    library: Library, rulebook: Rulebook, lines: list[str], piece: int, together: int, *, control: bool
) -> None:
    text = "\n".join((HEADER, *lines)).encode()
    with mock.patch.object(sums, "SHORT", 0), mock.patch.object(totals, "SHORT", 0):
        whole = assessed(library, rulebook, text, control=control)
        with cut(piece, together):
            long = assessed(library, rulebook, InBytes(text), control=control)
    assert (long.verdict, long.rows, long.notes, long.control_rows) == (
        whole.verdict, whole.rows, whole.notes, whole.control_rows,
    )  # fmt: skip
    for frame, same in (
        (long.findings, whole.findings),
        (long.accepted, whole.accepted),
        (long.quarantined, whole.quarantined),
    ):
        assert_frame_equal(frame, same, check_exact=True)


def assessed(library: Library, rulebook: Rulebook, data: bytes | InBytes, *, control: bool) -> ReturnResult:
    counted = read_control_totals("b.control", b"rows,3\nFine,1.50\n") if control else None
    (result,) = assess(
        library.file,
        data,
        rulebook,
        totals=counted,
        references=lambda _supplier, _end: lambda _table: InFrame(CATALOGUE),
    )
    return result


@contextmanager
def cut(piece: int, together: int) -> Iterator[None]:
    """Inside, a file is cut into pieces of so many characters, and so many rows are looked at together."""
    with (
        mock.patch.object(in_pieces, "PIECE", piece),
        mock.patch.object(in_pieces, "_BEGINNING", BEGINNING),
        mock.patch.object(in_pieces, "_LEAST_ROWS", 1),
        mock.patch.object(long_rows, "ROWS_AT_A_TIME", together),
        mock.patch.object(engine, "NUMBERS_AT_A_TIME", together),
        mock.patch.object(pieces, "ROWS_AT_A_TIME", together),
        mock.patch.object(row_rules, "_FEW_ROWS", 0),
        mock.patch.object(restricted_values, "_FEW_CELLS", 0),
    ):
        yield


def test_the_file_is_read_in_pieces(library: Library, rulebook: Rulebook) -> None:
    lines = [f"L{number:04},1,N,01/03/2024,,,,note {number},A" for number in range(100)]
    with cut(200, 7):
        result = assessed(library, rulebook, InBytes("\n".join((HEADER, *lines)).encode()), control=False)
    assert result.rows.read == 100
    assert len(result.quarantined_rows.parts) > 10
    assert result.quarantined["source_row"].to_list() == list(range(2, 102))
    assert result.period_end == date(2024, 3, 31)
