"""The guide as a workbook: one sheet for each kind of thing that is said."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from math import ceil

# xlsxwriter is not typed: its classes are Any here.
from xlsxwriter import Workbook

from probation_etl.contracts.date_formats import in_words
from probation_etl.guide.model import Cell, Guide, Wrong
from probation_etl.reports.spreadsheet_text import cell_text
from probation_etl.targets.workbook_template.sheets import HEADER, TITLE, set_up_page

_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 -- workbooks know no time zones
_BODY = {"text_wrap": True, "valign": "top", "border": 1, "num_format": "@"}
_HEADER_COLOUR = "#C9D8E8"
_INVENTED = (
    "All values are invented. Those of restricted columns are shown by their shape: A for a letter, 9 for a digit."
)
_EMPTY = "(empty)"
#: Height of a line in points.
_LINE = 15
_Table = Iterable[Sequence[str]]


def guide_workbook(guide: Guide) -> bytes:
    """The bytes of the workbook, the same for the same guide. No cell is a formula."""
    target = io.BytesIO()
    with Workbook(target, {"in_memory": True}) as book:
        book.set_properties(
            {"title": guide.title, "comments": f"Made from {guide.id} {guide.version}", "created": _CREATED}
        )
        _add(book, "About", guide.title, ("What", "How"), _about(guide), (26, 90))
        _add(
            book, "Columns", "The columns, in any order" if guide.has_header else "The columns, in this order",
            ("Header", "Also written as", "What it holds", "How it is written", "Must be filled in", "Restricted"),
            _columns(guide), (24, 22, 40, 50, 14, 12),
        )  # fmt: skip
        if guide.lists:
            _add(book, "Lists", "The values of the lists", ("Header", "Write", "It means"), _lists(guide), (26, 34, 60))
        if guide.rules:
            _add(
                book, "Rules", "Rules over several columns",
                ("What is asked", "Severity", "What a report says", "What to do"),
                ((each.title, each.severity, each.message, each.hint) for each in guide.rules), (44, 10, 60, 60),
            )  # fmt: skip
        if guide.examples:
            header = [each.header for each in guide.columns]
            rows = ([_shown(cell) for cell in row] for row in guide.examples)
            _add(book, "Right", f"A return that is right. {_INVENTED}", header, rows, [20] * len(header))
        if guide.examples:
            _add(
                book, "Wrong", f"Each example breaks the one rule that is named beside it, and no other. {_INVENTED}",
                ("Column or rule", "Severity", "Example", "In its place, right", "What a report says", "What to do"),
                _wrong(guide), (28, 10, 36, 36, 46, 46),
            )  # fmt: skip
    return target.getvalue()


def _add(book: Workbook, name: str, title: str, header: Sequence[str], rows: _Table, widths: Sequence[int]) -> None:
    """A sheet with a title and a table below it that can be sorted and filtered."""
    sheet = book.add_worksheet(name)
    set_up_page(sheet)
    body, head = book.add_format(_BODY), book.add_format({**HEADER, "bg_color": _HEADER_COLOUR})
    sheet.write_string(0, 0, cell_text(title), book.add_format(TITLE))
    last = 2
    for at, (text, width) in enumerate(zip(header, widths, strict=True)):
        sheet.set_column(at, at, width)
        sheet.write_string(2, at, cell_text(text), head)
    for last, row in enumerate(rows, start=3):
        sheet.set_row(last, _LINE * _lines(row, widths))
        for at, text in enumerate(row):
            sheet.write_string(last, at, cell_text(text), body)
    sheet.freeze_panes(3, 1)
    sheet.repeat_rows(2)
    if last > 2:
        sheet.autofilter(2, 0, last, len(header) - 1)


def _lines(row: Iterable[str], widths: Iterable[int]) -> int:
    """How many lines the longest cell of a row needs: not every program finds the height of a row by itself."""
    cells = zip(row, widths, strict=True)
    return max(sum(max(1, ceil(len(line) / width)) for line in text.split("\n")) for text, width in cells)


def _about(guide: Guide) -> Iterator[tuple[str, str]]:
    found = guide.recognition
    yield "Return", guide.title
    if guide.description:
        yield "What it holds", guide.description
    yield "Who sends it", guide.sent_by
    yield "When", " ".join(guide.often) or "Nothing is agreed."
    yield "If much is wrong", " ".join(guide.limits)
    named = [found.name_form, found.name_example and f"for example {found.name_example}"]
    for what, how in (
        ("Name of the file", ", ".join(filter(None, named))),
        ("Ending of the file", " or ".join(found.endings[1:] and found.endings)),
        ("Sheet", found.sheet or ""),
        ("As text", found.text or ""),
        ("Rows", " ".join(found.rows)),
        ("Beside the file", " ".join(found.beside)),
    ):
        if how:
            yield what, how
    for line in found.cover[1] if found.cover else ():
        example = f" For example {line.example}." if line.example else ""
        yield f"Cover: {line.label}", f"{line.meaning}{example}"
    for each in guide.versions:
        first = f"from {in_words(each.first)}" if each.first else "from the beginning"
        last = f"to {in_words(each.last)}" if each.last else "to further notice"
        yield f"Version {each.version}", f"For periods that end {first} {last}.{' This guide.' if each.is_this else ''}"


def _columns(guide: Guide) -> Iterator[tuple[str, ...]]:
    for each in guide.columns:
        needed = "yes" if each.needed else "no"
        key = ", part of the key" if each.key else ""
        yield (
            each.header, ", ".join(each.synonyms), each.description, " ".join(each.written), needed + key,
            "yes" if each.restricted else "no",
        )  # fmt: skip


def _lists(guide: Guide) -> Iterator[tuple[str, str, str]]:
    for each in guide.lists:
        yield from ((each.header, value, "" if label == value else label) for value, label in each.values)


def _wrong(guide: Guide) -> Iterator[tuple[str, ...]]:
    for column in guide.columns:
        yield from (_example(column.header, each) for each in column.wrong)
    yield from (_example(rule.title, rule.wrong) for rule in guide.rules if rule.wrong)


def _example(what: str, wrong: Wrong) -> tuple[str, ...]:
    rows, right = [_line(row) for row in wrong.rows], _line(wrong.right)
    # Where the cells do not show what is wrong, it is said below them.
    told, shown = ([wrong.how], "") if not rows or right in rows else ([], right)
    return what, wrong.severity, "\n".join((*rows, *told)), shown, wrong.message, wrong.hint


def _line(row: Iterable[Cell]) -> str:
    return "; ".join(f"{cell.header}: {_shown(cell)}" for cell in row)


def _shown(cell: Cell) -> str:
    return _EMPTY if cell.text is None else cell.text
