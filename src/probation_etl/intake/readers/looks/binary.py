"""What both binary forms of workbooks have in common: short numbers, fonts, and the runs of rich texts."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from probation_etl.discreet import Discreet
from probation_etl.intake.readers.looks.codes import BUILT_IN, GENERAL
from probation_etl.intake.readers.looks.raised import Run, with_raised
from probation_etl.intake.readers.looks.sheet import Style

#: Whether a font raises (1) or lowers (-1) characters, by the number that files have for it.
LEVELS = {1: 1, 2: -1}


@dataclass
class Book(Discreet):
    """What all sheets of a workbook share.

    Attributes:
        styles: The styles of cells, by number.
        levels: Fonts that raise (1) or lower (-1) characters, by number.
        strings: Shared texts with raised characters, by number, these told from the others.
        from_1904: Whether days are counted from 1904.
    """

    styles: list[Style] = field(default_factory=list)
    levels: dict[int, int] = field(default_factory=dict)
    strings: dict[int, str] = field(default_factory=dict)
    from_1904: bool = False

    def style(self, number: int) -> Style:
        """The style of a cell; the usual one where there is none of this number."""
        return self.styles[number] if number < len(self.styles) else Style()


def short_number(packed: int) -> float:
    """A number in four bytes: a whole number or the beginning of another, perhaps in hundredths."""
    if packed & 2:
        value = float((packed - (1 << 32) if packed >> 31 else packed) >> 2)
    else:
        (value,) = struct.unpack("<d", bytes(4) + struct.pack("<I", packed & 0xFFFFFFFC))
    return value / 100 if packed & 1 else value


def styles_of(used: Sequence[tuple[int, int]], codes: Mapping[int, str], levels: Mapping[int, int]) -> list[Style]:
    """The styles of cells, from the numbers of their formats and fonts."""
    known = {**BUILT_IN, **codes}
    return [Style(known.get(code, GENERAL), levels.get(font, 0)) for code, font in used]


def raised_text(text: str, starts: Sequence[tuple[int, int]], levels: Mapping[int, int]) -> str | None:
    """A rich text with its raised characters told from the others; None if it has none.

    Args:
        text: The whole text.
        starts: Where each run begins, and its font; what is before the first has the font of the cell.
        levels: Fonts that raise or lower characters.
    """
    places = [(0, 0), *((at, levels.get(font, 0)) for at, font in starts)]
    ends = [*(at for at, _ in places[1:]), len(text)]
    return with_raised([Run(text[at:end], level) for (at, level), end in zip(places, ends, strict=True)])


def run_starts(packed: bytes) -> list[tuple[int, int]]:
    """Place and font of each run, two bytes each."""
    return [*struct.iter_unpack("<HH", packed[: len(packed) // 4 * 4])]
