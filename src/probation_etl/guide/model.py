"""What is said to those who fill a return in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from probation_etl.contracts.model import Severity
from probation_etl.discreet import Discreet


@dataclass(frozen=True)
class Cell(Discreet):
    """A cell of an invented row.

    Attributes:
        text: What stands in it, of a restricted column the shape alone; None where it is empty.
    """

    header: str
    text: str | None


@dataclass(frozen=True)
class Wrong(Discreet):
    """Invented rows that break one rule and no other.

    Attributes:
        rows: The cells that matter, of each of these rows; none where it takes too many rows to show.
        right: The same cells of a row that breaks no rule.
        message: What the report on such a return says.
        hint: What it advises.
        how: What is wrong with them, in a few words.
    """

    rows: tuple[tuple[Cell, ...], ...]
    right: tuple[Cell, ...]
    message: str
    hint: str
    severity: Severity
    how: str


@dataclass(frozen=True)
class ColumnGuide(Discreet):
    """One column.

    Attributes:
        written: How they are written, in sentences.
        values: The values of a list, each with its label.
        key: Whether it is part of the key.
        right: A cell that breaks no rule; None where it is empty or there is no example.
        wrong: Cells that break one rule of the column each.
    """

    header: str
    synonyms: tuple[str, ...]
    description: str
    needed: bool
    restricted: bool
    key: bool
    written: tuple[str, ...]
    values: tuple[tuple[str, str], ...]
    right: str | None
    wrong: tuple[Wrong, ...]


@dataclass(frozen=True)
class RuleGuide(Discreet):
    """A rule over several columns, the table, or other returns.

    Attributes:
        title: What it asks.
        message: What is wrong where it is broken.
        hint: What to do then.
        of_rows: Whether it is about single rows, so that an error of it keeps one row out and not the whole return.
        wrong: An example that breaks it and no other rule; None where none was found.
    """

    title: str
    message: str
    hint: str
    severity: Severity
    of_rows: bool
    wrong: Wrong | None


@dataclass(frozen=True)
class CoverLine(Discreet):
    """One line of a cover sheet: its label, what to fill in, and an example of it."""

    label: str
    meaning: str
    example: str


@dataclass(frozen=True)
class Recognition(Discreet):
    """How a file is recognised as the return.

    Attributes:
        name_form: The form of its name; None where any will do, or no words say it.
        name_example: A name of that form.
        endings: Endings that the name may have.
        sheet: The sheet of the workbook; None for a file of one table.
        cover: Name and lines of the cover sheet; None where there is none.
        text: How cells are separated in a CSV file, and its encoding; None for a workbook.
        rows: Where the rows stand in it, where that is not simply below one header, in sentences.
        beside: What must come beside the file, in sentences.
    """

    name_form: str | None
    name_example: str | None
    endings: tuple[str, ...]
    sheet: str | None
    cover: tuple[str, tuple[CoverLine, ...]] | None
    text: str | None
    rows: tuple[str, ...]
    beside: tuple[str, ...]


@dataclass(frozen=True)
class Version(Discreet):
    """A version of the contract, and the period ends that it is for."""

    version: str
    first: date | None
    last: date | None
    is_this: bool


@dataclass(frozen=True)
class Guide(Discreet, tells=("id", "version")):
    """All that is said.

    Attributes:
        sent_by: Who sends it, in words.
        often: How often, and when it is due, in sentences.
        limits: When the whole return is rejected, in sentences.
        has_header: Whether a header says which column is which; without one, they stand in the order of the contract.
        examples: Rows of an invented return that breaks no rule; none where none was found.
    """

    id: str
    version: str
    title: str
    description: str
    sent_by: str
    often: tuple[str, ...]
    limits: tuple[str, ...]
    recognition: Recognition
    has_header: bool
    columns: tuple[ColumnGuide, ...]
    rules: tuple[RuleGuide, ...]
    examples: tuple[tuple[Cell, ...], ...]
    versions: tuple[Version, ...]

    @property
    def lists(self) -> tuple[ColumnGuide, ...]:
        """The columns whose values are listed."""
        return tuple(each for each in self.columns if each.values)
