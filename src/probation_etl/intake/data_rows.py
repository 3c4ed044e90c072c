"""Which rows below a header are rows of data, and what the others are.

Left out are blank rows, notes below the data, headers that are repeated, titles above them, end marks and the like, and a
``nil`` that stands alone. A row that is none of these, but hardly data, stays among the rows with one finding for all of
it: instructions, a note between the rows, a ``nil`` beside other rows. In doubt a row is data: then its empty cells are
told, and nothing is lost in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import Column, Severity
from probation_etl.contracts.organisations import fold
from probation_etl.intake import row_texts as texts
from probation_etl.intake.columns_found import Columns
from probation_etl.intake.header import headers_of
from probation_etl.intake.readers import BLANKS

#: Rows below the header that may tell how to fill in the columns.
_INSTRUCTIONS_WITHIN = 3


@dataclass(frozen=True)
class Note:
    """Text that is no row of data and was left out.

    Attributes:
        row: Row as a person sees it.
        text: What it says, masked where the column is restricted.
    """

    row: int
    text: str


@dataclass(frozen=True)
class DataRows:
    """The rows of a table, and what was found beside them.

    Attributes:
        frame: ``source_row`` and every cell of each row of data (``c0``, ``c1``, …).
        told: Rows (as a person sees them) of ``frame`` that a finding speaks of as a whole: their cells are not judged.
        blank: Blank rows inside the data.
    """

    frame: pl.DataFrame
    told: tuple[int, ...]
    blank: int
    notes: tuple[Note, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Line:
    """A row that is looked at closely: its position below the header, and its filled cells by their place."""

    at: int
    row: int
    cells: Mapping[int, str]

    @cached_property
    def first(self) -> int:
        return min(self.cells)

    @cached_property
    def text(self) -> str | None:
        """What the row says, if it says one thing."""
        return next(iter(self.cells.values())) if len(set(self.cells.values())) == 1 else None


def data_rows(body: pl.DataFrame, columns: Columns) -> DataRows:
    """Takes the rows of data out of what stands below a header.

    Args:
        body: All rows below the header, blank ones included: ``source_row`` and their cells.
        columns: Where the columns stand.
    """
    cells = pl.all().exclude("source_row").str.strip_chars(BLANKS)
    full = cells.is_not_null() & (cells != "")
    known = body.select(
        filled=pl.sum_horizontal(full), lead=pl.coalesce(pl.when(cells != "").then(cells)) if body.width > 1 else None
    )
    return _Sorting(body, known["filled"], columns).sorted(_suspects(body, known, columns))


def _suspects(body: pl.DataFrame, known: pl.DataFrame, columns: Columns) -> list[int]:
    """Positions of the rows that may be something else than data, found without looking at each row."""
    headers = [
        _squashed(text) for text in (*headers_of(columns.contract), *(each or "" for each in columns.header.texts))
    ]
    first = [pl.col(f"c{at}") for at in list(columns.places.values())[:2]]
    again = [
        each.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]", "").is_in([each for each in headers if each])
        for each in first
    ]
    filled = pl.lit(known["filled"])
    perhaps = (filled == 1) | pl.lit(known["lead"]).str.contains(texts.PERHAPS_ASIDE) | pl.any_horizontal(again)
    found = body.select(perhaps.fill_null(value=False).alias("perhaps"))["perhaps"].arg_true().to_list()
    beginning = (known["filled"] > 0).arg_true().head(_INSTRUCTIONS_WITHIN + 1).to_list()
    return sorted({*found, *beginning})


def _squashed(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


class _Sorting:
    """Sorts the rows below one header."""

    def __init__(self, body: pl.DataFrame, filled: pl.Series, columns: Columns) -> None:
        self._body, self._filled, self._columns = body, filled, columns
        self._aside: set[int] = set()
        self._told: set[int] = set()
        self._notes: list[Note] = []
        self._findings: list[Finding] = []

    def sorted(self, suspects: Sequence[int]) -> DataRows:
        """All rows, each where it belongs."""
        lines = [self._line(at) for at in suspects if self._filled[at]]
        headers = [line for line in lines if self._repeats_header(line)]
        self._leave_out_headers(headers)
        if len(self._columns.places) > 1:
            self._leave_out_titles(headers, lines)
            self._leave_out_marks(lines)
            self._tell_instructions(lines)
            self._tell_notes(lines)
            self._tell_nil(lines)
        keep = self._data()
        last = keep.arg_true().max()
        blank = 0 if last is None else int((self._filled.head(int(str(last)) + 1) == 0).sum())
        frame = self._body.filter(keep)
        told = tuple(sorted(int(self._body["source_row"][at]) for at in self._told))
        return DataRows(
            frame, told, blank, tuple(sorted(self._notes, key=lambda note: note.row)), tuple(self._findings)
        )

    def _line(self, at: int) -> _Line:
        *cells, row = self._body.row(at)
        stripped = ((place, text.strip(BLANKS)) for place, text in enumerate(cells) if text)
        return _Line(at, int(row), {place: text for place, text in stripped if text})

    def _data(self) -> pl.Series:
        """Which rows are data, by what is known so far."""
        keep = self._filled > 0
        return keep.scatter(sorted(self._aside), values=False) if self._aside else keep

    def _open(self, lines: Iterable[_Line]) -> Iterator[_Line]:
        """The lines of which nothing is known yet."""
        return (line for line in lines if line.at not in self._aside and line.at not in self._told)

    def _column(self, line: _Line) -> Column | None:
        return self._columns.by_place.get(line.first)

    def _is_complete(self, line: _Line) -> bool:
        """Whether the row may be a row of data as it is, with no required cell empty."""
        return self._columns.required <= set(line.cells) and any(at in self._columns.by_place for at in line.cells)

    def _tell(self, code: str, line: _Line, *, expected: str = "", severity: Severity = "error") -> None:
        """One finding for a row; with an error the row stays among the rows, so that it is set aside with them."""
        alone = len(line.cells) == 1
        self._findings.append(
            make(
                code,
                value=self._columns.shown(line.cells[line.first], line.first),
                expected=expected,
                severity=severity,
                row=line.row,
                column=self._columns.title(line.first) if alone else None,
                cell=self._columns.cell(line.row, line.first) if alone else None,
            )
        )
        (self._told if severity == "error" else self._aside).add(line.at)

    def _note(self, line: _Line) -> None:
        self._notes.append(Note(line.row, self._columns.shown(line.cells[line.first], line.first)))
        self._aside.add(line.at)

    # Headers

    def _meanings(self, line: _Line) -> dict[int, str]:
        known = headers_of(self._columns.contract)
        named = ((at, known.get(fold(text))) for at, text in line.cells.items())
        return {at: name for at, name in named if name}

    def _repeats_header(self, line: _Line) -> bool:
        """Whether most of the row, and most of the header, are headers of the contract."""
        count = len(set(self._meanings(line).values()))
        whole = len(self._columns.places)
        return count >= min(2, len(self._columns.contract.columns)) and 2 * count >= max(whole, len(line.cells))

    def _leave_out_headers(self, headers: Sequence[_Line]) -> None:
        for line in headers:
            moved = {at: name for at, name in self._meanings(line).items() if self._columns.header.meanings[at] != name}
            if moved:
                text = f"Row {line.row} has headers again, in other columns than row {self._columns.header.row + 1}: it is not clear what the rows below it hold."
                hint = "Put all rows below one header, each cell in its column."
                self._findings.append(make("repeated-header", expected=text, hint=hint))
                self._aside.add(line.at)
            else:
                text = "The header stands again in this row. It is no row of data and was not read."
                self._tell("repeated-header", line, expected=text, severity="warning")

    def _leave_out_titles(self, headers: Sequence[_Line], lines: Sequence[_Line]) -> None:
        """Titles between a blank row, or the data, and a header that is repeated."""
        by_at = {line.at: line for line in lines}
        for header in headers:
            found, at = [], header.at - 1
            while at >= 0 and (self._filled[at] == 0 or (at in by_at and by_at[at].text and self._is_title(by_at[at]))):
                found += [by_at[at]] if self._filled[at] else []
                at -= 1
            for line in found:
                self._note(line)

    def _is_title(self, line: _Line) -> bool:
        text = str(line.text)
        if len(line.cells) > 1 or line.at in self._aside:
            return False
        above = line.at > 0 and self._filled[line.at - 1] == 0
        value = texts.could_be_value(text, self._column(line))
        return texts.continues(text) or ((above or not value) and texts.has_words(text, 2 if value else 1))

    # Marks, instructions, nil

    def _leave_out_marks(self, lines: Sequence[_Line]) -> None:
        for line in self._open(lines):
            if line.text is None or not texts.is_mark(line.text) or self._is_certain(line):
                continue
            followed = bool(self._data().slice(line.at + 1).any()) and texts.ends(line.text)
            if followed and not self._is_complete(line):
                self._tell("report-mark", line, expected="It says that the data end here, but rows follow.")
            elif not followed:
                self._tell("report-mark", line, expected="It was not read.", severity="warning")

    def _is_certain(self, line: _Line) -> bool:
        """Whether the text is a value by the form or the list that its column asks for."""
        column, text = self._column(line), str(line.text)
        of_a_form = column is not None and (column.type != "string" or bool(column.pattern or column.labels))
        return of_a_form and texts.could_be_value(text, column)

    def _tell_instructions(self, lines: Sequence[_Line]) -> None:
        beginning = [line for line in lines if line.at not in self._aside][:_INSTRUCTIONS_WITHIN]
        for line in beginning:
            if line.at <= beginning[0].at + _INSTRUCTIONS_WITHIN and self._instructs(line):
                self._tell("instruction-row", line)

    def _instructs(self, line: _Line) -> bool:
        """Whether most cells of a row tell how to fill in their columns, or its first does and others too."""
        telling = [at for at, text in line.cells.items() if texts.instructs(text)]
        strange = [at for at in telling if not texts.could_be_value(line.cells[at], self._columns.by_place.get(at))]
        if len(line.cells) == 1:
            return bool(strange) or (
                bool(telling) and not (self._is_complete(line) or texts.is_type_word(line.cells[line.first]))
            )
        return len(telling) == len(line.cells) or bool(
            strange and (2 * len(telling) >= len(line.cells) or line.first in strange)
        )

    def _tell_nil(self, lines: Sequence[_Line]) -> None:
        nil = [line for line in self._open(lines) if self._says_nil(line)]
        others = int(self._data().sum()) - len(nil)
        if not others and not nil:
            return
        if not nil and others == 1:
            nil = [
                line
                for line in self._open(lines)
                if line.text and texts.may_say_nil(line.text) and not self._is_complete(line)
            ]
            others -= len(nil)
        for line in nil:
            if others:
                self._tell("nil-row", line, expected="But there are other rows.")
            else:
                self._tell("nil-row", line, expected="It was read as a nil return.", severity="warning")

    def _says_nil(self, line: _Line) -> bool:
        said = [text for text in line.cells.values() if texts.says_nil(text)]
        rest = [text for text in line.cells.values() if not texts.says_nil(text)]
        return bool(said) and line.first in self._columns.by_place and all(map(texts.is_nought, rest))

    # Notes

    def _tell_notes(self, lines: Sequence[_Line]) -> None:
        """Leaves out the notes below the data, and asks about those that stand among the rows."""
        more = self._data() & (self._filled > 1)
        end = more.arg_true().max()
        last, above = -1 if end is None else int(str(end)), -2
        any_note = False
        for line in self._open(lines):
            says_nil = texts.may_say_nil if last < 0 else texts.says_nil
            if len(line.cells) > 1 or says_nil(str(line.text)):
                continue
            below_note = above == line.at - 1
            blank_above = line.at > 0 and self._filled[line.at - 1] == 0
            if line.at > last and (below_note or blank_above) and self._is_note(line, below=below_note, after=any_note):
                self._note(line)
                above, any_note = line.at, True
            elif self._is_note_among_rows(line):
                self._tell("note-among-rows", line)

    def _is_note(self, line: _Line, *, below: bool, after: bool) -> bool:
        """Whether a text below the data is a note: it begins like one, is a sentence, or can be no value of its column."""
        text = str(line.text)
        if self._is_certain(line):
            return False
        if texts.is_marked_note(text):
            return True
        value = texts.could_be_value(text, self._column(line))
        wide = any(
            block.first_row == line.row - 1 and block.last_column > block.first_column
            for block in self._columns.grid.merged
        )
        return below or texts.is_sentence(text) or (texts.has_words(text, 2) and (after or wide or not value))

    def _is_note_among_rows(self, line: _Line) -> bool:
        text = str(line.text)
        if texts.is_marked_note(text) and not self._is_certain(line):
            return True
        value = texts.could_be_value(text, self._column(line))
        return not self._is_complete(line) and (texts.is_sentence(text) or (not value and texts.has_words(text, 2)))
