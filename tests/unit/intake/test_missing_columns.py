"""A column that is left out counts as empty: what is found is what would be found of a return with empty cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.result import ReturnResult

if TYPE_CHECKING:
    from conftest import Library

COPIES = 3


def assessed(
    library: Library, rulebook: Rulebook, *, without: str | None = None, empty: str | None = None
) -> ReturnResult:
    rows = [library.row(**{"Copy": str(copy), **({empty: ""} if empty else {})}) for copy in range(1, COPIES + 1)]
    header = [name for name in library.header if without is None or name != without.replace("_", " ")]
    return library.assess(library.text(header, *([row[name] for name in header] for row in rows)), rulebook)


def book(library: Library, *rules: Any, **more: Any) -> Rulebook:
    return library.rulebook(library.contract(rules=list(rules), **more))


def faults(library: Library, result: ReturnResult) -> list[tuple[int | None, str | None, str]]:
    return [each for each in library.faults(result) if each[2] not in ("missing-column", "acceptance-limit")]


def test_a_rule_on_presence_is_not_switched_off_by_leaving_the_column_out(library: Library) -> None:
    rulebook = book(library, library.rule("branch <> 'Central' OR returned_on IS NOT NULL", column="returned_on"))
    result = assessed(library, rulebook, without="Returned_on")
    assert faults(library, result) == [(row, "Returned on", "row-rule") for row in (2, 3, 4)]
    assert result.rows.accepted == 0


@pytest.mark.parametrize(
    "rule",
    [
        {"expression": "returned_on >= lent_on"}, {"expression": "fine IS NOT NULL", "column": "fine"},
        {"expression": "COALESCE(fine, 99) < 50", "column": "fine"}, {"expression": "notes = 'x' OR renewed", "column": "notes"},
        {"aggregate": "COUNT(returned_on) > 0"}, {"aggregate": "SUM(fine) > 0"}, {"aggregate": "COUNT(fine) * 2 >= COUNT(*)"},
        {"aggregate": "COALESCE(SUM(fine), 0) > 0"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("column", ["Returned_on", "Fine", "Renewed", "Notes"])
def test_a_missing_column_is_judged_as_an_empty_one(library: Library, rule: dict[str, str], column: str) -> None:
    rulebook = book(library, library.rule("", implementation=rule))
    missing, empty = assessed(library, rulebook, without=column), assessed(library, rulebook, empty=column)
    assert faults(library, missing) == faults(library, empty)
    assert (missing.rows.accepted, missing.rows.quarantined) == (empty.rows.accepted, empty.rows.quarantined)


def test_rows_with_a_part_of_the_key_missing_are_the_same_row_as_with_that_part_empty(library: Library) -> None:
    columns = library.columns(copy_number={"required": False})
    rulebook = book(library, columns=columns)
    found = faults(library, assessed(library, rulebook, without="Copy"))
    assert found == faults(library, assessed(library, rulebook, empty="Copy"))
    assert found == [(row, "Loan reference", "duplicate-row") for row in (2, 3, 4)]


def test_a_mapping_of_a_missing_column_has_the_findings_of_an_empty_one(library: Library) -> None:
    unified = library.contract(
        name="figures", rules=[], custom={"layer": "unified", "identification": None, "reportingPeriod": None},
        columns=[{"name": "loan_reference", "logicalType": "string"}, {"name": "figure", "logicalType": "string"}],
    )  # fmt: skip
    for figure in (
        {"expression": "notes", "codes": {"a": "A"}},
        "CAST(fine / copy_number AS VARCHAR)",
        "COALESCE(notes, '-')",
    ):
        mapping = {"table": "figures", "columns": {"loan_reference": "loan_reference", "figure": figure}}
        rulebook = library.rulebook(library.contract(rules=[], custom={"mapping": mapping}), unified)
        for column in ("Notes", "Fine"):
            found = faults(library, assessed(library, rulebook, without=column))
            assert found == faults(library, assessed(library, rulebook, empty=column))


def test_a_required_column_that_is_missing_is_one_finding_and_its_rules_are_not_judged(library: Library) -> None:
    rulebook = book(library, library.rule("lent_on IS NOT NULL", column="lent_on"))
    result = assessed(library, rulebook, without="Lent_on")
    assert library.faults(result) == [(None, "Lent on", "missing-column")]
    assert result.verdict == "rejected"


def test_leaving_a_column_out_that_no_rule_needs_is_a_warning_alone(library: Library, loans: Rulebook) -> None:
    result = assessed(library, loans, without="Notes")
    assert library.faults(result) == [(None, "Notes", "missing-column")]
    assert (result.verdict, result.rows.accepted) == ("accepted_with_warnings", COPIES)


@pytest.fixture(scope="module")
def loans(library: Library) -> Rulebook:
    return library.loans
