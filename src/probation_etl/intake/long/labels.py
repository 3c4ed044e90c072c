"""Cells of the key that are empty below a filled one, which may be in the piece before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from probation_etl.contracts.findings import Finding
from probation_etl.intake.columns_found import Columns
from probation_etl.intake.group_labels import blank_findings, may_be_unclear, unclear_blanks
from probation_etl.intake.readers import BLANKS


class Labels:
    """The labels of groups in a long return, piece by piece."""

    def __init__(self, columns: Columns) -> None:
        """Of no piece yet."""
        self._columns = columns
        self._above: dict[str, str | None] = {}

    def of(self, frame: pl.DataFrame, told: Sequence[int]) -> tuple[Mapping[str, pl.Series], list[Finding]]:
        """The cells of the next piece that are asked about, and what is said of them; see :func:`unclear_blanks`."""
        if not may_be_unclear(self._columns):
            return {}, []
        above = pl.DataFrame([self._above], schema=dict.fromkeys(frame.columns, pl.String))
        above = above.with_columns(pl.col("source_row").cast(pl.Int64))
        found = unclear_blanks(pl.concat([above, frame]), self._columns, [at + 1 for at in told])
        here = {name: cells.slice(1) for name, cells in found.items()}
        unclear = {name: cells for name, cells in here.items() if cells.any()}
        self._remember(frame, told)
        return unclear, [*blank_findings(unclear, frame, self._columns)]

    def _remember(self, frame: pl.DataFrame, told: Sequence[int]) -> None:
        """Remembers what stands last in each column of the key."""
        data = frame.filter(~pl.int_range(pl.len()).is_in(list(told))) if told else frame
        for name in self._columns.contract.key:
            if name in frame.columns:
                texts = data[name].str.strip_chars(BLANKS)
                last = texts.filter(texts != "").tail(1)
                if last.len():
                    self._above[name] = last.item()
