"""How large a file may be: every limit of the readers, with the reason for its default.

Each limit is held before the memory is spent that a file past it would take.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from probation_etl.errors import UnreadableFile, UsageError


@dataclass(frozen=True)
class Limits:
    """What is still read; whatever is larger is refused with the code ``too-large``.

    Attributes:
        file_bytes: Bytes of the file as it was sent. A million rows of ten columns are about 84 MB of CSV.
        unpacked_bytes: Bytes of the one CSV file in a ``.csv.gz`` or ``.zip``. It is held in memory as a whole.
        workbook_bytes: Bytes of all parts of a workbook once unpacked, about four million cells.
        ratio: How many times larger than packed a part may be once unpacked; parts up to 1 MB may be any ratio.
            Returns pack about 5 to 30 times, archive bombs up to 1,032 times.
        members: Parts of an archive. A workbook has about two a sheet and ten more.
        rows: Rows of a table, about a year of the largest return several times over.
        columns: Columns of a table: what a spreadsheet program allows.
        cells: Cells that the sheets of a workbook span, filled or not, from the first to the last used one: a reader
            keeps a place for each. Text may span as many more than it has when its records are of different widths.
        process_bytes: Bytes of memory for the process that an old workbook (``.xls``) is opened in: it does not say
            beforehand how many cells it asks for.
        process_seconds: Seconds that this process may compute.
        cell_characters: Characters of one cell of text; a spreadsheet program allows 32,767.
    """

    file_bytes: int = 500_000_000
    unpacked_bytes: int = 2_000_000_000
    workbook_bytes: int = 200_000_000
    ratio: int = 100
    members: int = 2_000
    rows: int = 5_000_000
    columns: int = 16_384
    cells: int = 5_000_000
    process_bytes: int = 1_500_000_000
    process_seconds: int = 60
    cell_characters: int = 1_000_000

    def __post_init__(self) -> None:
        """Holds every limit to a whole number above 0."""
        for field in fields(self):
            if getattr(self, field.name) < 1:
                raise UsageError(f"The limit ‘{field.name}’ must be 1 or more.")


#: What is read unless somebody asks for more or less.
DEFAULT_LIMITS = Limits()


def limits_from(texts: Iterable[str], base: Limits = DEFAULT_LIMITS) -> Limits:
    """Limits with some of them changed by texts such as ``rows=1000``.

    Args:
        texts: ``name=number``; the number may have underscores or commas between its digits.
        base: The limits to change.

    Raises:
        UsageError: A name is not that of a limit, or a number is not a whole number above 0.
    """
    known = [field.name for field in fields(Limits)]
    changes: dict[str, int] = {}
    for text in texts:
        name, _, number = (part.strip() for part in text.partition("="))
        if name not in known:
            defaults = ", ".join(f"{each}={getattr(DEFAULT_LIMITS, each)}" for each in known)
            raise UsageError(f"There is no limit ‘{name}’. The limits and their defaults are: {defaults}.")
        changes[name] = _number(name, number)
    return replace(base, **changes)


def _number(name: str, text: str) -> int:
    digits = text.replace("_", "").replace(",", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
        raise UsageError(f"The limit ‘{name}’ must be a whole number, as in {name}=1000.")
    return int(digits)


def hold(found: int, limit: int, what: str) -> None:
    """Refuses what is past a limit.

    Args:
        found: How many there are.
        limit: How many there may be.
        what: Words of the message after ‘The file has’, such as ``rows``.

    Raises:
        UnreadableFile: There are more than may be, with the code ``too-large``.
    """
    if found > limit:
        raise UnreadableFile(f"The file has {found:,} {what}; at most {limit:,} are read.", code="too-large")


def check_file_size(size: int, limits: Limits = DEFAULT_LIMITS) -> None:
    """Refuses a file by its size alone, for callers that have not read it yet.

    Raises:
        UnreadableFile: The file is too large, with the code ``too-large``.
    """
    if size > limits.file_bytes:
        raise UnreadableFile(f"The file has more than {limits.file_bytes:,} bytes: no more are read.", code="too-large")
