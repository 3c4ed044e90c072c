"""How large a file may be: every limit of the readers, with the reason for its default.

Each limit is checked before the memory that a larger file would take is allocated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from probation_etl.errors import UnreadableFile, UsageError


@dataclass(frozen=True)
class Limits:
    """What is read at most; anything larger is refused with the code ``too-large``.

    Attributes:
        file_bytes: Bytes of the file as it was sent. A million rows of ten columns are about 84 MB of CSV.
        whole_bytes: The same of a file that is read into memory as a whole: any but a long CSV, Parquet or Arrow
            file that is read in pieces.
        unpacked_bytes: Bytes of the one CSV file in a ``.csv.gz`` or ``.zip``, and of a Parquet or Arrow file once unpacked that
            is read into memory as a whole.
        workbook_bytes: Bytes of all parts of a workbook once unpacked, about four million cells.
        ratio: How many times larger a part may become when it is unpacked; parts up to 1 MB may have any ratio.
            Returns have about 5 to 30, archive bombs up to 1,032.
        members: Parts of an archive. A workbook has about two for each sheet and ten more.
        rows: Rows of a table. Each takes some twenty bytes of memory, however it is read.
        whole_rows: The same of a file that is read into memory as a whole: about a year of the largest return several times over.
        columns: Columns of a table: what a spreadsheet program allows.
        cells: Cells that the sheets of a workbook span from the first to the last used one, empty ones included,
            because a reader allocates all of them. For text, cells of records that are shorter than the widest.
        merged: Blocks of merged cells in a workbook. A form has some hundred; each is looked at with every column.
        text_bytes: Bytes of the texts in all cells of a workbook. A file may hold a text once and name it in millions of
            cells, each of which becomes a text of its own.
        process_bytes: Bytes of memory for the process that reads a workbook, a Parquet or an Arrow file, beyond what it has
            before it opens it: what a library allocates is not known beforehand.
        process_seconds: Seconds of processor time for this process, for each piece of a long file; by the clock it may take twice as long.
        line_bytes: Bytes of one line of text. As many columns as there may be take some hundred thousand; a cell of as
            many characters as it may have takes four million at most.
        cell_characters: Characters of one cell of text; a spreadsheet program allows 32,767.
        query_seconds: Seconds that one query of a contract, or one over its views, may take in the store. Those of millions of
            rows take some.
    """

    file_bytes: int = 5_000_000_000
    whole_bytes: int = 500_000_000
    unpacked_bytes: int = 2_000_000_000
    workbook_bytes: int = 200_000_000
    ratio: int = 100
    members: int = 2_000
    rows: int = 50_000_000
    whole_rows: int = 5_000_000
    columns: int = 16_384
    cells: int = 5_000_000
    merged: int = 100_000
    text_bytes: int = 500_000_000
    process_bytes: int = 4_000_000_000
    process_seconds: int = 60
    line_bytes: int = 10_000_000
    cell_characters: int = 1_000_000
    query_seconds: int = 600

    def __post_init__(self) -> None:
        """Refuses limits below 1."""
        for field in fields(self):
            if getattr(self, field.name) < 1:
                raise UsageError(f"The limit ‘{field.name}’ must be 1 or more.")

    @property
    def of_a_whole(self) -> Limits:
        """The limits of a file that is read into memory as a whole."""
        return replace(self, file_bytes=min(self.file_bytes, self.whole_bytes), rows=min(self.rows, self.whole_rows))


#: The limits unless others are given.
DEFAULT_LIMITS = Limits()


def limits_from(texts: Iterable[str], base: Limits = DEFAULT_LIMITS) -> Limits:
    """The limits, some of them changed by texts such as ``rows=1000``.

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


def check_limit(found: int, limit: int, what: str) -> None:
    """Refuses a file above a limit.

    Args:
        found: How many there are.
        limit: How many there may be.
        what: What is counted, as it is called in the message: ``rows``.

    Raises:
        UnreadableFile: There are more, with the code ``too-large``.
    """
    if found > limit:
        raise UnreadableFile(f"The file has {found:,} {what}; at most {limit:,} are read.", code="too-large")


def check_file_size(size: int, limits: Limits = DEFAULT_LIMITS) -> None:
    """Refuses a file because of its size, before it is read.

    Raises:
        UnreadableFile: The file is too large, with the code ``too-large``.
    """
    if size > limits.file_bytes:
        raise UnreadableFile(f"The file has more than {limits.file_bytes:,} bytes: no more are read.", code="too-large")


#: Why a long file is read as a whole: for its contract, or for what is in it.
BY_ITS_CONTRACT = "By its contract it is read as a whole, because which of its rows are a return depends on all of them"
NOT_IN_PIECES = "It cannot be read piece by piece: it is not UTF-8, a quotation mark in it is wrong, or its lines end in another way than by a line feed"


def check_whole_size(size: int, limits: Limits, why: str) -> None:
    """Refuses a long file that has to be read as a whole, and is too large for it.

    Args:
        size: Its bytes.
        limits: How much is read.
        why: Why it has to be, as a sentence.

    Raises:
        UnreadableFile: The file is too large, with the code ``too-large``.
    """
    if size > limits.whole_bytes:
        raise UnreadableFile(f"The file has more than {limits.whole_bytes:,} bytes. {why}.", code="too-large")
