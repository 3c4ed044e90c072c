"""Lint finds parts that are null whatever the values, and warns of rules that no return breaks. It accuses no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from probation_etl.cli.contracts import lint as lint_command
from probation_etl.contracts.shipped import shipped
from probation_etl.runs.lint import Linted, lint

if TYPE_CHECKING:
    from conftest import Library


def linted(library: Library, *rules: Any, **more: Any) -> Linted:
    return lint([library.directory(library.contract(rules=list(rules), **more))])


@pytest.mark.parametrize(
    ("expression", "silent"),
    [
        ("DATE(notes, '%Y %q') <= lent_on", "DATE(notes, '%Y %q')"), ("DATE(branch, '%d/%m/%Y') <= lent_on", "DATE(branch, '%d/%m/%Y')"),
        ("CAST(UPPER(branch) || 'X' AS INTEGER) > 3", "CAST(UPPER(branch) || 'X' AS INT)"),
        ("fine % 0 = 0", "fine % 0"), ("copy_number / 0 > 1", "copy_number / 0"), ("LN(-ABS(fine)) < 1", "LN(-ABS(fine))"),
        ("lent_on > lent_on - INTERVAL '9000 years'", "lent_on - INTERVAL '9000 YEARS'"),
        ("CASE WHEN renewed THEN STRPTIME(notes, '%Y %q') <= lent_on END", "STRPTIME(notes, '%Y %q')"),
        ("renewed OR SQRT(-1 - ABS(fine)) > 1", "SQRT(-1 - ABS(fine))"),
    ],
)  # fmt: skip
def test_a_part_that_is_null_whatever_the_values_is_a_fault(library: Library, expression: str, silent: str) -> None:
    found = linted(library, library.rule(expression, column="notes"))
    (fault,) = found.faults
    assert f"rule ‘some_rule’: ‘{silent}’ is null whatever the values" in fault


def test_so_is_one_in_a_mapping_in_a_total_and_in_a_file_on_its_own(library: Library) -> None:
    total = library.rule("", name="t", implementation={"aggregate": "COUNT(STRPTIME(notes, '%Y %q')) = 0"})
    assert "rule ‘t’: ‘STRPTIME(notes, '%Y %q')’ is null" in "".join(linted(library, total).faults)
    unified = library.contract(
        name="figures", rules=[], custom={"layer": "unified", "identification": None, "reportingPeriod": None},
        columns=[{"name": "loan_reference", "logicalType": "string"}, {"name": "figure", "logicalType": "date"}],
    )  # fmt: skip
    mapping = {"table": "figures", "columns": {"loan_reference": "loan_reference", "figure": "DATE(notes, '%Y %q')"}}
    directory = library.directory(library.contract(rules=[], custom={"mapping": mapping}), unified)
    assert "mapping of ‘figure’: ‘DATE(notes, '%Y %q')’ is null" in "".join(lint([directory]).faults)
    alone = library.directory(library.contract(rules=[library.rule("STRPTIME(notes, '%Y %q') > lent_on")]))
    assert "‘STRPTIME(notes, '%Y %q')’ is null" in "".join(lint([alone / "contract0.odcs.yaml"]).faults)


@pytest.mark.parametrize(
    "expression",
    [
        "STRPTIME(notes, '%d/%m/%Y') <= lent_on", "DATE(notes, '%Y-%m-%d') <= lent_on", "DATE(SUBSTRING(notes, 1, 6), '%y%m%d') <= lent_on",
        "DATE(SUBSTRING(notes, 4, 8), '%Y%m%d') <= lent_on", "DATE(RIGHT(notes, 10), '%d/%m/%Y') <= lent_on",
        "STRPTIME(notes, '%d %B %Y') <= lent_on", "STRPTIME(notes, '%d-%b-%y') <= lent_on", "TIME(notes, '%H:%M') > TIME('06:00', '%H:%M')",
        "CAST(SUBSTRING(loan_reference, 2) AS INTEGER) > 10", "CAST(SPLIT_PART(notes, '-', 2) AS INTEGER) > 12", "CAST(notes AS DECIMAL(10, 2)) > fine",
        "CAST(SPLIT_PART(notes, '/', 1) AS INTEGER) < 13", "CAST(SUBSTRING(notes, 3) AS INTEGER) > 1", "LN(fine) < 1", "SQRT(copy_number - 50) < 3",
        "fine / (copy_number - 5) < 3", "fine % (copy_number - 7) < 1", "NULLIF(notes, 'x') = 'y'", "CASE WHEN notes = 'rare' AND branch = 'N' THEN fine > 1 END",
        "(fine = 12.34) OR (fine <> 12.34)  AND renewed", "COALESCE(returned_on, lent_on) >= lent_on", "LOWER(notes) NOT IN ('unknown')",
        "REGEXP_LIKE(notes, '^[A-Z]{2}[0-9]{4}$')", "notes LIKE '%/2024'", "LENGTH(notes) >= 3", "lent_on > period_start", "EXTRACT(dow FROM lent_on) <> 0",
        "returned_on - lent_on < INTERVAL '21 days'", "supplier_code <> 'B1' OR fine < 3",
    ],
)  # fmt: skip
def test_a_rule_that_is_null_at_times_and_can_be_broken_is_not_accused(library: Library, expression: str) -> None:
    found = linted(library, library.rule(expression, column="notes"))
    assert (found.faults, found.warnings) == ((), ())


@pytest.mark.parametrize(
    "rule",
    [
        {"expression": "copy_number = copy_number"}, {"expression": "fine >= 0"}, {"expression": "LENGTH(notes) <= 20", "column": "notes"},
        {"expression": "branch IN ('Central', 'N')"}, {"expression": "fine < 5 OR fine >= 5"}, {"expression": "lent_on IS NOT NULL"},
        {"expression": "returned_on IS NULL OR returned_on >= lent_on OR returned_on < lent_on"},
        {"expression": "COALESCE(fine, 0) >= 0", "column": "fine"}, {"aggregate": "COUNT(*) >= 0"}, {"aggregate": "MAX(fine) >= MIN(fine)"},
    ],
)  # fmt: skip
def test_a_rule_that_no_return_breaks_is_a_warning_with_its_place(library: Library, rule: dict[str, str]) -> None:
    found = linted(library, library.rule("", implementation=rule))
    assert found.faults == ()
    (warning,) = found.warnings
    assert "rule ‘some_rule’: no return was made that breaks it: " in warning
    assert warning.split(":")[1].isdigit()


def test_a_rule_that_says_the_same_as_another_is_a_warning(library: Library) -> None:
    rules = [
        library.rule("returned_on >= lent_on", name="one"),
        library.rule("NOT (returned_on < lent_on)", name="two"),
    ]
    assert [each.split("rule ‘")[1][:3] for each in linted(library, *rules).warnings] == ["one", "two"]


def test_rules_over_the_table_that_can_be_broken_are_not_accused(library: Library) -> None:
    totals = [
        "COUNT(*) >= 2",
        "COUNT(DISTINCT notes) >= 2",
        "SUM(fine) <= 100",
        "AVG(fine) < 40",
        "COUNT(returned_on) * 2 >= COUNT(*)",
    ]
    for aggregate in totals:
        found = linted(library, library.rule("", implementation={"aggregate": aggregate}))
        assert (found.faults, found.warnings) == ((), ()), aggregate


def test_warnings_are_printed_and_are_no_failure(library: Library) -> None:
    directory = library.directory(library.contract(rules=[library.rule("copy_number = copy_number")]))
    result = CliRunner().invoke(lint_command, [str(directory)], standalone_mode=False)
    assert result.return_value == 0
    assert result.stdout.rstrip().endswith("[warning]")
    assert result.stderr == "1 contract(s) checked, 0 fault(s) found, 1 warning(s).\n"


def test_the_shipped_contracts_have_neither(library: Library) -> None:
    found = lint([shipped("contracts")])
    assert (found.faults, found.warnings) == ((), ())
