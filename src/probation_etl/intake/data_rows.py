"""Which rows below a header are rows of data, and what the others are.

Left out are blank rows, notes below the data, headers that are repeated, titles above them, end marks and the like, and a
``nil`` that stands alone. A row that is none of these, but hardly data, stays among the rows with one finding for all of
it: instructions, a note between the rows, a ``nil`` beside other rows. In doubt a row is data: then its empty cells are
told, and nothing is lost in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

import polars as pl

from probation_etl.contracts.findings import Finding, make
from probation_etl.contracts.made_once import made_once
from probation_etl.contracts.model import Contract, Severity
from probation_etl.discreet import Discreet
from probation_etl.intake import row_texts as texts
from probation_etl.intake.columns_found import Columns
from probation_etl.intake.few_texts import is_short, positions_with
from probation_etl.intake.header import headers_of
from probation_etl.intake.lines import Line, Lines
from probation_etl.intake.readers import BLANKS

#: Rows below the header that may tell how to fill in the columns.
_INSTRUCTIONS_WITHIN = 3


@dataclass(frozen=True)
class Note(Discreet):
    """Text that is no row of data and was left out.

    Attributes:
        row: Row as a person sees it.
        text: What it says, masked where the column is restricted.
    """

    row: int
    text: str


@dataclass(frozen=True)
class DataRows(Discreet):
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


def data_rows(body: pl.DataFrame, columns: Columns) -> DataRows:
    """Takes the rows of data out of what stands below a header.

    Args:
        body: All rows below the header, blank ones included: ``source_row`` and their cells.
        columns: Where the columns stand.
    """
    filled = _filled(body)
    return _Sorting(body, filled, columns).sorted(_suspects(body, filled, columns))


def _filled(body: pl.DataFrame) -> pl.Series:
    """Number of filled cells of each row."""
    cells = pl.all().exclude("source_row")
    # A blank cell begins with what sorts before the printable characters of ASCII, or after them: most columns have no such cell.
    perhaps_blank = body.select(((cells < "!") | (cells > "~")).any())
    filled = [
        pl.col(each.name).str.strip_chars(BLANKS) != "" if each.item() else pl.col(each.name).is_not_null()
        for each in perhaps_blank.iter_columns()
    ]
    return body.select(filled=pl.sum_horizontal(filled))["filled"]


def _suspects(body: pl.DataFrame, filled: pl.Series, columns: Columns) -> list[int]:
    """Positions of the rows that may be something else than data, found without looking at each row."""
    headers = {*_squashed_headers(columns.contract), *(_squashed(each) for each in columns.header.texts if each)} - {""}
    beginning = body.select(pl.col(f"c{at}") for at in sorted(columns.places.values())[:2])
    found = [(filled == 1).arg_true(), *positions_with(texts.PERHAPS_ASIDE, beginning[:, :1]).values()]
    found += _headers_again(beginning, headers)
    above = (filled > 0).arg_true().head(_INSTRUCTIONS_WITHIN + 1)
    return sorted({at for positions in (*found, above) for at in positions})


def _headers_again(cells: pl.DataFrame, headers: Set[str]) -> list[pl.Series]:
    """By column, the positions of the cells with the text of a header, whatever is between its letters and digits."""
    in_none = "".join(sorted({*"0123456789"} - {sign for each in headers for sign in each}))
    cell = pl.all()
    # Most cells of a long column have a digit that no header has.
    perhaps = pl.when(~cell.str.contains(f"[{in_none}]")).then(cell) if in_none and not is_short(cells[:, 0]) else cell
    squashed = perhaps.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]", "")
    return [each.arg_true() for each in cells.select(squashed.is_in(list(headers))).iter_columns()]


@made_once
def _squashed_headers(contract: Contract) -> frozenset[str]:
    return frozenset(map(_squashed, headers_of(contract)))


def _squashed(text: str) -> str:
    return "".join(char for char in text.lower() if char.isalnum())


class _Sorting:
    """Sorts the rows below one header."""

    def __init__(self, body: pl.DataFrame, filled: pl.Series, columns: Columns) -> None:
        self._body, self._filled, self._columns = body, filled, columns
        self._lines = Lines(body, filled, columns)
        self._aside: set[int] = set()
        self._told: set[int] = set()
        self._notes: list[Note] = []
        self._findings: list[Finding] = []

    def sorted(self, suspects: Sequence[int]) -> DataRows:
        """All rows, each where it belongs."""
        lines = [self._lines.line(at) for at in suspects if self._filled[at]]
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
        blank = 0 if last is None else int((self._filled.head(int(str(last)) + 1) == 0).sum())
        frame = self._body if keep.all() else self._body.filter(keep)
        told = tuple(sorted(int(self._body["source_row"][at]) for at in self._told))
        return DataRows(
            frame, told, blank, tuple(sorted(self._notes, key=lambda note: note.row)), tuple(self._findings)
        )

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
        beginning = [line for line in lines if line.at not in self._aside][:_INSTRUCTIONS_WITHIN]
        for line in beginning:
            if line.at <= beginning[0].at + _INSTRUCTIONS_WITHIN and self._lines.instructs(line):
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
