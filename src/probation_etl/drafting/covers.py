"""Cover sheets: what their labels mean, told by what stands beside them in several files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from probation_etl.contracts.forms import ISO
from probation_etl.contracts.organisations import fold
from probation_etl.discreet import Discreet
from probation_etl.intake.parse import read_date
from probation_etl.intake.readers import BLANKS, CellKind, Grid

_FORMATS = ("dd/MM/yyyy", "d/M/yyyy", "dd.MM.yyyy", "d.M.yyyy", ISO, "MM/dd/yyyy", "M/d/yyyy")
_STARTS, _ENDS = ("start", "from", "begin", "first"), ("end", "to", "until", "last")
_WHO = ("organisation", "supplier", "provider", "library", "school", "authority", "name", "sender")


@dataclass(frozen=True)
class DraftCover(Discreet):
    """What can be said of a cover sheet.

    Attributes:
        labels: The label by its meaning, as the contract calls it, and what speaks for it.
        date_format: How dates are written there; None where all are dates of the spreadsheet.
        questions: What could not be told.
    """

    sheet: str
    labels: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    date_format: str | None = None
    questions: tuple[str, ...] = ()


def is_cover(grid: Grid) -> bool:
    """Whether a sheet has labels with what they mean beside them, and no table: two cells in a row, of different kinds."""
    pairs = _pairs(grid)
    rows = [[cell for cell in row if cell and cell.strip(BLANKS)] for row in grid.cells.head(200).iter_rows()]
    labels, values = list(pairs), list(pairs.values())
    if len(pairs) < 2 or any(len(row) > 2 for row in rows) or sum(len(row) == 2 for row in rows) != len(pairs):
        return False
    if any(_kind(label) is not CellKind.TEXT for label in labels) or len({fold(label) for label in labels}) < len(
        labels
    ):
        return False
    # Below a header, the cells of a column are of one kind.
    return (
        len({_kind(each) for each in values[1:]}) > 1 or _worded(labels[1:], ("period", *_STARTS, *_ENDS)) is not None
    )


def _pairs(grid: Grid) -> dict[str, str]:
    rows = ([cell.strip(BLANKS) for cell in row if cell and cell.strip(BLANKS)] for row in grid.cells.iter_rows())
    return {row[0].rstrip(":").strip(): row[1] for row in rows if len(row) > 1}


def _kind(text: str) -> CellKind:
    if text.isdecimal():
        return CellKind.NUMBER
    return CellKind.DATE if any(read_date(text, each) for each in _FORMATS) else CellKind.TEXT


def draft_cover(
    covers: Mapping[str, Grid], said: Mapping[str, Mapping[str, str]], rows: Mapping[str, int]
) -> DraftCover | None:
    """What a contract can say of the covers of files.

    Args:
        covers: The cover of each file, by its name.
        said: ``supplier_code`` and ``period_end`` by the name of each file, where that says it.
        rows: The number of rows of the table in each file.
    """
    if not covers:
        return None
    written = {name: _pairs(grid) for name, grid in covers.items()}
    first = next(iter(written.values()))
    common = [label for label in first if all(label in each for each in written.values())]
    cells = {label: [each[label] for each in written.values()] for label in common}
    style = _style(cells.values(), typed=any(grid.typed for grid in covers.values()))
    labels = dict(_of_senders(cells, [said.get(name, {}) for name in written], style))
    labels |= _of_rows(cells, [rows.get(name) for name in written])
    sheet = next(iter(covers.values())).sheet or ""
    questions = [f"Which label of ‘{sheet}’ stands for the end of the period?"] if "periodEnd" not in labels else []
    return DraftCover(sheet, labels, style if style != ISO else None, tuple(questions)) if labels else None


def _style(columns: Iterable[Sequence[str]], *, typed: bool) -> str:
    """The first form in which all days can be read that are no dates of the spreadsheet."""
    texts = [text for column in columns for text in column if _kind(text) is CellKind.DATE]
    written = [text for text in texts if not (typed and read_date(text, ISO))]
    return next((each for each in _FORMATS if all(read_date(text, each) for text in written)), ISO) if written else ISO


def _of_senders(
    cells: Mapping[str, Sequence[str]], said: Sequence[Mapping[str, str]], style: str
) -> Iterator[tuple[str, tuple[str, str]]]:
    files, days = len(said), {label: [_day(text, style) for text in texts] for label, texts in cells.items()}
    dated = {label: found for label, found in days.items() if all(found)}
    ends = [each.get("period_end") for each in said]
    codes = [(each.get("supplier_code") or "").casefold() for each in said]
    by_name = next((label for label, found in dated.items() if [str(day) for day in found] == ends), None)
    end = by_name or _worded(dated, _ENDS)
    if end:
        yield (
            "periodEnd",
            (end, f"as in the names of {files} of {files} files" if by_name else "told by its words alone"),
        )
    for label, found in dated.items():
        if (
            end
            and label != end
            and all(day < last for day, last in zip(found, dated[end], strict=True) if day and last)
        ):
            told = "told by its words" if _worded([label], _STARTS) else "told by its day, before the end"
            yield "periodStart", (label, told)
            break
    texts = {
        label: found for label, found in cells.items() if label not in dated and not all(map(str.isdecimal, found))
    }
    code = next(
        (label for label, found in texts.items() if any(codes) and [each.casefold() for each in found] == codes), None
    )
    if code:
        yield "supplierCode", (code, f"as in the names of {files} of {files} files")
    if name := _worded([label for label in texts if label != code], _WHO):
        lone = "" if code else "; names are looked up in the reference table organisations"
        yield "supplierName", (name, f"told by its words alone{lone}")


def _of_rows(cells: Mapping[str, Sequence[str]], rows: Sequence[int | None]) -> dict[str, tuple[str, str]]:
    """The label beside which the number of rows stands in every file, if there is one and it tells more than one number."""
    fitting = [
        label
        for label, found in cells.items()
        if all(map(str.isdecimal, found)) and [int(each) for each in found] == list(rows)
    ]
    if len(fitting) != 1 or not any(rows):
        return {}
    return {"controlRows": (fitting[0], f"the number of rows in {len(rows)} of {len(rows)} files")}


def _worded(labels: Iterable[str], words: Sequence[str]) -> str | None:
    return next((label for label in labels if set(fold(label).split()) & set(words)), None)


def _day(text: str, style: str) -> date | None:
    return read_date(text, style) or read_date(text, ISO)
