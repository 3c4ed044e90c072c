"""The page of SQL functions lists those of the code, and each is computed as DuckDB computes it."""

from decimal import Decimal
from typing import Any

import duckdb
import pytest
from functions_page import ROWS, functions, page, value_of
from pages import DOCS, held_to

from probation_etl.contracts.checks.functions import FUNCTIONS, SQLFunction, names

#: Functions that DuckDB lacks, or takes in another form; PostgreSQL has most of them.
_NOT_IN_DUCKDB = {"DIV", "REGEXP_LIKE", "DATE", "TIME", "TIMESTAMP"}


def test_the_page_of_functions_is_up_to_date() -> None:
    held_to(DOCS / "reference" / "contract-language" / "functions.md", page())


def test_functions_are_listed_once_and_in_order() -> None:
    assert len(list(names())) == len(set(names()))
    for group in FUNCTIONS.values():
        assert [each.name for each in group] == sorted(each.name for each in group)


@pytest.mark.parametrize(
    "function", [each for each in functions() if each.name not in _NOT_IN_DUCKDB], ids=lambda each: each.name
)
def test_a_function_gives_what_another_engine_gives(function: SQLFunction) -> None:
    with duckdb.connect() as store:
        store.register("loans", ROWS if function.total else ROWS.head(1))
        (theirs,) = store.execute(f"SELECT {function.example} FROM loans").fetchone() or ()
    assert _plain(value_of(function)) == _plain(theirs)


def _plain(value: Any) -> Any:
    return round(float(value), 9) if isinstance(value, float | Decimal) else value
