"""Measures are compiled when contracts are read: one that cannot add up is reported with its place."""

from __future__ import annotations

from typing import Any

import duckdb
import polars as pl
import pytest

from probation_etl.contracts.checks.measures import amounts, counted, shown_amounts
from probation_etl.contracts.lint.totals import total_faults
from probation_etl.contracts.model import (
    Column,
    Counterpart,
    Lookup,
    MappedColumn,
    Mapping,
    Measure,
    Reconciled,
    Replaced,
    ReturnContract,
    TableContract,
)

COLUMNS = (
    Column("library", "string", ""), Column("reader", "string", "", restricted=True), Column("card", "integer", "", restricted=True),
    Column("fine", "number", ""), Column("lent_on", "date", ""), Column("district", "string", ""),
    Column("name", "string", "", joined=True),
)  # fmt: skip
MEMBER = TableContract(id="member", version="1", table="member", columns=(Column("library", "string", ""),))
SENDER = ReturnContract(
    id="loans", version="1", table="loans", columns=(),
    mapping=Mapping("loan", (MappedColumn("district", lookups=(Lookup("districts", {"library": "l"}, "d"),), basis_column="library"),)),
)  # fmt: skip


def loan(**more: Any) -> TableContract:
    return TableContract(id="loan", version="1", table="loan", columns=COLUMNS, **more)


def faults(contract: TableContract, *, sender: bool = False) -> list[str]:
    tables = {"loan": loan(measures=(Measure("fine", "fine"),)), "member": MEMBER, contract.table: contract}
    return [each.partition(": ")[2] for each in total_faults(contract, tables, [SENDER] if sender else [])]


def test_numbers_are_summed_and_conditions_counted() -> None:
    joined = Measure("named", "name IS NOT NULL", Counterpart("member", ("library",)))
    table = loan(measures=(Measure("fine", "fine"), Measure("lent", "lent_on IS NOT NULL"), joined))
    sent = {"rows": "1", "fine": "(fine)", "lent": "CASE WHEN lent_on IS NOT NULL THEN 1 ELSE 0 END"}
    assert amounts(table) == sent
    assert shown_amounts(table) == {**sent, "named": "CASE WHEN name IS NOT NULL THEN 1 ELSE 0 END"}
    assert faults(table) == []


@pytest.mark.parametrize(
    ("measure", "told"),
    [
        (Measure("fine", "fines"), "measures: ‘fine’: no such column: ‘fines’; did you mean ‘fine’?"),
        (Measure("rows", "fine"), "measures: ‘rows’: ‘rows’ is a reserved name"),
        (Measure("m", "library"), "measures: ‘m’: ‘library’ gives String, expected a number to add up, or a condition to count"),
        (Measure("m", "fine / 3.0 > lent_on"), "measures: ‘m’: it compares a number with ‘lent_on’ (a date): things of different kinds"),
        (Measure("m", "CAST(fine AS DOUBLE)"), "measures: ‘m’: ‘CAST(fine AS DOUBLE)’ gives Float64, expected a number to add up, or a condition to count"),
        (Measure("m", "SUM(fine)"), "measures: ‘m’: ‘SUM(…)’ reads other rows, but this is computed from the columns of each row: compute it in a view of the unified table (query)"),
        (Measure("m", "1"), "measures: ‘m’: ‘1’ must be computed from the columns of each row"),
        (Measure("m", "fine +"), "measures: ‘m’: this is not a SQL expression: fine +"),
        (Measure("m", "card"), "measures: ‘m’: it would show values of ‘card’, which is restricted: say ‘silent: true’"),
        (Measure("m", "name IS NOT NULL"), "measures: ‘m’: no such column: ‘name’"),
        (Measure("m", "name IS NOT NULL", Counterpart("membr", ("library",))), "measures: ‘m’: there is no unified table ‘membr’; did you mean ‘member’?"),
        (Measure("m", "name IS NOT NULL", Counterpart("member", ("library", "reader"))), "measures: ‘m’: no such column: ‘reader’"),
    ],
)  # fmt: skip
def test_what_cannot_add_up_is_a_fault(measure: Measure, told: str) -> None:
    assert faults(loan(measures=(measure,))) == [told]


