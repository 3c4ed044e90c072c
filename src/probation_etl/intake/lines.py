"""Single rows below a header, looked at closely: what each of them may be, by its text and by the columns that it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from probation_etl.contracts.model import Column
from probation_etl.contracts.organisations import fold
from probation_etl.discreet import Discreet
from probation_etl.intake import row_texts as texts
from probation_etl.intake.body import Body
from probation_etl.intake.columns_found import Columns
from probation_etl.intake.header_texts import headers_of
from probation_etl.intake.readers import BLANKS


@dataclass(frozen=True)
class Line(Discreet):
    """A row that is looked at closely: its position below the header, and its filled cells by their place."""

    at: int
    row: int
    cells: Mapping[int, str]

    @cached_property
    def first(self) -> int:
        """Place of the first filled cell."""
        return min(self.cells)

    @cached_property
    def text(self) -> str | None:
        """What the row says, if it says one thing."""
        return next(iter(self.cells.values())) if len(set(self.cells.values())) == 1 else None


@dataclass(frozen=True)
class Lines(Discreet):
    """The rows below a header.

    Attributes:
        body: All of them.
        columns: Where the columns stand.
    """

    body: Body
    columns: Columns

    @cached_property
    def _wide_rows(self) -> frozenset[int]:
        """Rows with cells that are merged across columns."""
        merged = self.columns.grid.merged
        return frozenset(block.first_row + 1 for block in merged if block.last_column > block.first_column)

    def below_blank(self, line: Line) -> bool:
        """Whether the row above is blank."""
        return line.at > 0 and self.body.filled[line.at - 1] == 0

    def line(self, at: int) -> Line:
        """One of the rows."""
        stripped = ((place, text.strip(BLANKS)) for place, text in enumerate(self.body.cells(at)) if text)
        return Line(at, self.body.row(at), {place: text for place, text in stripped if text})

    def _column(self, line: Line) -> Column | None:
        return self.columns.by_place.get(line.first)

    def is_complete(self, line: Line) -> bool:
        """Whether the row may be a row of data as it is, with no required cell empty."""
        return self.columns.required <= set(line.cells) and any(at in self.columns.by_place for at in line.cells)

    def is_certain(self, line: Line) -> bool:
        """Whether the text is a value by the form or the list that its column asks for."""
        column, text = self._column(line), str(line.text)
        of_a_form = column is not None and (column.type != "string" or bool(column.pattern or column.labels))
        return of_a_form and texts.could_be_value(text, column)

    def meanings(self, line: Line) -> dict[int, str]:
        """The columns of the contract whose headers are in the row, by their place."""
        known = headers_of(self.columns.contract)
        named = ((at, known.get(fold(text))) for at, text in line.cells.items())
        return {at: name for at, name in named if name}

    def repeats_header(self, line: Line) -> bool:
        """Whether most of the row, and most of the header, are headers of the contract; or it is one line of several of the header."""
        if (
            len(self.columns.lines) > 1
            and len(line.cells) > 1
            and any(
                all(at < len(each) and fold(text) == fold(each[at] or "") for at, text in line.cells.items())
                for each in self.columns.lines
            )
        ):
            return True
        count = len(set(self.meanings(line).values()))
        whole = len(self.columns.places)
        return count >= min(2, len(self.columns.contract.columns)) and 2 * count >= max(whole, len(line.cells))

    def is_title(self, line: Line) -> bool:
        """Whether a row above a repeated header is a title of what follows."""
        text = str(line.text)
        if len(line.cells) > 1:
            return False
        value = texts.could_be_value(text, self._column(line))
        return texts.continues(text) or (
            (self.below_blank(line) or not value) and texts.has_words(text, 2 if value else 1)
        )

    def instructs(self, line: Line) -> bool:
        """Whether most cells of a row tell how to fill in their columns, or its first does and others too, or says “e.g.”."""
        if line.first in self.columns.by_place and texts.is_example(line.cells[line.first]):
            return True
        telling = [at for at, text in line.cells.items() if texts.instructs(text)]
        strange = [at for at in telling if not texts.could_be_value(line.cells[at], self.columns.by_place.get(at))]
        if len(line.cells) == 1:
            return bool(strange) or (
                bool(telling) and not (self.is_complete(line) or texts.is_type_word(line.cells[line.first]))
            )
        return len(telling) == len(line.cells) or bool(
            strange and (2 * len(telling) >= len(line.cells) or line.first in strange)
        )

    def says_nil(self, line: Line) -> bool:
        """Whether a row says that there is nothing to report, in one cell or in each."""
        said = [text for text in line.cells.values() if texts.says_nil(text)]
        rest = [text for text in line.cells.values() if not texts.says_nil(text)]
        return bool(said) and line.first in self.columns.by_place and all(map(texts.is_nought, rest))

    def is_note(self, line: Line, *, below: bool, after: bool) -> bool:
        """Whether a text below the data is a note: it begins like one, is a sentence, or can be no value of its column."""
        text = str(line.text)
        if self.is_certain(line):
            return False
        if texts.is_marked_note(text):
            return True
        value = texts.could_be_value(text, self._column(line))
        wide = line.row in self._wide_rows
        return below or texts.is_sentence(text) or (texts.has_words(text, 2) and (after or wide or not value))

    def is_note_among_rows(self, line: Line) -> bool:
        """Whether a text between the rows, or right below them, looks like a note or a heading."""
        text = str(line.text)
        if texts.is_marked_note(text) and not self.is_certain(line):
            return True
        value = texts.could_be_value(text, self._column(line))
        return not self.is_complete(line) and (texts.is_sentence(text) or (not value and texts.has_words(text, 2)))
