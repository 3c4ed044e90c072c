"""Rows that the contract says are no data, and headers of no line or of several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from probation_etl.contracts.model import Column, Layout, LeftOut, Mapping, ReturnContract
from probation_etl.intake.readers import read_grids
from probation_etl.intake.table import RawTable, extract

if TYPE_CHECKING:
    from conftest import Library

COLUMNS = (
    Column("title", "string", "Title", required=True),
    Column("copies", "integer", "Copies held"),
    Column("lent", "integer", "Copies lent"),
)


def table_in(text: str | bytes, **layout: Any) -> RawTable:
    (grid,) = read_grids(text.encode() if isinstance(text, str) else text)
    contract = ReturnContract(
        id="books",
        version="1.0.0",
        table="books",
        columns=COLUMNS,
        mapping=Mapping("book", ()),
        layout=Layout(**layout),
    )
    table = extract(grid, contract)
    assert table is not None
    return table


def told(table: RawTable) -> list[tuple[str, int | None]]:
    return [(finding.code, finding.row) for finding in table.findings]


TEMPLATE = """Title,Copies held,Copies lent
Text,Number,Number

Emma,3,1
,0,0
Total fiction,3,1
,0,0
Lolita,2,2
Total,5,3
End of list,,
Not a row,9,9
"""
LEFT_OUT = (
    LeftOut("instructions", below_header=2),
    LeftOut("formulas", filled_only=("copies", "lent")),
    LeftOut("totals", column="title", matches="total.*"),
    LeftOut("the rest", matches="END OF LIST", and_below=True),
)


def test_rows_are_left_out_as_the_contract_says_and_nothing_is_found() -> None:
    table = table_in(TEMPLATE, left_out=LEFT_OUT)
    assert table.frame.rows() == [(4, "Emma", "3", "1"), (8, "Lolita", "2", "2")]
    assert (told(table), table.blank) == ([], 1)
    assert [(note.row, note.text, note.rows) for note in table.notes] == [
        (2, "instructions", 1),
        (5, "formulas: 2 rows, 5 and 7", 2),
        (6, "totals: 2 rows, 6 and 9", 2),
        (10, "the rest: 2 rows, 10 to 11", 2),
    ]


def test_without_it_the_same_rows_are_asked_about() -> None:
    table = table_in(TEMPLATE)
    assert ("instruction-row", 2) in told(table)
    assert table.height == 9


def test_a_row_with_any_other_cell_is_data_and_so_is_one_in_which_none_of_the_columns_is_filled() -> None:
    table = table_in("Title,Copies held,Copies lent,More\nEmma,0,0,\n,,,x\n", left_out=LEFT_OUT[1:2])
    assert [row for row, *_ in table.frame.rows()] == [2, 3]


HEADERS = [
    "Title,Copies,\n,held,lent\nEmma,3,1\n",
    "Books of the year,,\n,,\nTitle,Copies,Copies\n,held,lent\nEmma,3,1\n",
    ",Copies held,Copies lent\nTitle,,\nEmma,3,1\n",
]


@pytest.mark.parametrize("text", HEADERS)
def test_a_header_of_two_lines_is_read_as_one(text: str) -> None:
    table = table_in(text, header_rows=2)
    assert [row[1:] for row in table.frame.rows()] == [("Emma", "3", "1")]
    assert table.headers == {"title": "Title", "copies": "Copies held", "lent": "Copies lent"}
    assert (told(table), table.missing) == ([], ())


def test_a_header_of_three_lines_and_one_that_stands_again(library: Library) -> None:
    lines = [["Title", "Copies", None, "Other"], [None, None, None, None], [None, "held", "lent", "things"]]
    rows = [*lines, ["Emma", 3, 1, None], *lines[::2], ["Lolita", 2, 2, None]]
    table = table_in(library.workbook(Books=rows), header_rows=3)
    assert [row[1:] for row in table.frame.rows()] == [("Emma", "3", "1"), ("Lolita", "2", "2")]
    assert told(table) == [("unexpected-column", None), ("repeated-header", 5), ("repeated-header", 6)]
    assert table.findings[0].column == "Other things"


def test_without_a_header_columns_stand_in_the_order_of_the_contract() -> None:
    table = table_in("Emma,3,1\nLolita,2\n\nDubliners,1,1\n", header_rows=0)
    assert table.frame.rows() == [(1, "Emma", "3", "1"), (2, "Lolita", "2", None), (4, "Dubliners", "1", "1")]
    assert (told(table), table.blank) == ([("malformed-row", 2)], 1)
    assert table_in("Emma,3\nLolita,2\n", header_rows=0).missing == ("lent",)
    with_header = table_in("Title,Copies held,Copies lent\nEmma,3,1\n", header_rows=0)
    assert (with_header.height, told(with_header)) == (1, [("repeated-header", 1)])
    wide = table_in("Emma,3,1,x\nLolita,2,2,y\n", header_rows=0)
    assert [(each.code, each.severity) for each in wide.findings] == [("record-width", "error")]
