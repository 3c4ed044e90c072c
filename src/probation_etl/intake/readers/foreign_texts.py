"""Names texts that are no tables: web pages, XML, JSON, e-mails.

A text is taken for something else only where more than its first character says so, since a header may begin with ``{`` or
``<``.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator

_HEAD, _TAIL, _WHOLE_JSON = 65_536, 1_024, 20_000_000

#: What to do instead.
SAVE_AS = "Open it in Excel, use Save As, Excel Workbook (.xlsx), and send that."
ITSELF = "Send the workbook or the CSV file itself."
COPY = "Copy its table into a workbook and send that."
UNPACK = "Unpack it, and send each workbook or CSV file by itself."
EXPORT = "Export the table as CSV or as a workbook, and send that."
ATTACHED = "Save the file that is attached to it, and send that."
AGAIN = "Download the file again, once you are signed in, and look into it before you send it."

_PROLOG = re.compile(
    r"\s*+(?:<\?.*?\?>\s*+|<!--.*?-->\s*+|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>\s*+)*", re.DOTALL | re.IGNORECASE
)
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]*)")
_HTML_TAGS = (
    "html",
    "head",
    "body",
    "table",
    "meta",
    "title",
    "div",
    "script",
    "style",
    "form",
    "link",
    "font",
    "p",
    "br",
)
_HTML_ENDS = re.compile(r"</(?:html|head|body|table|tr|td|th|title|script|style|form|div|p)\s*>", re.IGNORECASE)
_SIGN_IN = re.compile(
    r"type\s*=\s*[\"']?password|<title>[^<]*(?:sign|log)[\s-]*(?:in|on)\b|<form[^>]*(?:log-?in|sign-?in|log-?on|saml|oauth)",
    re.IGNORECASE,
)
_JSON = re.compile(r"\s*(?:\[\s*)*\{\s*\"(?:[^\"\\\n]|\\.)*\"\s*:")
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]*):(?:[ \t]|$)")
#: Fields that nothing but an e-mail has; and those that a table may have above its header too.
_OF_MAIL = frozenset((
    "mime-version", "received", "return-path", "message-id", "content-type", "delivered-to", "dkim-signature",
    "authentication-results", "thread-topic", "x-mailer",
))  # fmt: skip
_COMMON = frozenset(("from", "to", "cc", "subject", "date", "sent", "reply-to", "sender"))


def foreign_text(data: bytes) -> tuple[str, str] | None:
    """What a text is, and what to do; None where it may be a table."""
    head = _decoded(data[:_HEAD]).lstrip("\ufeff \t\r\n")
    if head.startswith("<"):
        return _by_markup(head, _decoded(data[-_TAIL:]))
    if head.startswith(("{", "[")):
        return ("JSON", EXPORT) if _is_json(head, data) else None
    return _by_mail_fields(head)


def _decoded(part: bytes) -> str:
    """A part of a file as text, as far as it matters here."""
    wide = part.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if wide:
        return part[: len(part) // 2 * 2].decode("utf-16", "replace")
    text = part.removeprefix(codecs.BOM_UTF8).decode("latin-1")
    return text.replace("\0", "")


def _by_markup(head: str, tail: str) -> tuple[str, str] | None:
    prolog = _PROLOG.match(head)
    start = prolog.end() if prolog else 0
    root = _ROOT.match(head, start)
    name = root[1].rpartition(":")[2].lower() if root else ""
    declared = head[:start].lower()
    if "<!doctype html" in declared or (name in _HTML_TAGS and (_HTML_ENDS.search(head) or _HTML_ENDS.search(tail))):
        return _page(head)
    if root is None and "<?xml" not in declared:
        return None
    if "office:spreadsheet" in head or 'progid="Excel.Sheet"' in head:
        return "an XML Spreadsheet 2003", SAVE_AS
    if "opendocument:xmlns:office" in head and "opendocument.spreadsheet" in head:
        return "a flat OpenDocument spreadsheet", SAVE_AS
    if name == "svg":
        return "a picture", ITSELF
    closes = root is not None and f"</{root[1]}>" in tail
    return ("an XML document", EXPORT) if "<?xml" in declared or "xmlns" in head[:2_000] or closes else None


def _page(head: str) -> tuple[str, str]:
    """What an HTML file is."""
    if _SIGN_IN.search(head):
        return "a web page, perhaps a sign-in page", AGAIN
    if re.search(r"<table\b", head, re.IGNORECASE):
        return "a web page (HTML) with a table", SAVE_AS
    return "a web page (HTML)", AGAIN


def _is_json(head: str, data: bytes) -> bool:
    """Whether it is JSON as a whole or in its first lines, or begins as nothing else does."""
    lines = [line for line in head.splitlines() if line.strip()][:3]
    whole = data.removeprefix(codecs.BOM_UTF8) if len(data) <= _WHOLE_JSON else b""
    return bool(_JSON.match(head)) or _parses(whole) or (len(lines) > 1 and all(map(_parses, lines)))


def _parses(text: str | bytes) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False


def _by_mail_fields(head: str) -> tuple[str, str] | None:
    fields = set(_fields(head))
    if len(fields & _OF_MAIL) + len(fields & _COMMON) > 1 and fields & _OF_MAIL:
        is_archive = "multipart/related" in head[:4_000] and "to" not in fields
        return ("a web archive (MHTML)", SAVE_AS) if is_archive else ("an e-mail", ATTACHED)
    return ("an e-mail", ATTACHED) if {"from", "sent", "subject"} <= fields else None


def _fields(head: str) -> Iterator[str]:
    """Names of the fields at the top of a text, as they stand above an e-mail."""
    for number, line in enumerate(head.splitlines()[:60]):
        field = _FIELD.match(line)
        if field:
            yield field[1].lower()
        elif not line.startswith((" ", "\t")) and not (number == 0 and line.startswith("From ")):
            return
