"""Every export is run in its own tool, on the sample returns and on copies with planted faults.

For each rule that an export claims to express, the rows that fail there must be the rows of our findings.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from export_tools import (
    TYPED,
    Assessed,
    assert_frictionless_agreement,
    assert_typed_agreement,
    expressed,
    in_json_schema,
    judge,
    the_rulebook,
    write_csv,
)
from probation_etl.contracts.lint.rules import compile_contract
from probation_etl.contracts.model import Column, Contract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.sender import Given
from probation_etl.targets import TARGETS, export

if TYPE_CHECKING:
    from conftest import Library

SAMPLES = Path(__file__).parents[2] / "sample_data"
FAULTY = SAMPLES / "faulty" / "C08_return_2020-11-29_licence_and_impossible_dates.xlsx"
RETURNS = (
    "crc-breaches", "crc-caseload", "crc-suspended-breaches", "nps-breaches", "nps-caseload", "nps-suspended-breaches",
)  # fmt: skip


def as_csv(assessed: Assessed, path: Path) -> Path:
    """The return saved as CSV from a spreadsheet program: columns of the contract, dates in its format."""
    shown = [pl.col(column.name).map_elements(lambda text, c=column: as_shown(text, c), pl.String, skip_nulls=True)
             for column in assessed.contract.columns]  # fmt: skip
    frame = assessed.table.frame.with_columns(shown).select(
        pl.col(column.name).alias(column.header) for column in assessed.contract.columns
    )
    frame.write_csv(path)
    return path


def as_shown(text: str, column: Column) -> str:
    if column.type == "date" and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return date.fromisoformat(text).strftime(column.forms[0].strptime)
    return text


def sample_files() -> list[Path]:
    return [*sorted((SAMPLES / "annexe_2").iterdir()), FAULTY]


@cache
def judged_samples() -> tuple[tuple[Path, Assessed], ...]:
    return tuple((path, assessed) for path in sample_files() for assessed in judge(path.name, path.read_bytes()))


@pytest.mark.parametrize("target", TYPED)
def test_the_tools_for_typed_rows_agree_with_us_on_the_sample_returns(target: str) -> None:
    returns = some_samples() if target == "great-expectations" else judged_samples()
    assert {assessed.contract.id for _, assessed in returns} == set(RETURNS)
    for _, assessed in returns:
        assert_typed_agreement(target, assessed)


def some_samples() -> list[tuple[Path, Assessed]]:
    """The faulty returns and one of each contract: this library takes a second for each."""
    first = {assessed.contract.id: (path, assessed) for path, assessed in reversed(fullest_samples())}
    return [*(each for each in judged_samples() if each[0] == FAULTY), *first.values()]


def test_frictionless_agrees_with_us_on_the_sample_returns(tmp_path: Path) -> None:
    for number, (path, assessed) in enumerate(judged_samples()):
        supplied = tmp_path / f"{number}.csv"
        if path.suffix == ".csv":
            supplied.write_bytes(path.read_bytes())
            assert_frictionless_agreement(assessed, supplied)
        else:
            # Blank rows and titles are gone, so the rows are numbered again.
            (again,) = judge(path.name, as_csv(assessed, supplied).read_bytes(), given_of(assessed, path))
            assert_frictionless_agreement(again, supplied)


def given_of(assessed: Assessed, path: Path) -> Given:
    code, end = re.search(r"^([A-Z]\d\d)_.*(\d{4}-\d\d-\d\d)", path.name).groups()  # type: ignore[union-attr]
    return Given((assessed.contract,), code, date.fromisoformat(end))


# Planted faults


_LATE, _EARLY = date(2031, 5, 5), date(2001, 5, 5)
#: What makes a row break a row rule, by name of the rule and the kind of supplier where it matters.
_ROW_FAULTS: Mapping[str, Mapping[str, Any]] = {
    "provider_is_sender": {"provider_code": "N99"},
    "as_at_in_period": {"as_at": _EARLY},
    "as_at_in_period, after": {"as_at": _LATE},
    "average_agrees": {"officers_fte": "10", "cases": "400", "average_caseload": "30"},
    "logged_not_before_initiated": {"logged_on": _EARLY},
    "heard_not_before_logged": {"heard_on": _EARLY},
    "logged_when_past_initiation": {"logged_on": ""},
    "heard_on_when_heard": {"heard_on": ""},
    "outcome_when_heard": {"outcome": ""},
    "initiated_by_period_end": {"initiated_on": _LATE},
    "logged_by_period_end": {"logged_on": _LATE},
    "heard_by_period_end": {"heard_on": _LATE},
    "suspended_not_before_logged": {"logged_on": _LATE},
    "resumed_not_before_suspended": {"resumed_on": _EARLY},
    "suspended_by_period_end": {"suspended_on": _LATE},
    "resumed_by_period_end": {"resumed_on": _LATE},
}


def faults_of(contract: Contract) -> list[dict[str, str]]:
    """Rows to plant, each as the cells that are changed: at least one for every rule of a column or row."""
    cells = [{column.name: text} for column in contract.columns for text in bad_texts(column)]
    named = {rule.name for rule in contract.rules}
    rules = [cells for name, cells in _ROW_FAULTS.items() if name.partition(",")[0] in named]
    return [*cells, *({name: written(value, contract.column(name)) for name, value in each.items()} for each in rules)]


def written(value: Any, column: Column) -> str:
    return value.strftime(column.forms[0].strptime) if isinstance(value, date) else str(value)


def bad_texts(column: Column) -> list[str]:
    texts = [*(["x?"] if column.type != "string" else []), *(["1.5"] if column.type == "integer" else [])]
    texts += [""] if column.required else []
    texts += ["zz9"] if column.pattern or column.labels else []
    texts += ["y" * (column.max_length + 1)] if column.max_length else []
    texts += ["1.234"] if column.type == "number" else []
    return [*texts, *(written(bound, column) for bound in beyond(column))]


def beyond(column: Column) -> list[Any]:
    """The first values outside the bounds."""
    step: Any = timedelta(days=1) if column.type == "date" else 1
    low, high = column.minimum, column.maximum
    bounds = (
        None if low is None else low - step, None if high is None else high + step,
        column.exclusive_minimum, column.exclusive_maximum,
    )  # fmt: skip
    return [bound for bound in bounds if bound is not None]


def planted(contract_id: str, path: Path, *, incomplete_twins: bool = True) -> Assessed:
    """A sample return with a row for every fault, and with rows that share all of the key or all but one part of it.

    Args:
        contract_id: Of which contract the return is.
        path: The CSV to write.
        incomplete_twins: Whether two rows are alike in all of the key but a needed part, which both lack.
    """
    sample, assessed = next(each for each in fullest_samples() if each[1].contract.id == contract_id)
    contract = assessed.contract
    rows = [list_row(row, contract) for row in assessed.table.frame.iter_rows(named=True)]
    good = max(rows, key=lambda row: sum(1 for text in row.values() if text))
    faulty = [{**good, **distinct(contract, number), **cells} for number, cells in enumerate(faults_of(contract))]
    twin = {**good, **distinct(contract, 900)}
    relatives = [{**twin, name: another(contract.column(name), twin[name])} for name in contract.key]
    needed = next(name for name in contract.key if contract.column(name).required)
    incomplete = {**good, **distinct(contract, 901), needed: ""}
    alike = [twin, twin, *relatives, *([incomplete, incomplete] if incomplete_twins else [])]
    write_csv(path, contract, [*rows, *faulty, *alike])
    (again,) = judge(path.name, path.read_bytes(), given_of(assessed, sample))
    return again


def another(column: Column, text: str) -> str:
    """Another good value of a column."""
    if column.type == "date":
        form = column.forms[0].strptime
        return (datetime.strptime(text, form).date() - timedelta(days=1)).strftime(form)
    if column.type == "integer":
        return str(int(text) + 1)
    return next((label for label in column.labels if label != text), text[:-1] + "7")


def list_row(row: Mapping[str, Any], contract: Contract) -> dict[str, str]:
    return {name: as_shown(row[name] or "", contract.column(name)) for name in contract.column_names}


def distinct(contract: Contract, number: int) -> dict[str, str]:
    """A key, and unique values, that no other row has."""
    own = {"case_reference": f"Y{number:06}", "nsi_id": f"PLANTED-{number}"}
    own |= {"ldu": f"Unit {number}"} if "ldu" in contract.key else {}
    return {name: text for name, text in own.items() if name in contract.column_names}


@cache
def fullest_samples() -> tuple[tuple[Path, Assessed], ...]:
    """Sample returns, those with the most cells filled in first."""

    def filled(each: tuple[Path, Assessed]) -> int:
        frame = each[1].parsed.frame.select(each[1].contract.column_names)
        return max(frame.select(pl.sum_horizontal(pl.all().is_not_null())).to_series(), default=0)

    annexe = [each for each in judged_samples() if each[0] != FAULTY]
    return tuple(sorted(annexe, key=filled, reverse=True))


def assert_agreement(target: str, assessed: Assessed, path: Path) -> None:
    """Every rule that is expressed fires where ours does."""
    assert {
        rule for rule in expressed(assessed.export(target), assessed.schema) if not assessed.found.get(rule)
    } == set()
    if target == "frictionless":
        assert_frictionless_agreement(assessed, path)
    else:
        assert_typed_agreement(target, assessed)


@pytest.mark.parametrize("contract_id", RETURNS)
@pytest.mark.parametrize("target", TARGETS)
def test_every_rule_that_is_expressed_fires_where_ours_does(contract_id: str, target: str, tmp_path: Path) -> None:
    path = tmp_path / "planted.csv"
    # Frictionless takes two such rows for the same, and its export says so.
    assessed = planted(contract_id, path, incomplete_twins=target != "frictionless")
    assert_agreement(target, assessed, path)


@pytest.mark.parametrize("contract_id", RETURNS)
def test_a_value_left_out_of_a_json_row_is_missing_like_null(contract_id: str, tmp_path: Path) -> None:
    assessed = planted(contract_id, tmp_path / "planted.csv")
    text = assessed.export("json-schema")
    assert in_json_schema(text, assessed, left_out=True) == in_json_schema(text, assessed)


def test_the_pandera_script_runs_without_this_program(tmp_path: Path) -> None:
    path = tmp_path / "schema.py"
    ending = "\nimport sys\nassert not [name for name in sys.modules if name.startswith('probation_etl')]\n"
    text = export(the_rulebook().contracts["nps-breaches"], "pandera", rulebook=the_rulebook())
    path.write_text(text + ending + "print(len(SCHEMA.columns))\n", encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "15\n"), done.stderr


@pytest.mark.parametrize("contract_id", ["breach", "national_tracker"])
def test_the_suite_of_a_unified_table_is_taken_by_great_expectations(contract_id: str) -> None:
    from probation_etl.unified.release_checks.silence import quiet

    contract = the_rulebook().contracts[contract_id]
    text = export(contract, "great-expectations", rulebook=the_rulebook())
    with quiet():
        import great_expectations as gx

        suite = gx.ExpectationSuite(**json.loads(text))
    rules = {each.meta["rule"] for each in suite.expectations if each.meta and "rule" in each.meta}
    assert rules == expressed(text, compile_contract(contract))


# A contract that uses what the shipped ones do not


def odd_rulebook(library: Library) -> Rulebook:
    """Marks, several dates, bounds of all kinds, and texts that would end a literal."""
    text = {"classification": "public", "description": "Say \"loan\" or '''loan'''.\nC:\\new {x} %s \"\"\""}
    columns = library.columns(
        loan_reference={**text, "logicalTypeOptions": {"pattern": r"""L[\d\-\\"']{4}$""", "minLength": 2}},
        copy_number={"logicalTypeOptions": {"exclusiveMinimum": 0, "exclusiveMaximum": 100}, "primaryKey": False},
        branch={"enum": [{"value": "Cen\"tral"}, {"value": "N'\\n", "label": 'No"rth'}]},
        lent_on={
            "logicalTypeOptions": {"format": "dd/MM/yyyy", "minimum": "2024-03-01"},
            "customProperties": [{"property": "formats", "value": ["yyyy-MM-dd"]}],
        },
        returned_on={"logicalTypeOptions": {"format": "d.M.yyyy", "exclusiveMaximum": "2024-03-30"}},
        fine={"required": True, "customProperties": [
            {"property": "nullTokens", "value": ["n/a"]}, {"property": "shorthand", "value": ["c"]},
        ]},
        notes={"unique": True, "logicalTypeOptions": {"minLength": 2}},
    )  # fmt: skip
    rules = [
        library.rule(
            "notes <> 'it''s \\ \"bad\"'", name="notes", description="Not 'it''s'.\n\"\"\" \\", severity="warning"
        ),
        library.rule("returned_on > lent_on", name="back_later", column="returned_on"),
        library.rule("lent_on < period_end", name="in_time", column="lent_on"),
    ]
    return library.rulebook(library.contract(columns=columns, rules=rules))


