"""A rule about one row gives each row the same alone as among others: tried with plausible rows, and held for real ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
import pytest

from probation_etl.contracts.checks import Kind
from probation_etl.contracts.checks.check import Scope
from probation_etl.proof.alone import unsteady_parts
from probation_etl.proof.plausible import any_rows
from probation_etl.unified.harmonise import harmonise

if TYPE_CHECKING:
    from conftest import Library


def test_each_kind_of_rule_has_a_scope() -> None:
    assert {each for each in Kind if each.scope is Scope.GROUP} == {Kind.UNIQUE, Kind.KEY}
    whole = {Kind.TABLE, Kind.ACROSS, Kind.OWN, Kind.QUERY, Kind.PRESENT, Kind.ONCE, Kind.AMBIGUOUS}
    assert {each for each in Kind if each.scope is Scope.WHOLE} == whole


@pytest.mark.parametrize(
    "holds",
    [
        pl.col("fine") <= 2 * pl.col("fine").mean(), pl.col("fine") >= pl.col("fine").shift(1), pl.col("fine").rank() < 9,
        pl.col("fine").cum_sum() < 90, pl.col("branch").is_first_distinct(), pl.col("fine").sum().over("branch") < 9,
        pl.col("notes").str.replace_all(pl.col("branch"), "a") != "b",
    ],
)  # fmt: skip
def test_a_rule_that_judges_a_row_by_others_is_found_whatever_it_says(library: Library, holds: pl.Expr) -> None:
    book = library.rulebook(library.contract(rules=[library.rule("fine > 1", name="steady"), library.rule("fine > 2")]))
    schema = book.schema_of(book.contracts["loans"])
    rows = any_rows(schema)
    assert list(unsteady_parts(schema, rows)) == []
    checks = tuple(replace(each, holds=holds) if each.name == "row|some_rule" else each for each in schema.checks)
    (fault,) = unsteady_parts(replace(schema, checks=checks), rows)
    assert (
        "rule ‘some_rule’: it gives a row another result beside other rows than alone, but a rule is about one row"
        in fault
    )


def test_what_one_row_cannot_give_is_nothing_there_and_no_hindrance_to_others(library: Library) -> None:
    rules = [
        library.rule("REPLACE(branch, 'e', notes) <> 'Cxntral'", name="replaced"),
        library.rule("SUBSTRING(branch, 1, copy_number - 3) <> 'Ce'", name="cut"),
    ]
    mapped = {
        "loan_reference": "REPLACE(loan_reference, 'L', notes)",
        "figure": "SUBSTRING(branch, 1, copy_number - 3)",
    }
    unified = library.contract(
        name="figures", rules=[], custom={"layer": "unified", "identification": None, "reportingPeriod": None},
        columns=[{"name": name, "logicalType": "string"} for name in mapped],
    )  # fmt: skip
    mapping = {"table": "figures", "columns": mapped}
    book = library.rulebook(library.contract(rules=rules, custom={"mapping": mapping}), unified)
    rows = [
        library.row(Copy="1"),
        library.row(Copy="2", Notes="x", Loan_reference="L0002"),
        library.row(Copy="5", Loan_reference="L0003"),
    ]

    def found(*sent: dict[str, str]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Findings, and what becomes of the rows."""
        result = library.assess(library.csv(*sent), book)
        made = harmonise(result, book).get("figures")
        faults = sorted(result.findings.select("column", "rule").rows())
        return faults, [] if made is None else sorted(made.select(list(mapped)).rows())

    faults, made = found(*rows)
    apart = [found(row) for row in rows]
    assert faults == sorted(fault for each, _ in apart for fault in each)
    assert made == sorted(row for _, each in apart for row in each)
    assert {("Branch", "row|replaced"), ("Branch", "row|cut")} <= set(faults)
