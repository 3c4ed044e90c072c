"""Golden pages without their stylesheet, which is 190 lines of each: a change of style is a change of the style's file alone."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

from probation_etl.reports.html import TEMPLATES

_STYLESHEETS = {
    marker: "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in marker.split(" and "))
    for marker in ("style.css", "style.css and charts.css")
}


def without_style(page: str) -> str:
    """The page with its stylesheet's name in the place of the stylesheet, and of its hash in the page's policy."""
    for marker, style in _STYLESHEETS.items():
        if f"<style>{style}</style>" in page and f"'{_hash(style)}'" in page:
            return page.replace(style, f"[{marker}]").replace(_hash(style), f"[hash of {marker}]")
    raise AssertionError("The page has none of our stylesheets, or its policy names another one.")


def with_style(golden: str) -> str:
    """The page as a browser gets it."""
    [marker] = re.findall(r"<style>\[(.*)\]</style>", golden)
    style = _STYLESHEETS[marker]
    return golden.replace(f"[{marker}]", style).replace(f"[hash of {marker}]", _hash(style))


def _hash(style: str) -> str:
    return f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}"