ODD_ROWS = (
    {}, {"notes": "it's \\ \"bad\""}, {"notes": "x"}, {"notes": "same"}, {"notes": "same"}, {"branch": "Central"},
    {"branch": "N'\\n"}, {"loan_reference": "K"}, {"loan_reference": "aL---\\"}, {"loan_reference": "L٣٣٣٣"},
    {"loan_reference": "L123"}, {"loan_reference": "L0000"}, {"loan_reference": "L0000"}, {"copy_number": "0"},
    {"copy_number": "100"}, {"copy_number": "99"}, {"copy_number": "1,0"}, {"fine": "n/a"}, {"fine": "[c]"}, {"fine": ""},
    {"fine": "49.99"}, {"fine": "50"}, {"fine": "1.001"}, {"fine": "-0.01"}, {"fine": "free"}, {"renewed": "maybe"},
    {"renewed": "TRUE"}, {"lent_on": "2024-02-29"}, {"lent_on": "01/03/2024"}, {"lent_on": "31/03/2024"}, {"lent_on": "soon"},
    {"returned_on": "30.3.2024"}, {"returned_on": "29.3.2024"}, {"returned_on": "1.3.2024"}, {"returned_on": "32.1.2024"},
    {"loan_reference": ""}, {"copy_number": ""}, {"branch": ""}, {"lent_on": ""}, {"copy_number": "1.5"},
)  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
def test_a_contract_with_unusual_rules_and_texts_agrees_too(target: str, tmp_path: Path, library: Library) -> None:
    rulebook, path = odd_rulebook(library), tmp_path / library.file
    good = {
        "copy_number": "1", "branch": 'Cen"tral', "lent_on": "02/03/2024", "returned_on": "15.3.2024", "fine": "0.50",
        "renewed": "true",
    }  # fmt: skip
    rows = [
        {**good, "loan_reference": f"L1{number:03}", "notes": f"note {number}", **cells}
        for number, cells in enumerate(ODD_ROWS)
    ]
    write_csv(path, rulebook.contracts["loans"], rows)
    (assessed,) = judge(path.name, path.read_bytes(), rulebook=rulebook)
    assert_agreement(target, assessed, path)
