"""Makes pages of another library self-contained: they ask no other host, run nothing, and can be read from a folder.

The library's pages fetch scripts, styles, fonts and pictures from five hosts, which would learn who reads them and when, and
could change what is shown. Text, tables and links between the pages are kept; a small stylesheet makes them readable.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from html import escape
from html.parser import HTMLParser
from pathlib import Path

from probation_etl.files import write_file

#: Left out with everything in them, and left out alone.
_WITH_CONTENT = frozenset(
    ("button", "form", "iframe", "noscript", "object", "script", "select", "style", "svg", "template")
)
_ALONE = frozenset(("base", "embed", "img", "input", "link", "meta", "source"))
_VOID = frozenset(("br", "col", "hr", "wbr"))
_KEPT_ATTRIBUTES = frozenset(("class", "colspan", "href", "id", "lang", "rowspan", "scope", "title"))
#: An address with a host or a scheme: what is left are places in the page and pages beside it.
_ELSEWHERE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:|//|\\)", re.IGNORECASE)
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:70rem;margin:1rem auto;padding:0 1rem;color:#0b0c0c}"
    "table{border-collapse:collapse}td,th{border:1px solid #b1b4b6;padding:.3rem .6rem;text-align:left;vertical-align:top}"
    ".failed{color:#942514;font-weight:bold}ul{padding-left:1.5rem}"
)
_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEAD = (
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; "
    f"form-action 'none'\"><style>{_STYLE}</style>"
)


def make_self_contained(directory: Path) -> None:
    """Rewrites every page below a directory.

    Raises:
        OSError: One cannot be written.
    """
    for path in sorted(directory.rglob("*.html")):
        write_file(path, self_contained(path.read_text(encoding="utf-8")))


def self_contained(page: str) -> str:
    """A page without anything that would be fetched or run."""
    writer = _Writer()
    writer.feed(page)
    writer.close()
    return f"<!DOCTYPE html>\n{''.join(writer.written)}"


class _Writer(HTMLParser):
    """Writes again what it reads, but for what is left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.written: list[str] = []
        self._left_out: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._left_out or tag in _WITH_CONTENT:
            self._left_out += [tag] if tag in _WITH_CONTENT else []
        elif tag not in _ALONE:
            kept = "".join(f' {name}="{escape(value or "")}"' for name, value in attrs if _may_stay(name, value))
            self.written.append(f"<{tag}{kept}>{_HEAD if tag == 'head' else ''}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _WITH_CONTENT:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._left_out:
            if tag == self._left_out[-1]:
                self._left_out.pop()
        elif tag not in _ALONE and tag not in _VOID:
            self.written.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._left_out:
            self.written.append(escape(data, quote=False))


def _may_stay(name: str, value: str | None) -> bool:
    return name in _KEPT_ATTRIBUTES and not (name == "href" and _ELSEWHERE.match(value or ""))
