"""Synthetic returns of the 32 organisations of 2020, whose weekly counts add up to the published figures."""

from __future__ import annotations

from probation_etl.sample.make import Made, make_sample
from probation_etl.sample.options import FIRST_DAY, LAST_DAY, Wanted

__all__ = ["FIRST_DAY", "LAST_DAY", "Made", "Wanted", "make_sample"]
