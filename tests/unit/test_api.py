"""Tables in memory are returns like any other."""

from datetime import date
from decimal import Decimal

import polars as pl
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


def test_what_is_no_table_is_refused_by_its_kind() -> None:
    with pytest.raises(pe.UsageError, match="A list cannot be validated"):
        pe.validate([1, 2], "crc-caseload")
