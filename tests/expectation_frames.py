"""A frame as a batch of Great Expectations, in the way that release checks do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from probation_etl.unified.release_checks import _context
from probation_etl.unified.release_checks.sources import batch_of as make_batch

if TYPE_CHECKING:
    from great_expectations.datasource.fluent.interfaces import Batch


def batch_of(frame: pl.DataFrame) -> Batch:
    """The frame as a batch, in a context that is kept in memory."""
    return make_batch(_context().data_sources.add_pandas("unified"), "table", frame)
