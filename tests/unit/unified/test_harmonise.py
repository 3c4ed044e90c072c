"""Accepted rows in the unified shape: what the mapping says, for every row, under names that do not collide."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.unified.harmonise import harmonise

if TYPE_CHECKING:
    from conftest import Library

TABLES = {
    "library_areas": "library,area\nB1,A1\nB1,A1\nB2,A8\nB2,A9\n",
    "branch_areas": "library,branch,area,opened\nB2,central,A2,1901\nB2,N,A3,\n",
}
COLUMNS = [
    {"name": "library", "logicalType": "string", "required": True},
    {"name": "branch", "logicalType": "string"},
    {"name": "area", "logicalType": "string"},
    {"name": "area_basis", "logicalType": "string"},
    {"name": "copy_number", "logicalType": "string"},
    {"name": "due_on", "logicalType": "date"},
    {"name": "fine", "logicalType": "number"},
    {"name": "popular", "logicalType": "boolean"},
    {"name": "nobody_fills_this", "logicalType": "integer"},
]
AREA = {
    "lookups": [
        {"table": "library_areas", "match": {"library": "supplier_code"}, "value": "area", "basis": "library"},
        {
            "table": "branch_areas",
            "match": {"library": "supplier_code", "branch": "branch"},
            "value": "area",
            "basis": "branch",
        },
    ],
    "basis": {"column": "area_basis", "otherwise": "unallocated"},
}


def rulebook(library: Library, **mapped: Any) -> Rulebook:
    mapping = {"table": "loan", "columns": {"library": "supplier_code", **mapped}}
    properties = {"layer": "unified", "identification": None, "reportingPeriod": None}
    unified = library.contract(name="unified-loan", table="loan", columns=COLUMNS, rules=[], custom=properties)
    columns = library.columns(branch={"enum": None})
    del columns[2]["enum"]
    return library.rulebook(library.contract(columns=columns, custom={"mapping": mapping}), unified, tables=TABLES)


def unified(
    library: Library, rules: Rulebook, *rows: dict[str, str], name: str = "B1_loans_2024-03-31.csv"
) -> pl.DataFrame:
    (frame,) = harmonise(library.assess(library.csv(*rows), rules, name=name), rules).values()
    return frame


def test_the_frame_has_the_columns_of_the_table_in_its_order_and_types(library: Library) -> None:
    frame = unified(library, rulebook(library), library.row())
    assert dict(frame.schema) == {
        "library": pl.String(), "branch": pl.String(), "area": pl.String(), "area_basis": pl.String(),
        "copy_number": pl.String(), "due_on": pl.Date(), "fine": pl.Decimal(28, 6), "popular": pl.Boolean(),
        "nobody_fills_this": pl.Int64(), "return_id": pl.String(), "source_row": pl.Int64(),
    }  # fmt: skip
    assert frame["nobody_fills_this"].to_list() == [None]


def test_every_accepted_row_is_there_once_with_its_lineage(library: Library) -> None:
    rules = rulebook(library)
    rows = [library.row(Copy=str(number)) for number in (1, 2, 0, 3)]
    result = library.assess(library.csv(*rows), rules)
    frame = harmonise(result, rules)["loan"]
    assert frame["source_row"].to_list() == [2, 3, 5]
    assert set(frame["return_id"]) == {result.return_id}


def test_expressions_are_computed_from_the_columns_of_the_return(library: Library) -> None:
    rules = rulebook(
        library, fine="fine * 2", due_on="lent_on + INTERVAL '21 days'", popular="copy_number > 1", copy_number="branch"
    )
    frame = unified(library, rules, library.row(Copy="3"))
    assert frame.select("fine", "due_on", "popular", "copy_number").rows() == [
        (Decimal("1.000000"), date(2024, 3, 22), True, "Central")
    ]


def test_a_column_of_the_table_does_not_hide_one_of_the_return_of_the_same_name(library: Library) -> None:
    rules = rulebook(library, copy_number="branch", branch="CASE WHEN copy_number = 3 THEN 'third' END")
    frame = unified(library, rules, library.row(Copy="3"))
    assert frame.select("copy_number", "branch").rows() == [("Central", "third")]


def test_codes_are_translated_and_empty_cells_stay_empty(library: Library) -> None:
    rules = rulebook(library, branch={"expression": "notes", "codes": {"north": "N", "south": "S"}})
    rows = [library.row(Copy=str(number), Notes=text) for number, text in enumerate(("north", "", "south"), start=1)]
    assert unified(library, rules, *rows)["branch"].to_list() == ["N", None, "S"]


def test_a_value_that_no_code_translates_is_a_fault_and_never_an_empty_cell(library: Library) -> None:
    rules = rulebook(library, branch={"expression": "notes", "codes": {"north": "N"}})
    result = library.assess(library.csv(library.row(Notes="west"), library.row(Copy="2", Notes="north")), rules)
    assert library.faults(result) == [(2, "Notes", "unmapped-value")]
    assert harmonise(result, rules)["loan"]["branch"].to_list() == ["N"]


@pytest.mark.parametrize(
    ("file", "branch", "area", "basis"),
    [
        ("B1_loans_2024-03-31.csv", "anything", "A1", "library"),
        ("B2_loans_2024-03-31.csv", " CENTRAL", "A2", "branch"),
        ("B2_loans_2024-03-31.csv", "n", "A3", "branch"),
        ("B2_loans_2024-03-31.csv", "elsewhere", None, "unallocated"),
        ("B3_loans_2024-03-31.csv", "Central", None, "unallocated"),
    ],
)
def test_the_first_lookup_that_knows_wins_and_says_so(
    library: Library, file: str, branch: str, area: str | None, basis: str
) -> None:
    frame = unified(library, rulebook(library, area=AREA), library.row(Branch=branch), name=file)
    assert frame.select("area", "area_basis").rows() == [(area, basis)]


def test_a_key_that_leads_to_several_values_leads_to_none(library: Library) -> None:
    lookup = {"table": "library_areas", "match": {"library": "supplier_code"}, "value": "area"}
    rules = rulebook(library, area={"lookups": [lookup]})
    known, ambiguous = (
        library.assess(library.csv(library.row()), rules, name=f"{code}_loans_2024-03-31.csv") for code in ("B1", "B2")
    )
    assert library.faults(known) == []
    assert [code for _, _, code in library.faults(ambiguous)] == ["unmapped-value"]


def test_a_lookup_with_a_key_that_is_partly_empty_finds_nothing(library: Library) -> None:
    match = {"library": "supplier_code", "branch": "notes"}
    area = {**AREA, "lookups": [{**AREA["lookups"][1], "match": match}]}  # type: ignore[index]
    frame = unified(library, rulebook(library, area=area), library.row(Notes=""), name="B2_loans_2024-03-31.csv")
    assert frame.select("area", "area_basis").rows() == [(None, "unallocated")]


def test_a_lookup_without_a_basis_must_know_every_key(library: Library) -> None:
    table = {"table": "branch_areas", "match": {"branch": "branch"}}
    rules = rulebook(
        library, area={"lookups": [{**table, "value": "area"}]}, branch={"lookups": [{**table, "value": "opened"}]}
    )
    rows = [library.row(Copy=str(at), Branch=text) for at, text in enumerate(("Central", "N", "South"), start=1)]
    result = library.assess(library.csv(*rows), rules)
    assert {(row, code) for row, _, code in library.faults(result)} == {(4, "unmapped-value")}
    assert harmonise(result, rules)["loan"].select("area", "branch").rows() == [("A2", "1901"), ("A3", None)]


def test_a_rejected_return_adds_no_rows(library: Library) -> None:
    rules = rulebook(library)
    assert harmonise(library.assess(b"a,b\n1,2\n", rules), rules) == {}


def test_a_nil_return_gives_a_table_without_rows(library: Library) -> None:
    frame = unified(library, rulebook(library, area=AREA, fine="fine"))
    assert (frame.height, frame.width) == (0, len(COLUMNS) + 2)


def test_a_return_without_a_mapping_is_taken_over_column_for_column(library: Library, loans: Rulebook) -> None:
    result = library.assess(library.csv(library.row()), loans)
    (row,) = harmonise(result, loans)["loans"].to_dicts()
    assert row == {
        "supplier_code": "B1", "loan_reference": "L0001", "copy_number": 1, "branch": "Central",
        "lent_on": date(2024, 3, 1), "returned_on": date(2024, 3, 15), "fine": Decimal("0.500000"), "renewed": True,
        "notes": None, "return_id": result.return_id, "source_row": 2,
    }  # fmt: skip
