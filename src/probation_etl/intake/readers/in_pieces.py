"""Reads a long CSV file piece by piece: never more of it is in memory than a few pieces.

A piece is read as the whole would be, if its records can be told from what is before them. Where that is not so, because a
quotation mark is wrong or the file is not UTF-8, the file is not read in pieces: then what a record is depends on the whole.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import chain

import polars as pl

from probation_etl.errors import UnreadableFile
from probation_etl.intake.frames import Frames
from probation_etl.intake.readers.base import WIDTH, Grid
from probation_etl.intake.readers.columns import Gathered
from probation_etl.intake.readers.csv import dialect_findings
from probation_etl.intake.readers.delimiters import delimiter_of
from probation_etl.intake.readers.dialect import Dialect
from probation_etl.intake.readers.encodings import findings_of_utf_8
from probation_etl.intake.readers.limits import Limits
from probation_etl.intake.readers.misquoted import usual_width
from probation_etl.intake.readers.quotation import quotation_of
from probation_etl.intake.readers.records import read_stretches
from probation_etl.intake.readers.strict import StrictReader, longest_cell
from probation_etl.intake.received import Received
from probation_etl.intake.spill import Spill, Spilled, Widened

#: Characters of a piece: some two hundred thousand rows.
PIECE = 1 << 24
#: Characters at the beginning that say how the cells of a file are set apart: more than are looked at for it.
_BEGINNING = 1 << 16
#: Rows of the first piece: a header is looked for in fewer.
_LEAST_ROWS = 100
#: How many times the characters of a piece a record may have that goes on in the next ones.
_MOST_CARRIED = 4


def read_in_pieces(
    data: Received, *, delimiter: str, encoding: str, limits: Limits, piece: int | None = None
) -> Grid | None:
    """The records of a CSV file as text, in ``Grid.pieces``; None where it cannot be read in pieces.

    Args:
        data: The bytes.
        delimiter: The contract's delimiter.
        encoding: The contract's encoding.
        limits: How much is read.
        piece: Characters of a piece.
    """
    piece = piece or PIECE
    texts = _Texts(data, piece)
    try:
        beginning = texts.beginning()
        dialect = quotation_of(beginning, Dialect(delimiter_of(beginning, delimiter), longest=limits.cell_characters))
        with longest_cell(limits.cell_characters):
            usual = usual_width(beginning, dialect)
        pieces = _Pieces(dialect, limits, usual, _MOST_CARRIED * max(piece, _BEGINNING)).of(texts)
    except (_Strange, UnicodeDecodeError, UnreadableFile):
        return None
    first = pieces.parts[0].read()
    if len(pieces.parts) == 1 or first.height < _LEAST_ROWS:
        return None
    return Grid(
        first.drop(WIDTH), widths=first[WIDTH].cast(pl.Int64), pieces=pieces,
        findings=(*findings_of_utf_8(encoding, is_ascii=texts.is_ascii), *dialect_findings(dialect, delimiter)),
    )  # fmt: skip


class _Strange(Exception):
    """What a record is depends on more than what is before it."""


class _Texts:
    """The text of a file in pieces, the first of which is long enough to see how cells are set apart."""

    def __init__(self, data: Received, piece: int) -> None:
        self.is_ascii = True
        self._beginning, self._pieces = "", self._decoded(data, piece)

    def beginning(self) -> str:
        """The first piece."""
        self._beginning = self._beginning or next(self._pieces, "")
        return self._beginning

    def each(self) -> Iterator[tuple[str, bool]]:
        """All pieces, and whether each is the last."""
        text = self.beginning()
        while text:
            following = next(self._pieces, "")
            yield text, not following
            text = following

    def _decoded(self, data: Received, piece: int) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        waiting, least = "", max(piece, _BEGINNING + 1)
        for part in chain(data.parts(), [None]):
            text = decoder.decode(part or b"", final=part is None)
            if "\0" in text:
                raise _Strange
            self.is_ascii &= text.isascii()
            waiting += text
            while len(waiting) >= least or (waiting and part is None):
                yield waiting[:least]
                waiting, least = waiting[least:], piece


class _Pieces:
    """Reads the records of pieces of text, one after another, and puts them down."""

    def __init__(self, dialect: Dialect, limits: Limits, usual: int, most: int) -> None:
        self._dialect, self._limits, self._usual, self._most = dialect, limits, usual, most
        self._gathered, self._spill = Gathered(limits), Spill()

    def of(self, texts: _Texts) -> Frames:
        """All records: the number of cells of each in :data:`WIDTH`, and its cells."""
        parts, carried = list[Spilled](), ""
        for text, is_last in texts.each():
            carried += text
            read = self._read(carried, is_last=is_last)
            carried = carried[read:]
            if len(carried) > self._most or (is_last and carried):
                raise _Strange
            if read:
                cells, widths = self._gathered.taken()
                parts.append(self._spill.kept(cells.with_columns(widths.alias(WIDTH))))
        if not parts:
            raise _Strange
        schema = {f"c{at}": pl.String() for at in range(self._gathered.widest)} | {WIDTH: pl.Int64()}
        return Frames(tuple(Widened(each, schema) for each in parts))

    def _read(self, text: str, *, is_last: bool) -> int:
        """Reads the whole records of a text; returns where what is left begins, which goes on in the next piece."""
        strict = StrictReader(text, self._dialect, self._limits, self._usual)
        end = len(text) if is_last else text.rfind("\n") + 1

        def strictly(start: int, stop: int) -> int:
            line = text.find("\n", stop, end) + 1 or end
            good = self._dialect.end_of_good_records(text, start, line)
            if not start < good <= end:
                return start
            for record in strict.records(start, good - 1, self._gathered.rows):
                if record.wrong is not None:
                    raise _Strange
                self._gathered.add(record)
            return strict.at

        with longest_cell(self._limits.cell_characters):
            return read_stretches(text, end, self._dialect, self._gathered, self._limits, strictly)
