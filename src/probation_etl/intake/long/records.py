"""Records of a long return with more or fewer cells than its header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from probation_etl.contracts.findings import Finding
from probation_etl.discreet import Discreet
from probation_etl.intake.broken_records import BROKEN_SCHEMA, broken_findings
from probation_etl.intake.columns_found import Columns
from probation_etl.intake.frames import Part
from probation_etl.intake.layout_findings import is_empty_beyond, other_width


@dataclass(frozen=True)
class Records(Discreet):
    """How many cells the records have.

    Attributes:
        width: Cells of the header.
        widths: By part, cells of each row of data; nothing of files that keep cells in their columns.
        of_table: What is said of all of them together.
        all_broken: Whether it is not known which columns their cells belong to.
    """

    parts: Sequence[Part]
    width: int
    widths: Sequence[pl.Series]
    of_table: tuple[Finding, ...]
    all_broken: bool

    @classmethod
    def of(
        cls, parts: Sequence[Part], widths: Sequence[pl.Series], keep: Sequence[pl.Series], columns: Columns
    ) -> Records:
        """Those of the rows of data.

        Args:
            parts: The rows of data.
            widths: By part, cells of each row below the header.
            keep: By part, which of these are rows of data.
            columns: Where the columns stand.
        """
        width = columns.width
        if width is None:
            return cls(parts, 0, (), (), all_broken=False)
        of_data = [each.filter(kept) for each, kept in zip(widths, keep, strict=True)]
        different = {int(each) for some in of_data for each in some.unique()}
        if len(different) != 1 or width in different:
            return cls(parts, width, of_data, (), all_broken=False)
        other = different.pop()
        is_empty = all(is_empty_beyond(columns, part.read(), other, width) for part in parts)
        if not is_empty and sum(map(len, of_data)) == 1:
            return cls(parts, width, of_data, (), all_broken=False)
        return cls(parts, width, of_data, (other_width(other, width, is_empty=is_empty),), all_broken=not is_empty)

    def broken(self, number: int) -> set[int]:
        """Positions of the broken records of a part."""
        if not self.widths:
            return set()
        if self.of_table:
            return set(range(len(self.widths[number]))) if self.all_broken else set()
        return set((self.widths[number] != self.width).arg_true())

    def findings(self, number: int) -> list[Finding]:
        """A finding for each broken record of a part, unless all are spoken of together."""
        positions = [] if self.of_table else sorted(self.broken(number))
        if not positions:
            return []
        nothing = dict.fromkeys(("fault", "place", "began"))
        found = [{"position": at, "cells": self.widths[number][at], **nothing} for at in positions]
        rows = self.parts[number].read(["source_row"])["source_row"]
        return [*broken_findings(pl.DataFrame(found, schema=BROKEN_SCHEMA), rows, self.width)]
