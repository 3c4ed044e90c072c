"""Reads the records of delimited text without loss, and counts the cells of each: fast where the result is proved, else strictly.

Records with too many or too few cells are not padded silently: their number of cells is kept, so that each can be reported,
and so is what is wrong with quotation marks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

from probation_etl.intake.readers.base import Grid
from probation_etl.intake.readers.columns import Gathered
from probation_etl.intake.readers.dialect import Dialect
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits
from probation_etl.intake.readers.proved import read_proved
from probation_etl.intake.readers.strict import StrictReader, longest_cell
from probation_etl.intake.side_by_side import side_by_side


@dataclass(frozen=True)
class Stretches:
    """How many characters are read at a time.

    Attributes:
        smallest: Where fewer are not proved to be right, they are read strictly.
        largest: So many are tried at first.
    """

    smallest: int = 131_072
    largest: int = 4_194_304


#: Reads the records from one place to another or a little further, and returns where the next begins.
Strictly = Callable[[int, int], int]
#: Below the smallest, to start the fast reader takes longer than to read strictly.
USUAL = Stretches()


def read_records(text: str, dialect: Dialect, limits: Limits = DEFAULT_LIMITS, stretches: Stretches = USUAL) -> Grid:
    """Reads the records of a text as a grid: the same as if each were read strictly.

    What a record is depends on where it begins. So the text is read stretch by stretch: a long one is tried, then shorter
    ones, until one is proved to be right, or is so short that it is read strictly. The longer nothing is proved, the more is
    read strictly before the next is tried.

    Args:
        text: The whole text.
        dialect: What separates cells, and what is around them.
        limits: How much is read.
        stretches: How much is read at a time.

    Raises:
        UnreadableFile: The text is too large.
    """
    gathered, strict = Gathered(limits), StrictReader(text, dialect, limits)

    def strictly(start: int, end: int) -> int:
        for record in strict.records(start, end, gathered.rows):
            gathered.add(record)
        return strict.at

    with longest_cell(limits.cell_characters):
        read_stretches(text, len(text), dialect, gathered, limits, strictly, stretches)
    return gathered.grid()


def read_stretches(
    text: str,
    end: int,
    dialect: Dialect,
    gathered: Gathered,
    limits: Limits,
    strictly: Strictly,
    stretches: Stretches = USUAL,
) -> int:
    """Reads the records of a text up to a place, stretch by stretch.

    Args:
        text: The text.
        end: Where it ends for now: the end of the text, or of a line.
        dialect: What separates cells, and what is around them.
        gathered: Takes the records.
        limits: How much is read.
        strictly: Reads the records of a stretch that is not proved.
        stretches: How much is read at a time.

    Returns:
        The place up to which it was read: the end, or where nothing could be read strictly.
    """
    at, size, slow = 0, stretches.largest, stretches.smallest
    while at < end:
        cuts = _cuts(text, at, end, size, several=size == stretches.largest)
        with closing(side_by_side(lambda cut: (cut.stop, read_proved(text[cut], dialect, limits)), cuts)) as tried:
            for stop, cells in tried:
                if cells is None:
                    break
                gathered.add_table(cells)
                at, slow = stop, stretches.smallest
            else:
                size = min(4 * size, stretches.largest)
                continue
        if size > stretches.smallest:
            size = max(size // 8, stretches.smallest)
        else:
            before, at = at, strictly(at, at + slow)
            slow = min(2 * slow, stretches.largest)
            if at == before:
                break
    return at


def _cuts(text: str, at: int, end: int, size: int, *, several: bool) -> Iterator[slice]:
    """Whole lines of a text from a place on, so many characters at most; nothing of it, where a line has more.

    Args:
        text: The text.
        at: Where the first of them begin.
        end: Where the text ends for now.
        size: How many characters.
        several: Whether those that follow are given too, for as long as each are proved: where they begin follows from that.
    """
    while at < end:
        stop = text.rfind("\n", at, min(at + size, end)) + 1 or at
        yield slice(at, stop)
        if stop == at or not several:
            break
        at = stop
