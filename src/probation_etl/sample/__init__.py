"""Synthetic returns of the 32 organisations of 2020, and what they are made from."""

from __future__ import annotations

from probation_etl.sample.make import Made, Wanted, make_sample

__all__ = ["Made", "Wanted", "make_sample"]
