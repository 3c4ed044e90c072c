"""The annotated workbook: the supplier's own rows, failing cells coloured and commented, and a list that leads to them.

No cell is ever a formula. What a workbook cannot hold is left out, and the list says so.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BufferedWriter, FileIO
from pathlib import Path
from tempfile import TemporaryDirectory
from traceback import clear_frames
from typing import Any, BinaryIO

# xlsxwriter is not typed: its classes are Any here.
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from probation_etl.discreet import Discreet
from probation_etl.files import FILE_MODE, draft_of
from probation_etl.intake.header import is_restricted
from probation_etl.intake.readers import Grid
from probation_etl.intake.result import ReturnResult
from probation_etl.reports.all_findings import first_findings
from probation_etl.reports.cell_marks import Marks
from probation_etl.reports.spreadsheet_text import first_units
from probation_etl.reports.workbook_list import Line, write_list
from probation_etl.reports.workbook_rows import MOST_ROWS, Formats, write_rows

_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 -- workbooks know no time zones
_NOT_IN_A_NAME = re.compile("[\\[\\]:*?/\\\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LONGEST_NAME = 31
#: Findings that are marked and listed: each is in memory until the workbook is closed.
MOST_FINDINGS = 100_000


@dataclass(frozen=True)
class Sent(Discreet):
    """A file as it was sent.

    Attributes:
        file: Its name.
        sha256: Hash of its bytes.
        grids: Its sheets; none where it could not be read.
    """

    file: str
    sha256: str
    grids: Sequence[Grid]

    @classmethod
    def of(cls, result: ReturnResult) -> Sent:
        """The one sheet of a file that a return is."""
        grid = result.source.grid
        return cls(result.file, result.sha256, [grid] if grid else [])


@dataclass(frozen=True)
class _Part(Discreet):
    """One sheet of the workbook: a sheet or table of the supplier, with what was found in it."""

    name: str
    grid: Grid
    result: ReturnResult | None
    marks: Marks

    @property
    def last(self) -> int:
        """The last row (from 0) of its data."""
        kept = (self.result.accepted_rows, self.result.quarantined_rows) if self.result else ()
        rows: list[Any] = [frame["source_row"].max() for frames in kept for frame in frames if frame.height]
        return max(rows, default=0) - 1


def write_workbook(target: Path, files: Iterable[Sent], results: Iterable[ReturnResult]) -> None:
    """Writes the annotated workbook of some returns.

    Args:
        target: The file to write.
        files: The files that the returns came in; every sheet of theirs is written.
        results: The returns.

    Raises:
        OSError: It cannot be written.
    """
    # The library's own temporary files are as private as the workbook.
    with draft_of(target) as draft, TemporaryDirectory(prefix=".annotated-", dir=target.parent) as folder:
        draft.touch(mode=FILE_MODE)
        with BufferedWriter(raw := _Draft(draft, "wb")) as file:
            try:
                _write(file, Path(folder), files, list(results))
            except FileCreateError as error:
                raw.given_up = True
                raise _of_the_system(error) from None


class _Draft(FileIO):
    """A file that can be given up: the library still writes to it when it discards a half-made archive."""

    given_up = False

    def write(self, data: Any, /) -> int:
        """Writes, unless the file was given up."""
        return len(data) if self.given_up else super().write(data)


def _of_the_system(error: FileCreateError) -> OSError:
    """The system error that the library wrapped; where it gives no reason, an error with the library's words."""
    cause = error.args[0] if error.args else None
    for each in (error, cause):
        # Releasing the half-made archive makes it write once more: better here, where that cannot fail any more.
        clear_frames(each.__traceback__ if isinstance(each, Exception) else None)
    return cause if isinstance(cause, OSError) and cause.strerror else OSError(errno.EIO, str(error))


