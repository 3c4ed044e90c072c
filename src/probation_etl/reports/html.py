"""What all pages share: templates, the stylesheet, and filters for the values in them.

A page is self-contained: no script, no request, one inline stylesheet that the Content-Security-Policy names by its hash.
Wording is in the templates, that of findings in the catalogue. Text from a file is hostile: the templates escape it and
pass it through ``shown``, which isolates its writing direction and makes invisible characters visible.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup, escape

from probation_etl.contracts.date_formats import in_words
from probation_etl.contracts.numbers import counted
from probation_etl.reports.not_taken import in_short

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("templates")
#: Characters of a text that a page shows.
SHOWN = 200

#: Categories of characters that are invisible or move others. Cs: bytes of a file name that are not UTF-8.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})
#: Halves of surrogate pairs that do not encode a byte of a file name.
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_CONTROLS = {"\n": "line break", "\r": "carriage return", "\t": "tab", "\0": "null"}


def render(template: str, *, styles: Iterable[str] = ("style.css",), **values: object) -> str:
    """A page from its template.

    Args:
        template: Its file among the templates.
        styles: Stylesheets, put into the page one after the other.
        values: What the template asks for.
    """
    style = "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in styles)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    safe = Markup(style)  # noqa: S704 -- our own file; escaping would change the text that was hashed
    return _environment().get_template(template).render(style=safe, digest=digest, **values)


def part(template: str, **values: object) -> str:
    """Part of a page of others, such as a notebook, from its template: without a stylesheet and without a frame."""
    return _environment().get_template(template).render(**values).strip()


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    environment.trim_blocks = environment.lstrip_blocks = environment.keep_trailing_newline = True
    for each in (shown, header, sentence, plain, day, moment, number, counted, href, in_short):
        environment.filters[each.__name__] = each
    return environment


def shown(text: object, limit: int = SHOWN, direction: str = "auto") -> Markup:
    """Any text as HTML that cannot affect the text around it; long text is cut, with its full length given."""
    whole = str(text)
    inside, taken = _seen(whole, limit)
    cut = f'<span class="cut">… ({number(len(whole))} characters)</span>' if taken < len(whole) else ""
    # Put together as it is: a page may have tens of thousands of texts.
    return Markup(f'<bdi dir="{direction}">{inside}</bdi>{cut}')  # noqa: S704 -- what is inside is escaped


def header(text: object, limit: int = 60) -> Markup:
    """The same for the header of a column: a line break becomes a space."""
    return shown(" ".join(str(text).split()), limit)


def sentence(text: str) -> Markup:
    """The same for a sentence of the program: it reads from left to right, whatever value it begins with."""
    return shown(text, limit=1000, direction="ltr")


def plain(text: object, limit: int = SHOWN) -> str:
    """The same without markup, for the title of the page."""
    return shown(text, limit).striptags()


def _seen(whole: str, limit: int) -> tuple[Markup, int]:
    """The beginning of a text, at most ``limit`` characters as shown, and how many of its own characters that is."""
    start = whole[:limit]
    # A page may have tens of thousands of texts, most of them plain.
    if start.isascii() and start.isprintable():
        return escape(start), len(start)
    parts: list[Markup] = []
    for character in start:
        name = _unseen(character)
        limit -= len(name) + 2 if name else 1
        if limit < 0:
            break
        parts.append(Markup('<span class="mark">[{}]</span>').format(name) if name else escape(character))
    return Markup("").join(parts), len(parts)


def _unseen(character: str) -> str:
    """The name of a character that is invisible or moves others; empty for any other."""
    if character == " " or unicodedata.category(character) not in _UNSEEN:
        return ""
    return _CONTROLS.get(character) or unicodedata.name(character, "").lower() or f"U+{ord(character):04X}"


def day(value: date) -> str:
    """A day as 29 November 2020."""
    return in_words(value)


def moment(value: datetime) -> str:
    """A time in UTC as 1 December 2020 at 09:00 UTC."""
    return f"{day(value)} at {value:%H:%M} UTC"


def number(value: object) -> str:
    """A number with thousands separators, a decimal without trailing zeros; anything else unchanged."""
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def href(path: str) -> str:
    """A relative path as a link that cannot be read as a scheme, a host or a query."""
    return "./" + quote(_NO_BYTE.sub("\ufffd", path), errors="surrogateescape")
