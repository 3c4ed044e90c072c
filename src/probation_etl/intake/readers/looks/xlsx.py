"""What an Office workbook (XLSX, XLSM) says of its cells besides their values: read from its parts in one more pass.

In an ordinary workbook few styles can show something else than is stored, and a sheet is searched for cells of these alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from probation_etl.discreet import Discreet
from probation_etl.intake.readers.archives import Archive
from probation_etl.intake.readers.base import Otherwise
from probation_etl.intake.readers.date_system import counts_from_1904
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits
from probation_etl.intake.readers.looks import parts
from probation_etl.intake.readers.looks.days import serial_of
from probation_etl.intake.readers.looks.places import Places, whole_rows
from probation_etl.intake.readers.looks.raised import with_raised
from probation_etl.intake.readers.looks.sheet import SheetLooks, Style
from probation_etl.intake.readers.sheet_parts import book_part, parts_by_type, pieces_of, xlsx_sheet_names

_FORMULA = rb"(?:\s*<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f>))?\s*"
_BEGIN, _VALUE = rb"<(?:\w+:)?c(?=[\s>])", rb"<(?:\w+:)?v(?:\s[^<>]*)?>"
#: Numbers of sixteen digits and more.
_LONG = rb"-?\d{16,}[^<]*|-?\d[\d.]*[eE]\+?(?:1[5-9]|[2-9]\d|\d{3,})"
_MAYBE_LONG = (re.compile(rb"<v>-?\d{16}"), re.compile(rb":v>-?\d{16}"), re.compile(rb"E\+"), re.compile(rb"e\+"))
_LONG_CELL = re.compile(rb"%b([^<>]*)>%b%b(%b)</" % (_BEGIN, _FORMULA, _VALUE, _LONG))
_STRING = re.compile(rb"%b([^<>]*)>%b%b(\d{1,9})</" % (_BEGIN, _FORMULA, _VALUE))
_INLINE = re.compile(rb"%b([^<>]*)>\s*<(?:\w+:)?is>(.*?)</(?:\w+:)?is>" % _BEGIN, re.DOTALL)
_ATTRIBUTE = re.compile(rb"""\s([\w:]+)\s*=\s*["']([^"'<>]*)["']""")
_IS_CELL = re.compile(_BEGIN)
_COLUMN = re.compile(rb"<(?:\w+:)?col(\s[^<>]*)>")
_ROW = re.compile(rb"<(?:\w+:)?row(\s[^<>]*)>")
#: How a style may be written in an unusual way, and what a sheet with something hidden has in it.
_UNUSUAL = (b"s='", b"s =", b"s= ", b"\ns=", b"\rs=", b"\ts=")
_MAYBE_HIDDEN = (b"hidden", b'ht="0', b"ht='0", b'width="0', b"width='0")
_TEXTS = (b"s", b"str", b"inlineStr")


@dataclass(frozen=True)
class Search(Discreet):
    """A search for cells of some styles: fast where the style is written as usual, else cell by cell."""

    fast: re.Pattern[bytes] | None
    slow: re.Pattern[bytes]

    @classmethod
    def of(cls, styles: list[int], after: bytes) -> Search:
        """The search for cells of some styles, and for what follows their tag."""
        named = b"|".join(b"%d" % number for number in styles)
        found = rb"""(?=[^<>]*\ss\s*=\s*["'](?:%b)["'])""" % named
        # Style 0 need not be named.
        found = rb"(?:%b|(?![^<>]*\ss\s*=))" % found if 0 in styles else found
        usual = rb' s="(?:%b)"[^<>]*>%b' % (named, after)
        return cls(None if 0 in styles else re.compile(usual), re.compile(rb"%b%b[^<>]*>%b" % (_BEGIN, found, after)))

    def cells(self, rows: bytes) -> Iterator[tuple[int, dict[bytes, bytes], bytes]]:
        """Where each cell begins, its attributes, and the value that was looked for."""
        usual = not any(form in rows for form in _UNUSUAL)
        for match in (self.fast if self.fast and usual else self.slow).finditer(rows):
            start = rows.rfind(b"<", 0, match.start() + 1)
            tag = rows[start : rows.index(b">", match.start()) + 1]
            if _IS_CELL.match(tag):
                yield start, dict(_ATTRIBUTE.findall(tag)), match[1] if match.re.groups else b""


@dataclass(frozen=True)
class Plan(Discreet):
    """What to look for in the sheets of a workbook.

    Attributes:
        styles: The styles by number.
        strings: Shared texts with raised characters.
        from_1904: Whether days are counted from 1904.
    """

    styles: list[Style]
    strings: dict[int, str] = field(default_factory=dict)
    from_1904: bool = False

    @cached_property
    def numbers(self) -> list[Search]:
        """What finds the cells with numbers that may be shown otherwise: a search for each number of decimals."""
        groups: dict[int | None, list[int]] = {}
        for number, style in enumerate(self.styles):
            if style.changes_numbers:
                groups.setdefault(style.decimals, []).append(number)
        return [Search.of(group, rb"%b%b(%b)</" % (_FORMULA, _VALUE, _values(d))) for d, group in groups.items()]

    @cached_property
    def texts(self) -> Search | None:
        """What finds the cells with texts that are shown otherwise."""
        group = [number for number, style in enumerate(self.styles) if style.changes_texts]
        return Search.of(group, rb"(?<!/>)") if group else None

    def style(self, attributes: dict[bytes, bytes]) -> Style:
        """The style of a cell."""
        number = attributes.get(b"s", b"0")
        return self.styles[int(number)] if number.isdigit() and int(number) < len(self.styles) else Style()


def _values(decimals: int | None) -> bytes:
    if decimals is None:
        return rb"[^<]*"
    return rb"-?\d*\.\d{%d}[^<]*|[^<]*[eE][^<]*|[^<]*:[^<]*" % (decimals + 1)


def looks_of_xlsx(archive: Archive, limits: Limits = DEFAULT_LIMITS) -> dict[str, SheetLooks]:
    """What is to be known of each sheet, by its name."""
    book = book_part(archive, limits)
    related = parts_by_type(archive, book, limits)
    plan = Plan(
        parts.read_styles(pieces_of(archive, related.get("styles", ""), limits)) or [Style()],
        parts.raised_strings(pieces_of(archive, related.get("sharedStrings", ""), limits)),
        counts_from_1904(archive, limits),
    )
    return {
        name: looks_of_sheet(pieces_of(archive, part, limits), plan)
        for part, name in xlsx_sheet_names(archive, limits).items()
    }


def looks_of_sheet(pieces: Iterable[bytes], plan: Plan) -> SheetLooks:
    """What is to be known of one sheet.

    Args:
        pieces: The part of the sheet, piece by piece.
        plan: What to look for.
    """
    looks, places = SheetLooks(), Places()
    for rows in whole_rows(pieces):
        places.enter(rows)
        _hidden(rows, places, looks)
        for search in plan.numbers:
            for at, attributes, value in search.cells(rows):
                _add_number(places.of(at, attributes), attributes, value, plan, looks)
        _add_texts(rows, places, plan, looks)
        if any(form.search(rows) for form in _MAYBE_LONG):
            # More digits than a spreadsheet program keeps are told whatever the format is.
            for match, attributes in _cells(rows, _LONG_CELL):
                _add_number(places.of(match.start(), attributes), attributes, match[2], plan, looks)
    return looks


def _cells(rows: bytes, form: re.Pattern[bytes]) -> Iterator[tuple[re.Match[bytes], dict[bytes, bytes]]]:
    for match in form.finditer(rows):
        yield match, dict(_ATTRIBUTE.findall(match[1]))


def _add_number(
    place: tuple[int, int], attributes: dict[bytes, bytes], raw: bytes, plan: Plan, looks: SheetLooks
) -> None:
    if (value := _number(attributes, raw, plan)) is not None:
        looks.add(*place, plan.style(attributes).of_number(value, from_1904=plan.from_1904))


def _number(attributes: dict[bytes, bytes], raw: bytes, plan: Plan) -> float | None:
    """The number in a cell; a date in ISO 8601 is one too."""
    kind = attributes.get(b"t", b"n")
    if kind not in (b"n", b"d"):
        return None
    text = raw.decode("ascii", "replace")
    if kind == b"d":
        return serial_of(text, from_1904=plan.from_1904)
    try:
        return float(text)
    except ValueError:
        return None


def _add_texts(rows: bytes, places: Places, plan: Plan, looks: SheetLooks) -> None:
    if plan.strings:
        for match, attributes in _cells(rows, _STRING):
            if attributes.get(b"t") == b"s" and (raised := plan.strings.get(int(match[2]))):
                looks.add(*places.of(match.start(), attributes), (raised, Otherwise.RAISED))
    if b"vertAlign" in rows:
        for match, attributes in _cells(rows, _INLINE):
            if raised := with_raised(parts.runs(match[2])):
                looks.add(*places.of(match.start(), attributes), (raised, Otherwise.RAISED))
    if plan.texts:
        for at, attributes, _ in plan.texts.cells(rows):
            style = plan.style(attributes)
            if style.level or attributes.get(b"t") in _TEXTS:
                looks.styled.append((*places.of(at, attributes), style))


def _hidden(rows: bytes, places: Places, looks: SheetLooks) -> None:
    if not any(form in rows for form in _MAYBE_HIDDEN):
        return
    for match in _ROW.finditer(rows):
        attributes = dict(_ATTRIBUTE.findall(match[1]))
        if _is_hidden(attributes, b"ht"):
            row = places.of_row(match.start(), attributes)
            looks.hidden_rows.append(range(row, row + 1))
    for match in _COLUMN.finditer(rows):
        attributes = dict(_ATTRIBUTE.findall(match[1]))
        first, last = attributes.get(b"min", b""), attributes.get(b"max", b"")
        if _is_hidden(attributes, b"width") and first.isdigit() and last.isdigit():
            looks.hidden_columns.append(range(int(first) - 1, int(last)))


def _is_hidden(attributes: dict[bytes, bytes], size: bytes) -> bool:
    if attributes.get(b"hidden", b"").lower() in (b"1", b"true", b"on"):
        return True
    text = attributes.get(size, b"")
    return bool(text) and not text.strip(b"0.")
