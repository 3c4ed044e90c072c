"""Tables in memory are returns like any other."""

from datetime import date
from decimal import Decimal

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import probation_etl as pe


@pytest.fixture
def table() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "Local delivery unit": ["Derby City"],
            "Grade": ["Probation officer (or equivalent)"],
            "As at": [date(2020, 9, 28)],
            "Officers (FTE)": [Decimal("10.00")],
            "Cases": [421],
            "Average caseload": [Decimal("42.10")],
        }
    )


@pytest.mark.parametrize("kind", ["polars", "pandas", "pyarrow"])
def test_a_table_in_memory_keeps_its_types(table: pl.DataFrame, kind: str) -> None:
    source = {"polars": table, "pandas": table.to_pandas(), "pyarrow": table.to_arrow()}[kind]
    result = pe.validate(source, "crc-caseload", supplier_code="C08", period_end=date(2020, 9, 28))
    assert (result.verdict, result.findings.height) == ("accepted", 0)
    (row,) = result.accepted.to_dicts()
    assert (row["as_at"], row["average_caseload"], row["cases"]) == (date(2020, 9, 28), Decimal("42.1"), 421)


def test_what_is_not_a_table_is_refused_with_its_type() -> None:
    with pytest.raises(pe.UsageError, match="A list cannot be validated"):
        pe.validate([1, 2], "crc-caseload")


def _refused(source: object) -> str:
    with pytest.raises(pe.UsageError, match="cannot be validated") as caught:
        pe.validate(source, "crc-caseload", supplier_code="C08", period_end=date(2020, 9, 28))
    return str(caught.value)


@pytest.mark.parametrize(
    "table",
    [
        pl.DataFrame({"Grade": pl.Series([object()], dtype=pl.Object)}),
        pd.DataFrame({"Grade": ["CANARY", 1]}),
        pd.DataFrame([[1, 2]], columns=["Grade", "Grade"]),
        pd.DataFrame({"Grade": [1j]}),
        pa.table([["CANARY"], ["x"]], names=["Grade", "Grade"]),
        pa.table({"Grade": pa.array([Decimal("1.5")], type=pa.decimal256(50, 2))}),
    ],
    ids=["objects", "several kinds", "one name twice", "complex numbers", "one name twice in Arrow", "a huge decimal"],
)
def test_a_table_that_cannot_be_one_of_cells_is_refused_without_its_values(table: object) -> None:
    assert "CANARY" not in _refused(table)


@pytest.mark.parametrize("kind", [pl.Int128, pl.List(pl.String)])
def test_columns_that_do_not_hold_cells_are_a_finding(kind: pl.DataType) -> None:
    table = pl.DataFrame({"Grade": pl.Series([None], dtype=kind)})
    result = pe.validate(table, "crc-caseload", supplier_code="C08", period_end=date(2020, 9, 28))
    assert (result.verdict, result.findings["code"].to_list()) == ("rejected", ["unreadable-file"])


@pytest.mark.parametrize("kind", [pl.Categorical, pl.Enum(["Probation officer (or equivalent)"])])
def test_categories_are_the_texts_they_stand_for(table: pl.DataFrame, kind: pl.DataType) -> None:
    source = table.with_columns(pl.col("Grade").cast(kind))
    result = pe.validate(source, "crc-caseload", supplier_code="C08", period_end=date(2020, 9, 28))
    assert (result.verdict, result.findings.height) == ("accepted", 0)


def test_a_moment_with_a_time_zone_is_not_a_date(table: pl.DataFrame) -> None:
    """Midnight in one zone is the day before in another: the day is not certain."""
    source = table.with_columns(pl.col("As at").cast(pl.Datetime).dt.replace_time_zone("Europe/London"))
    result = pe.validate(source, "crc-caseload", supplier_code="C08", period_end=date(2020, 9, 28))
    assert "not-a-date" in result.findings["code"].to_list()
