"""Rows that wait are written table by table, before too many of them wait."""

from __future__ import annotations

import polars as pl

from probation_etl.stores.batch import Batch


def test_rows_come_out_once_together_for_each_table_and_kind_of_columns() -> None:
    batch = Batch()
    for number in range(3):
        batch.add("a", pl.DataFrame({"x": [number]}))
    batch.add("b", pl.DataFrame({"x": [9]}))
    batch.add("a", pl.DataFrame({"x": ["other"]}))
    assert [(table, frame.rows()) for table, frame in batch.taken()] == [
        ("a", [(0,), (1,), (2,)]), ("b", [(9,)]), ("a", [("other",)]),
    ]  # fmt: skip
    assert list(batch.taken()) == []


def test_neither_many_small_returns_nor_a_large_one_wait_for_ever() -> None:
    many, large, undone = Batch(), Batch(), Batch()
    for _ in range(1024):
        assert not many.is_full
        many.add("a", pl.DataFrame({"x": [1]}))
    large.add("a", pl.DataFrame({"x": range(3_000_000)}))
    assert (many.is_full, large.is_full) == (True, True)
    undone.add("a", pl.DataFrame({"x": [1]}))
    undone.forget()
    assert list(undone.taken()) == []
