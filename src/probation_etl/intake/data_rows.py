"""Which rows below a header are rows of data, and what the others are.

Left out are blank rows, notes below the data, headers that are repeated, titles above them, end marks and the like, and a
``nil`` that stands alone. A row that is none of these, but hardly data, stays among the rows with one finding for all of
it: instructions, a note between the rows, a ``nil`` beside other rows. In doubt a row is data: then its empty cells are
told, and nothing is lost in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.model import Severity
from probation_etl.discreet import Discreet
from probation_etl.intake import row_texts as texts
from probation_etl.intake.body import INSTRUCTIONS_WITHIN, Body
from probation_etl.intake.columns_found import Columns
from probation_etl.intake.left_out import notes_on
from probation_etl.intake.lines import Line, Lines
from probation_etl.intake.notes import Note


@dataclass(frozen=True)
class DataRows(Discreet):
    """Which rows of a body are data, and what was found beside them.

    Attributes:
        keep: Boolean series, true for each row of the body that is data.
        told: Positions (in the body) of rows of data that a finding speaks of as a whole: their cells are not judged.
        blank: Blank rows inside the data.
    """

    keep: pl.Series
    told: tuple[int, ...]
    blank: int
    notes: tuple[Note, ...]
    findings: tuple[Finding, ...]


def data_rows(body: Body, columns: Columns) -> DataRows:
    """Tells the rows of data from what else stands below a header.

    Args:
        body: All rows below the header, blank ones included.
        columns: Where the columns stand.
    """
    return _Sorting(body, columns).sorted()


class _Sorting:
    """Sorts the rows below one header."""

    def __init__(self, body: Body, columns: Columns) -> None:
        self._body, self._filled, self._columns = body, body.filled, columns
        self._lines = Lines(body, columns)
        self._aside: set[int] = set()
        self._told: set[int] = set()
        self._notes: list[Note] = []
        self._findings: list[Finding] = []

    def sorted(self) -> DataRows:
        """All rows, each where it belongs."""
        lines = [self._lines.line(at) for at in self._body.suspects if self._filled[at]]
        headers = [line for line in lines if self._lines.repeats_header(line)]
        self._leave_out_headers(headers)
        if len(self._columns.places) > 1:
            self._leave_out_titles(headers, lines)
            self._leave_out_marks(lines)
            self._tell_instructions(lines)
            self._tell_notes(lines)
            self._tell_nil(lines)
        keep = self._data()
        last = keep.arg_true().max()
        blank = 0 if last is None else self._body.blank_above(int(str(last)) + 1)
        left = notes_on(self._body.left, self._body.row, self._columns.contract.layout.left_out)
        notes = tuple(sorted([*self._notes, *left], key=lambda note: note.row))
        return DataRows(keep, tuple(sorted(self._told)), blank, notes, tuple(self._findings))

    def _data(self) -> pl.Series:
        """Which rows are data, by what is known so far."""
        keep = self._filled > 0
        return keep.scatter(sorted(self._aside), values=False) if self._aside else keep

    def _open(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The lines of which nothing is known yet."""
        return (line for line in lines if line.at not in self._aside and line.at not in self._told)

    def _tell(self, code: str, line: Line, *, expected: str = "", severity: Severity = "error") -> None:
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

    def _note(self, line: Line) -> None:
        self._notes.append(Note(line.row, self._columns.shown(line.cells[line.first], line.first)))
        self._aside.add(line.at)

    # Headers

    def _leave_out_headers(self, headers: Sequence[Line]) -> None:
        for line in headers:
            moved = {
                at: name for at, name in self._lines.meanings(line).items() if self._columns.header.meanings[at] != name
            }
            if moved:
                text = f"Row {line.row} has headers again, in other columns than row {self._columns.header.row + 1}: it is not clear what the rows below it hold."
                hint = "Put all rows below one header, each cell in its column."
                self._findings.append(make("repeated-header", expected=text, hint=hint))
                self._aside.add(line.at)
            else:
                text = "The header stands again in this row. It is no row of data and was not read."
                self._tell("repeated-header", line, expected=text, severity="warning")

    def _leave_out_titles(self, headers: Sequence[Line], lines: Sequence[Line]) -> None:
        """Titles between a blank row, or the data, and a header that is repeated."""
        by_at = {line.at: line for line in lines}
        for header in headers:
            found, at = [], header.at - 1
            while at >= 0 and (self._filled[at] == 0 or self._is_title(by_at.get(at))):
                found += [by_at[at]] if self._filled[at] else []
                at -= 1
            for line in found:
                self._note(line)

    def _is_title(self, line: Line | None) -> bool:
        return line is not None and line.at not in self._aside and self._lines.is_title(line)

    # Marks, instructions, nil

    def _leave_out_marks(self, lines: Sequence[Line]) -> None:
        for line in self._open(lines):
            if line.text is None or not texts.is_mark(line.text) or self._lines.is_certain(line):
                continue
            followed = bool(self._data().slice(line.at + 1).any()) and texts.ends(line.text)
            if followed and not self._lines.is_complete(line):
                self._tell("report-mark", line, expected="It says that the data end here, but rows follow.")
            elif not followed:
                self._tell("report-mark", line, expected="It was not read.", severity="warning")

    def _tell_instructions(self, lines: Sequence[Line]) -> None:
        beginning = [line for line in lines if line.at not in self._aside][:INSTRUCTIONS_WITHIN]
        for line in beginning:
            if line.at <= beginning[0].at + INSTRUCTIONS_WITHIN and self._lines.instructs(line):
                self._tell("instruction-row", line)

    def _tell_nil(self, lines: Sequence[Line]) -> None:
        nil = [line for line in self._open(lines) if self._lines.says_nil(line)]
        others = int(self._data().sum()) - len(nil)
        if not others and not nil:
            return
        if not nil and others == 1:
            nil = [
                line
                for line in self._open(lines)
                if line.text and texts.may_say_nil(line.text) and not self._lines.is_complete(line)
            ]
            others -= len(nil)
        for line in nil:
            if others:
                self._tell("nil-row", line, expected="But there are other rows.")
            else:
                self._tell("nil-row", line, expected="It was read as a nil return.", severity="warning")

    # Notes

    def _tell_notes(self, lines: Sequence[Line]) -> None:
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
            below_blank = self._lines.below_blank(line)
            if (
                line.at > last
                and (below_note or below_blank)
                and self._lines.is_note(line, below=below_note, after=any_note)
            ):
                self._note(line)
                above, any_note = line.at, True
            elif self._lines.is_note_among_rows(line):
                self._tell("note-among-rows", line)
