"""Finds the header of a table of which nothing is known, and makes names of what stands there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

from probation_etl.contracts.masking import shape
from probation_etl.contracts.model import RESERVED_NAMES
from probation_etl.contracts.organisations import fold
from probation_etl.drafting.words import is_address, is_person, speaks_of_classes, telling
from probation_etl.intake.readers import BLANKS, CellKind, Grid

#: Rows at the top that are searched, as by the reader.
_WITHIN = 50
#: Characters of a header.
_LONGEST = 200
#: A row may have fewer headers than the rows around it have cells.
_NEARLY = 0.8
_LETTER, _DAY = re.compile(r"[^\W\d_]"), re.compile(r"9{1,4}[/.-]9{1,2}[/.-]9{1,4}")


def header_row(grid: Grid) -> int | None:
    """The row, from 0, that is most likely the header of a table; None where no row has names alone.

    It is the first of the widest rows in which every cell is a text that may be a name: neither a number, nor a day, nor a code with
    several digits.
    """
    rows = [_texts(row) for row in grid.cells.head(_WITHIN).iter_rows()]
    kinds = None if grid.kinds is None else list(grid.kinds.head(_WITHIN).iter_rows())
    filled = [sum(map(bool, row)) for row in rows]
    widest = max(filled, default=0)
    named = [at for at, row in enumerate(rows) if filled[at] and _has_names_alone(row, kinds[at] if kinds else None)]
    best = max((filled[at] for at in named), default=0)
    if best < _NEARLY * widest or (best < 2 and grid.cells.width > 1 and widest > 1):
        return None
    row = next(at for at in named if filled[at] >= _NEARLY * best)
    return None if _is_data(rows[row], rows[row + 1 :]) else row


def is_named_row(grid: Grid, row: int) -> bool:
    """Whether each filled cell of a row is a text that may be a name, and more than one is filled."""
    texts = _texts(grid.cells.row(row))
    kinds = None if grid.kinds is None else grid.kinds.row(row)
    return sum(map(bool, texts)) > 1 and _has_names_alone(texts, kinds)


def _is_data(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a row of texts is one like those below, so that the table has no header: what it says may be of people."""
    columns = [(text, [each[at] for each in below if each[at]]) for at, text in enumerate(row) if text]
    if any(names_numbers(text, cells) for text, cells in columns):
        return False
    repeated = [text in cells for text, cells in columns]
    if any(repeated) and not all(repeated):
        return True
    unsaid = [
        (text, cells) for text, cells in columns if cells and not telling([text]) and not speaks_of_classes([text])
    ]
    return any(is_so(text) and all(map(is_so, cells)) for text, cells in unsaid for is_so in (is_person, is_address))


def names_numbers(text: str, cells: Sequence[str]) -> bool:
    """Whether a text without digits stands above numbers, days or codes."""
    coded = sum("9" in shape(each) for each in cells)
    return "9" not in shape(text) and bool(cells) and coded >= _NEARLY * len(cells)


def _texts(row: Sequence[str | None]) -> list[str]:
    return [(cell or "").strip(BLANKS) for cell in row]


def _has_names_alone(row: Sequence[str], kinds: Sequence[int | None] | None) -> bool:
    names = [(at, text) for at, text in enumerate(row) if text]
    folded = [fold(text) for _, text in names]
    texts = all(kinds is None or kinds[at] in (None, CellKind.TEXT) for at, _ in names)
    return texts and len(set(folded)) > len(names) / 2 and all(_is_name(text) for _, text in names)


def _is_name(text: str) -> bool:
    form = shape(text)
    is_code = " " not in text and form.count("9") > 1 and form.count("9") >= form.count("A")
    return bool(_LETTER.search(text)) and len(text) <= _LONGEST and not is_code and not _DAY.search(form)


def snake_case(text: str) -> str:
    """A name in small letters, digits and underscores: ``lent_on`` of ``Lent on``; empty where nothing of it is left."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", " ", text)
    plain = unicodedata.normalize("NFKD", parted.replace("%", " per cent ").replace("&", " and ")).encode(
        "ascii", "ignore"
    )
    return re.sub(r"[^a-z0-9]+", "_", plain.decode().casefold().replace("'", "")).strip("_")[:60].strip("_")


def column_name(header: str, taken: Collection[str]) -> str:
    """The name of a column by its header, other than those that are taken or reserved."""
    name = snake_case(header) or "column"
    name = f"column_{name}" if name[0].isdigit() else name
    name = f"{name}_given" if name in RESERVED_NAMES else name
    return name if name not in taken else next(made for at in range(2, 9999) if (made := f"{name}_{at}") not in taken)
