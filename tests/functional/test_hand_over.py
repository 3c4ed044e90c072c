"""A contract exported to pandera and Great Expectations finds in returns what we find."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandera.polars as pa
import polars as pl
import pytest
from pandera.errors import SchemaErrors

import probation_etl as pe
from expectation_frames import batch_of
from probation_etl.unified.release_checks.silence import quiet

if TYPE_CHECKING:
    from conftest import Library

SAMPLES = Path(__file__).parents[2] / "sample_data"


@pytest.fixture
def loans(library: Library) -> pe.Contract:
    return pe.load_contract(library.directory(library.contract()) / "contract0.odcs.yaml")


def typed(**cells: Any) -> dict[str, Any]:
    """A faultless loan in its types, some of its cells changed."""
    return {
        "loan_reference": "L0001", "copy_number": 1, "branch": "Central", "lent_on": date(2024, 3, 1),
        "returned_on": date(2024, 3, 15), "fine": Decimal("0.50"), "renewed": True, "notes": None, **cells,
    }  # fmt: skip


def frame_of(schema: pa.DataFrameSchema, *rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={name: column.dtype.type for name, column in schema.columns.items()})


def failing(schema: pa.DataFrameSchema, frame: pl.DataFrame) -> dict[str, list[int]]:
    """Positions of failing rows by name of rule."""
    found: dict[str, list[int]] = defaultdict(list)
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        for each in error.schema_errors:
            found[each.check.name] += (~each.check_output.to_series()).arg_true().to_list()
    return dict(found)


ROWS = (
    typed(),
    typed(loan_reference="L2", branch="South"),
    typed(loan_reference="L0003", copy_number=100, returned_on=date(2024, 2, 1)),
    typed(loan_reference="L0004", lent_on=None, fine=Decimal("50")),
    typed(),
)
FOUND = {
    "loan_reference|pattern": [1], "branch|enum": [1], "copy_number|range": [2], "lent_on|required": [3],
    "fine|range": [3], "row|returned_not_before_lent": [2], "key|unique": [0, 4],
}  # fmt: skip


def test_pandera_finds_the_faults_of_a_contract_of_another_domain(loans: pe.Contract) -> None:
    schema = loans.to_pandera()
    assert failing(schema, frame_of(schema, *ROWS)) == FOUND


def test_great_expectations_finds_the_faults_of_a_contract_of_another_domain(loans: pe.Contract) -> None:
    suite, frame = loans.to_expectation_suite(), frame_of(loans.to_pandera(), *ROWS)
    with quiet():
        results = batch_of(frame).validate(suite, result_format="COMPLETE").results
    found = {
        each.expectation_config.meta["rule"]: sorted(each.result["unexpected_index_list"])
        for each in results
        if not each.success
    }
    assert found == FOUND


@pytest.mark.parametrize("what", ["breaches", "caseload", "suspended_breaches"])
def test_pandera_finds_no_fault_in_what_we_accept_of_the_sample_returns(what: str) -> None:
    contract = pe.load_contract(f"nps-{what.replace('_', '-')}")
    file = max((SAMPLES / "annexe_2").glob(f"N??_{what}_*.csv"), key=lambda path: path.stat().st_size)
    accepted = pe.validate(file, contract).accepted
    assert accepted.height > 0
    assert failing(contract.to_pandera(), accepted) == {}


def test_rules_that_need_what_no_frame_has_are_left_out() -> None:
    """Working days take the bank holidays: a frame that has the context and the columns is enough."""
    contract = pe.load_contract("nps-breaches")
    assert contract.derived
    columns = contract.to_pandera().columns
    assert set(contract.column_names) <= set(columns)
    assert not set(columns) & set(contract.derived)


@pytest.mark.parametrize("table", ["breach", "caseload", "national"])
def test_contracts_of_unified_tables_and_views_are_handed_over_too(table: str) -> None:
    contract = next(each for each in pe.load_contracts().of_layer("unified", "view") if each.id.startswith(table))
    assert set(contract.to_pandera().columns) == set(contract.column_names)
    assert contract.to_expectation_suite().expectations


def test_a_contract_of_two_tables_is_refused_when_it_is_loaded(library: Library) -> None:
    contract = library.contract()
    contract["schema"].append({"name": "more", "properties": [{"name": "a", "logicalType": "string"}]})
    path = library.directory(contract) / "contract0.odcs.yaml"
    with pytest.raises(pe.ContractError, match="a contract describes one table; 2 were found"):
        pe.load_contract(path)


def test_a_contract_that_is_of_no_file_says_so(loans: pe.Contract) -> None:
    from dataclasses import replace

    with pytest.raises(pe.ContractError, match="was not loaded from a file"):
        replace(loans, path=None).to_pandera()