def _write(target: BinaryIO, folder: Path, files: Iterable[Sent], returns: Sequence[ReturnResult]) -> None:
    parts = _parts(files, returns)
    lines = _lines(parts, returns)
    # Rows go to files of the library's own as they are written: memory does not grow with the return. A sheet of more than
    # two gigabytes is written in the newer form of archives; any other is the same, byte for byte.
    settings = {"constant_memory": True, "tmpdir": str(folder), "use_zip64": True}
    with Workbook(target, settings) as book:
        book.set_properties({"title": "Returns with their findings", "created": _CREATED})
        formats = Formats(book)
        taken = {part.name.lower() for part in parts}
        listing = book.add_worksheet(_free_name("Findings", taken))
        said: list[str] = []
        for part in parts:
            said += write_rows(book.add_worksheet(part.name), part.grid, part.marks, formats, last=part.last)
        write_list(listing, lines, [*_told(returns), *_not_shown(returns), *said], formats)


def _parts(files: Iterable[Sent], returns: Sequence[ReturnResult]) -> list[_Part]:
    by_place: dict[tuple[str, str, str | None], list[ReturnResult]] = {}
    for each in returns:
        if each.source.grid:
            by_place.setdefault((each.file, each.sha256, each.source.grid.sheet), []).append(each)
    parts: list[_Part] = []
    for sent in files:
        for grid in sent.grids:
            here: list[ReturnResult | None] = [*by_place.get((sent.file, sent.sha256, grid.sheet), [])]
            for result in here or [None]:
                part = result.source.grid if result else None
                own = part if part and part.numbers is not None else grid
                shown = (result.sheet if result else grid.sheet) or Path(sent.file).stem
                if own.numbers is not None and result and result.supplier:
                    shown = f"{result.supplier.code} {shown}"
                name, cells = _free_name(shown, {part.name.lower() for part in parts}), own.first(MOST_ROWS)
                parts.append(_Part(name, cells, result, Marks(cells, result.source.header if result else None)))
    return parts


def _free_name(wanted: str, taken: set[str]) -> str:
    """A name that Excel allows and no sheet has yet: at most 31 characters, without some signs, and not ‘History’."""
    cleaned = first_units(_NOT_IN_A_NAME.sub("_", wanted), _LONGEST_NAME).strip(" '") or "Return"
    name, number = cleaned, 1
    while name.lower() in taken or name.lower() == "history":
        number += 1
        name = f"{first_units(cleaned, _LONGEST_NAME - 6).rstrip()} ({number})"
    return name


def _lines(parts: Sequence[_Part], returns: Sequence[ReturnResult]) -> list[Line]:
    """The findings, each with the cell that it leads to. Marks the cells as a side effect."""
    of_return = {id(part.result): part for part in parts if part.result}
    lines: list[Line] = []
    for result in returns:
        part = of_return.get(id(result))
        listed = first_findings(result.found, MOST_FINDINGS - len(lines))
        headers = {each.column for each in listed}
        restricted = {header for header in headers if is_restricted(result.contract, header)}
        for finding in listed:
            cell = part.marks.add(finding) if part else None
            is_masked = finding.column in restricted and finding.value is not None
            lines.append(Line(finding, part.name if part else result.sheet, cell, is_masked))
    return lines


def _told(returns: Sequence[ReturnResult]) -> list[str]:
    """What became of each return, in a sentence."""
    return [
        f"{each.file}{f', sheet {each.sheet}' if each.sheet else ''}: {each.verdict.replace('_', ' ')}. "
        f"Rows read {each.rows.read:,}, accepted {each.rows.accepted:,}, set aside {each.rows.quarantined:,}. "
        f"Errors {each.counts()['error']:,}, warnings {each.counts()['warning']:,}."
        for each in returns
    ]


def _not_shown(returns: Sequence[ReturnResult]) -> Iterator[str]:
    """What is left out of the workbook because it is too much, as sentences."""
    findings = sum(each.found.height for each in returns)
    if findings > MOST_FINDINGS:
        yield (
            f"The first {MOST_FINDINGS:,} of {findings:,} findings are listed and marked: the CSV of findings holds all."
        )
    for each in returns:
        if each.rows.read and each.source.grid is None:
            yield f"The rows of {each.file} are not shown: the file is too large."
