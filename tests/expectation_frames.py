"""A frame as a batch of Great Expectations, in the way that release checks do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from probation_etl.unified.release_checks.library import Library

if TYPE_CHECKING:
    from great_expectations.datasource.fluent.interfaces import Batch


def batch_of(frame: pl.DataFrame) -> Batch:
    """The frame as a batch, in a context that is kept in memory."""
    return Library().batch_of(frame)
