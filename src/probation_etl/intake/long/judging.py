"""Judges the rows of a long return piece by piece, and gathers from each piece what is asked of all rows together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl

from probation_etl.contracts.checks import Kind
from probation_etl.contracts.findings import Finding
from probation_etl.discreet import Discreet
from probation_etl.intake.exchanged_dates import exchanged_finding
from probation_etl.intake.frames import Part
from probation_etl.intake.long.engine import Engine
from probation_etl.intake.long.kernel import JudgedPiece, Judgement, RawPiece
from probation_etl.intake.long.labels import Labels
from probation_etl.intake.long.layout import LongTable, RawPart
from probation_etl.intake.spill import Spill


@dataclass(frozen=True)
class JudgedPart(Discreet):
    """The rows of a piece in their types, and what they tell by themselves.

    Attributes:
        start: How many rows of data are before them.
        raw: They as the supplier sent them.
        typed: The same in their types.
        uncertain: By column name, where the value is not known; only columns that have such cells.
        found: What is wrong with them, columns as in ``FINDING_SCHEMA``.
        numbers: For each rule that rows break together, by its name, numbers that are the same where the rows are.
    """

    start: int
    raw: RawPart
    typed: Part
    uncertain: Mapping[str, pl.Series]
    found: pl.DataFrame
    numbers: Part

    @property
    def height(self) -> int:
        """The number of rows."""
        return self.raw.height


@dataclass(frozen=True)
class Judging(Discreet):
    """What is needed to judge the rows of a return."""

    table: LongTable
    by: Judgement
    engine: Engine

    def parts(self) -> tuple[list[JudgedPart], list[Finding]]:
        """All rows, piece by piece, and what is wrong with columns as a whole."""
        forms = defaultdict[str, set[str]](set)
        parts = []
        for part, judged in self._judged(None):
            parts.append(part)
            for name, each in judged.forms.items():
                forms[name] |= each
        if not forms:
            return parts, []
        # Days that are not known after all decide rules: their rows are judged again without them.
        parts, rows, unknown = [], defaultdict[str, list[pl.Series]](list), set[str]()
        for part, judged in self._judged({name: frozenset(each) for name, each in forms.items()}):
            parts.append(part)
            unknown |= judged.unknown
            for name, found in judged.exchanged.items():
                rows[name].append(found)
        checks = [each for each in self.by.schema.of(Kind.AMBIGUOUS) if each.target in unknown]
        headers = self.table.headers
        return parts, [exchanged_finding(pl.concat(rows[each.target]), headers[each.target], each) for each in checks]

    def _judged(self, shown: Mapping[str, frozenset[str]] | None) -> Iterator[tuple[JudgedPart, JudgedPiece]]:
        spill, start = Spill(), 0
        for part, judged in zip(self.table.parts, self.engine.judge(self._pieces(shown), self.by), strict=True):
            typed, numbers = spill.kept(judged.typed), spill.kept(judged.numbers)
            yield JudgedPart(start, part, typed, judged.uncertain, judged.found, numbers), judged
            start += part.height

    def _pieces(self, shown: Mapping[str, frozenset[str]] | None) -> Iterator[RawPiece]:
        labels = Labels(self.table.columns)
        for part, told, findings in zip(self.table.parts, self.table.told, self.table.of_rows, strict=True):
            table = self.table.piece(part.read(), told)
            unclear, of_blanks = labels.of(table.frame, told.to_list())
            yield RawPiece(replace(table, unclear=unclear), (*findings, *of_blanks), shown)
