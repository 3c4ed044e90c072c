"""This program: every finding located, with its message, the value of the cell and a hint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

import probation_etl as pe
from work import CONTRACT, PERIOD_END, SUPPLIER, Work


def checker(work: Work) -> Callable[[Path], int]:  # noqa: ARG001 -- its contract says the same
    """Validates against the contract, warnings, mapping and layout included."""

    def faulty(path: Path) -> int:
        result = pe.validate(path, CONTRACT, supplier_code=SUPPLIER, period_end=PERIOD_END)
        return result.findings.filter(pl.col("severity") == "error", pl.col("row").is_not_null())["row"].n_unique()

    return faulty
