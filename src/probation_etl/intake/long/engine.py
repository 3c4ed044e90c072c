"""Who does the work on a long return: three verbs, by which all that is asked of many rows is asked.

What rows are, and what a rule says of them, is said elsewhere and is the same for every engine: an engine decides where pieces are
judged, and where keys are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import polars as pl

from probation_etl.intake.frames import Part
from probation_etl.intake.long.kernel import JudgedPiece, Judgement, RawPiece, judged_piece
from probation_etl.intake.references import Referred, missing_from
from probation_etl.intake.row_rules import perhaps_repeated

#: Numbers of rows that are sorted at a time.
NUMBERS_AT_A_TIME = 1 << 22


class Engine(Protocol):
    """Where the pieces of a return are judged, and their keys compared."""

    def judge(self, pieces: Iterable[RawPiece], by: Judgement) -> Iterator[JudgedPiece]:
        """What comes of each piece, in their order."""

    def repeated(self, keys: Sequence[Part], rule: str) -> Iterator[tuple[pl.Series, pl.Series]]:
        """Positions of rows, among all, that may be the same as another one, and their numbers.

        Args:
            keys: Piece by piece, numbers that are the same where the rows are, a column for each rule.
            rule: The rule that is asked about.

        Yields:
            Some of the positions; those of one number come together.
        """

    def missing(self, keys: pl.DataFrame, columns: Sequence[str], rows: Referred) -> pl.DataFrame:
        """Those of some keys that none of the rows has which they refer to; arguments as of :meth:`Referred.missing`."""


class Local:
    """Does all of it in this process, a piece at a time; what is kept elsewhere is asked there."""

    def judge(self, pieces: Iterable[RawPiece], by: Judgement) -> Iterator[JudgedPiece]:
        """What comes of each piece."""
        return (judged_piece(each, by) for each in pieces)

    def repeated(self, keys: Sequence[Part], rule: str) -> Iterator[tuple[pl.Series, pl.Series]]:
        """Positions of rows that may be the same; in several turns, each of which has other numbers."""
        turns = max(1, -(-sum(each.height for each in keys) // NUMBERS_AT_A_TIME))
        for turn in range(turns):
            found, start = list[tuple[pl.Series, pl.Series]](), 0
            for part in keys:
                numbers = part.read([rule]).to_series()
                at = (numbers % turns == turn).arg_true()
                found.append((at + start, numbers.gather(at)))
                start += part.height
            positions, numbers = (pl.concat(each) for each in zip(*found, strict=True))
            repeated = perhaps_repeated(numbers)
            if repeated.len():
                yield positions.gather(repeated), numbers.gather(repeated)

    def missing(self, keys: pl.DataFrame, columns: Sequence[str], rows: Referred) -> pl.DataFrame:
        """Those of some keys that none of the rows has."""
        return missing_from(keys, columns, rows)
