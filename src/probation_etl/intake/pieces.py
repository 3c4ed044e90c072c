"""Judges rows piece by piece: what single rows tell does not depend on how they are cut.

A piece is all that is needed to judge its rows, beside the compiled contract and the context, and what comes of it is plain too: a
piece may be judged in another process. What needs more than one row, such as duplicates, is left to those who have them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from probation_etl.contracts.checks import CONTEXT_TYPES, KEY_UNCERTAIN, TYPES, Schema
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.model.columns import FILE_NAME
from probation_etl.contracts.model.marks import mark_of
from probation_etl.discreet import Discreet
from probation_etl.intake.cell_values import values_of
from probation_etl.intake.faults import FAULT_SCHEMA
from probation_etl.intake.readers import BLANKS
from probation_etl.intake.row_rules import broken_in_rows
from probation_etl.intake.side_by_side import side_by_side

#: Rows that are judged at a time: what the steps make of them is in memory together.
ROWS_AT_A_TIME = 1 << 18


@dataclass(frozen=True)
class Piece(Discreet):
    """Rows as text, and what is known of their cells.

    Attributes:
        texts: ``source_row`` and one String column for each contract column found.
        unknown: By column name, a Boolean series that is true where the value is not known whatever the text is: such cells are
            reported elsewhere. A column without such cells may be left out.
        native: Whether date cells come as ISO 8601.
    """

    texts: pl.DataFrame
    unknown: Mapping[str, pl.Series]
    native: bool

    def cut(self, lengths: Iterable[int]) -> Iterator[Piece]:
        """The same rows in pieces of these lengths."""
        start = 0
        for length in lengths:
            unknown = {name: cells.slice(start, length) for name, cells in self.unknown.items()}
            yield Piece(self.texts.slice(start, length), unknown, self.native)
            start += length


@dataclass(frozen=True)
class Judged(Discreet):
    """The rows of a piece in their types, and what single cells and rows tell.

    Attributes:
        frame: ``source_row``, the contract's columns in their types, the context columns and the derived ones.
        faults: Cells that could not be parsed, columns as in ``FAULT_SCHEMA``.
        broken: Rules of single rows that a row breaks, columns as in ``FAULT_SCHEMA``.
        uncertain: By column name, a Boolean series that is true where the value of the cell is not known; only columns that have
            such cells.
    """

    frame: pl.DataFrame
    faults: pl.DataFrame
    broken: pl.DataFrame
    uncertain: dict[str, pl.Series]


def judged_in_pieces(whole: Piece, schema: Schema, context: Mapping[str, object]) -> Judged:
    """What comes of all rows, judged piece by piece."""
    pieces = whole.cut(lengths(whole.texts.height))
    return joined([*side_by_side(lambda piece: judge(piece, schema, context), pieces)])


def lengths(height: int) -> Iterator[int]:
    """How many rows each piece of a table has: at least one piece, which may have none."""
    yield min(height, ROWS_AT_A_TIME)
    for start in range(ROWS_AT_A_TIME, height, ROWS_AT_A_TIME):
        yield min(height - start, ROWS_AT_A_TIME)


def judge(piece: Piece, schema: Schema, context: Mapping[str, object]) -> Judged:
    """Parses the cells of a piece, and applies the rules of single rows.

    Args:
        piece: The rows.
        schema: The compiled contract.
        context: Values of the context columns; None if not known.
    """
    columns, texts = schema.contract.columns, piece.texts
    present = [each for each in columns if each.name in texts.columns]
    made = values_of(texts, present, piece.unknown, native=piece.native)
    typed = [
        made[each.name].values
        if each.name in made
        else pl.Series(each.name, [None], dtype=TYPES[each.type]).new_from_index(0, texts.height)
        for each in columns
    ]
    uncertain = {name: cells for name, cells in piece.unknown.items() if name not in made and cells.any()}
    uncertain |= {name: each.doubtful for name, each in made.items() if each.doubtful.any()}
    in_key = [uncertain[name].alias(name) for name in schema.contract.key if name in uncertain]
    frame = (
        pl.DataFrame([texts["source_row"], *typed])
        .with_columns(pl.any_horizontal(in_key or [pl.lit(value=False)]).alias(KEY_UNCERTAIN))
        .with_columns(
            pl.lit(context.get(name)).cast(kind).alias(name)
            for name, kind in CONTEXT_TYPES.items()
            if name != FILE_NAME or name in context
        )
        .with_columns(_marks(texts, schema))
        .with_columns(schema.derived)
    )
    faults = [pl.DataFrame(schema=FAULT_SCHEMA), *(found for each in made.values() for found in each.faults)]
    different = {name: each.different for name, each in made.items() if each.different is not None}
    return Judged(frame, pl.concat(faults), broken_in_rows(frame, schema, uncertain, different), uncertain)


def _marks(texts: pl.DataFrame, schema: Schema) -> list[pl.Series]:
    """The shorthand marks of the columns whose marks the mapping reads, without their brackets."""
    contract = schema.contract
    found = []
    for name in contract.marks_read if isinstance(contract, ReturnContract) else ():
        marks = {f"[{each}]": each for each in contract.column(name).shorthand}
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, texts.height)
        cells = texts[name].str.strip_chars(BLANKS) if name in texts.columns else nothing
        found.append(cells.replace_strict(marks, default=None, return_dtype=pl.String).alias(mark_of(name)))
    return found


def joined(pieces: Sequence[Judged]) -> Judged:
    """What comes of the rows of all pieces together, in their order."""
    if len(pieces) == 1:
        return pieces[0]
    heights = [each.frame.height for each in pieces]
    starts = [sum(heights[:at]) for at in range(len(heights))]
    return Judged(
        pl.concat([each.frame for each in pieces]),
        pl.concat([_from(each.faults, start) for each, start in zip(pieces, starts, strict=True)]),
        pl.concat([_from(each.broken, start) for each, start in zip(pieces, starts, strict=True)]),
        {
            name: pl.concat([each.uncertain.get(name, _nowhere(each.frame.height)).alias(name) for each in pieces])
            for name in dict.fromkeys(name for each in pieces for name in each.uncertain)
        },
    )


def _from(faults: pl.DataFrame, start: int) -> pl.DataFrame:
    return faults.with_columns(pl.col("position") + pl.lit(start, dtype=pl.UInt32))


def _nowhere(height: int) -> pl.Series:
    return pl.repeat(value=False, n=height, dtype=pl.Boolean, eager=True)
