"""How the rows of a return stand in its file, where they do not simply stand below one line of headers."""

from __future__ import annotations

from dataclasses import dataclass

from probation_etl.discreet import Discreet


@dataclass(frozen=True)
class NotRead(Discreet):
    """What a file is expected to hold beside the return: it is not read, and nothing is said of it.

    Attributes:
        columns: Headers; ``*`` stands for any text.
        sheets: Names of sheets, likewise.
    """

    columns: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeftOut(Discreet):
    """Rows below the header that are no data.

    Attributes:
        name: What they are called where they are counted.
        below_header: The number of rows right below the header, blank ones included.
        filled_only: Columns; no other column of the contract is filled in such a row, and some of these is.
        column: The column whose text tells such a row; None where the first filled cell of a row does.
        matches: Pattern of that whole text, in upper or lower case.
        and_below: Whether every row below the first of them is left out too.
    """

    name: str
    below_header: int = 0
    filled_only: tuple[str, ...] = ()
    column: str | None = None
    matches: str = ""
    and_below: bool = False


@dataclass(frozen=True)
class DescribedBy(Discreet):
    """Another return of the delivery whose rows list the further columns of this one, by their headers.

    Attributes:
        contract: Id of its contract.
        column: The column with the headers.
        table: The unified table that its rows go to; empty until the contracts of a directory are assembled.
        listed: The column of that table with the headers, likewise.
    """

    contract: str
    column: str
    table: str = ""
    listed: str = ""


@dataclass(frozen=True)
class Layout(Discreet):
    """How the rows of a return stand in its file.

    Attributes:
        header_rows: Lines of the header, which are read as one; 0 where there is none, and the columns stand in the order of the contract.
        left_out: Rows that are no data.
        not_read: What else the file holds.
        block: Whether other tables stand beside or below it: the table is the block of filled cells below its header.
        described_by: What lists its further columns; None where there are none.
        fixed_width: Whether the file is text in which columns stand at fixed places.
    """

    header_rows: int = 1
    left_out: tuple[LeftOut, ...] = ()
    not_read: NotRead = NotRead()
    block: bool = False
    described_by: DescribedBy | None = None
    fixed_width: bool = False

    @property
    def rows_above(self) -> int:
        """Rows above the first that may be one of data, in a file without anything else."""
        return self.header_rows + max((each.below_header for each in self.left_out), default=0)


#: Rows below one line of headers, and nothing else.
PLAIN = Layout()
