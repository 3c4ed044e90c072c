"""Columns that have few different texts, so that each of them need be looked at only once."""

from __future__ import annotations

import polars as pl

from probation_etl.intake.side_by_side import side_by_side

#: Of fewer cells all are looked at: to choose takes as long.
_FEW_CELLS = 1 << 12
#: Cells by which it is seen whether a column has few different texts.
_SAMPLE = 1 << 11


def is_short(texts: pl.Series) -> bool:
    """Whether a column has so few cells that nothing is gained by a choice among them."""
    return len(texts) < _FEW_CELLS


def has_few(texts: pl.Series) -> bool:
    """Whether a long column seems to have few different texts, by cells from all of its parts."""
    sample = texts.gather_every(len(texts) // _SAMPLE)
    return 2 * sample.n_unique() <= len(sample)


def positions_with(pattern: str, columns: pl.DataFrame) -> dict[str, pl.Series]:
    """By column, the positions of the texts that a pattern is found in."""
    if not columns.width or is_short(columns.to_series()):
        found = columns.select(pl.all().str.contains(pattern)).iter_columns()
        return {each.name: each.arg_true() if each.any() else pl.Series(dtype=pl.UInt32) for each in found}
    found = side_by_side(lambda texts: _positions_with(pattern, texts), columns.iter_columns())
    return dict(zip(columns.columns, found, strict=True))


def _positions_with(pattern: str, texts: pl.Series) -> pl.Series:
    if not has_few(texts):
        return texts.str.contains(pattern).arg_true()
    different = texts.unique()
    found = different.filter(different.str.contains(pattern))
    return texts.is_in(found.implode()).arg_true() if found.len() else pl.Series(dtype=pl.UInt32)
