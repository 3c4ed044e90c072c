"""What is drafted of one table, before it is written down."""

from __future__ import annotations

from dataclasses import dataclass

from probation_etl.discreet import Discreet
from probation_etl.drafting.covers import DraftCover
from probation_etl.drafting.drafted import DraftColumn
from probation_etl.drafting.file_names import FileNames
from probation_etl.drafting.left_out import LeftOutRows


@dataclass(frozen=True)
class DraftTable(Discreet, tells=("id",)):
    """What is drafted of one table.

    Attributes:
        files: How many files have it, and of how many.
        rows: How many rows it has in them.
        columns: Its columns.
        sheet: Name of its sheet.
        header_row: The row of its header, as a person sees it, in each file.
        others: Sheets that are not read.
        left_out: Rows that are no data.
        spacing: How far apart the ends of periods are: a number with its unit.
        format: What the files are: ``csv`` and so on.
        questions: What is asked of the table as a whole.
    """

    id: str
    table: str
    files: tuple[int, int]
    rows: int
    columns: tuple[DraftColumn, ...]
    names: FileNames
    sheet: str | None = None
    header_rows: tuple[int, ...] = ()
    cover: DraftCover | None = None
    others: tuple[str, ...] = ()
    left_out: tuple[LeftOutRows, ...] = ()
    spacing: tuple[int, str] | None = None
    format: str | None = None
    delimiter: str = ","
    encoding: str = "UTF-8"
    questions: tuple[str, ...] = ()