def test_how_many_rows_have_a_restricted_value_may_be_counted() -> None:
    assert faults(loan(measures=(Measure("m", "reader IS NOT NULL"), Measure("n", "card > 5")))) == []


def test_what_a_lookup_finds_cannot_be_counted_before_rows_are_mapped() -> None:
    said = "a lookup fills ‘{}’ (loans), so it cannot be counted before rows are mapped"
    table = loan(measures=(Measure("m", "district IS NOT NULL OR library = 'x'"),))
    assert faults(table, sender=True) == [f"measures: ‘m’: {said.format(name)}" for name in ("district", "library")]


@pytest.mark.parametrize(
    ("replaced", "told"),
    [
        (Replaced("lent_on IS NULL", ("library",)), []),
        (Replaced("fine", ("library",)), ["replaced: ‘fine’ gives Decimal(precision=28, scale=6), expected a condition"]),
        (Replaced("lent IS NULL", ("libary",)), ["replaced: no such column: ‘lent’", "replaced: no such column: ‘libary’; did you mean ‘library’?"]),
    ],
)  # fmt: skip
def test_what_a_query_may_leave_out_is_a_condition_over_stored_columns(replaced: Replaced, told: list[str]) -> None:
    assert [each.replace("; did you mean ‘lent_on’?", "") for each in faults(loan(replaced=replaced))] == told


@pytest.mark.parametrize(
    ("reconciled", "told"),
    [
        (Reconciled("loans", "loan", "rows", ("library",)), []),
        (Reconciled("loans > 1", "loan", "fine", ("library",)), []),
        (Reconciled("loan", "loan", "rows", ("library",)), ["no such column: ‘loan’; did you mean ‘loans’?"]),
        (Reconciled("loans", "lone", "rows", ("library",)), ["there is no unified table ‘lone’; did you mean ‘loan’?"]),
        (Reconciled("loans", "loan", "fines", ("library",)), ["loan has no measure ‘fines’; did you mean ‘fine’?"]),
        (Reconciled("loans", "loan", "rows", ("month",)), ["no such column: ‘month’"]),
        (Reconciled("loans", "loan", "rows", ("reader",)), ["no such column: ‘reader’", "‘reader’ is restricted, and would be named where totals differ"]),
    ],
)  # fmt: skip
def test_a_view_names_totals_that_are_there(reconciled: Reconciled, told: list[str]) -> None:
    columns = (Column("month", "date", ""), Column("library", "string", ""), Column("loans", "integer", ""))
    view = TableContract(
        id="by_month", version="1", table="by_month", columns=columns, is_view=True, reconciles=(reconciled,)
    )
    assert faults(view) == [f"reconciles: {each}" for each in told]


def test_each_layer_has_its_own_totals() -> None:
    view = TableContract(
        id="v", version="1", table="v", columns=COLUMNS, is_view=True, measures=(Measure("fine", "fine"),)
    )
    assert faults(view) == ["measures: only a unified table has measures"]
    table = loan(reconciles=(Reconciled("fine", "loan", "rows", ("library",)),))
    assert "reconciles: only a view is compared with unified tables" in faults(table)


def test_a_product_or_a_sum_of_large_whole_numbers_is_exact_in_memory_and_in_the_store() -> None:
    large = 899_999_999_999_999_999
    columns = (Column("copies", "integer", ""), Column("days", "integer", ""))
    measures = (Measure("held", "copies * days"), Measure("copies", "copies"))
    table = TableContract(id="loan", version="1", table="loan", columns=columns, measures=measures)
    rows = pl.DataFrame({"copies": [large] * 9, "days": [large] * 9})
    totals = counted(rows, amounts(table))
    assert totals == {"rows": 9, "held": 9 * large * large, "copies": 9 * large}
    with duckdb.connect() as store:
        store.register("loans", rows)
        for name, text in amounts(table).items():
            (total,) = store.execute(f"SELECT SUM({text}) FROM loans").fetchone() or ()
            assert int(total) == totals[name]
