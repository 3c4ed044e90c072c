"""Report pages: one about a return for its supplier, one about a run for the department.

Pure functions from the JSON shape of results to a page that stands alone: no script, no request, one inlined
stylesheet named by its hash in the Content-Security-Policy. The wording is in the templates, that of findings
in the catalogue. What comes from a file is hostile: the templates escape it and pass it through ``shown``,
which isolates its direction of writing and makes the characters visible that nobody can see.
"""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from probation_etl.findings import CATALOGUE

TEMPLATES = Path(__file__).with_name("templates")
#: Findings of one rule that a page lists; the files beside it hold all.
LISTED = 100
#: Characters of a text that a page shows.
SHOWN = 200

#: Verdicts, those first that ask most of the reader.
_VERDICTS = ("rejected", "partly_accepted", "accepted_with_warnings", "accepted", "unchanged")
_PLACES = {"sheet": "Sheet", "row": "Row", "cell": "Cell", "column": "Column", "value": "Value"}
#: Categories of characters that are not seen or move others. Cs: bytes of a file name that are not UTF-8.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})
_CONTROLS = {"\n": "line break", "\r": "carriage return", "\t": "tab", "\0": "null"}
# Not strftime, whose names of months follow the locale.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
#: What an entry of the reconciliation may leave out.
_NOT_COUNTED = {
    "scope": "run", "in_unified": None,
    **dict.fromkeys(("provider", "period_end", "contract_id", "return_id", "status")),
    **dict.fromkeys(("control", "read", "accepted", "quarantined", "superseded", "replaced")),
}  # fmt: skip
_DEFAULTS = {
    "sheet": None,
    "period_start": None,
    "report": None,
    "loaded_by": None,
    "files": ("findings.csv", "findings.json"),
}


@dataclass(frozen=True)
class Group:
    """Findings of one rule, as a page shows them.

    Attributes:
        count: How many the summary holds.
        columns: Headers of the table's columns by key; those without anything to say are left out.
        column: The supplier's header, where all findings speak of the same one.
        findings: The first of them.
    """

    title: str
    column: str | None
    hints: tuple[str, ...]
    count: int
    columns: Mapping[str, str]
    findings: tuple[Mapping[str, Any], ...]


def render_return(summary: Mapping[str, Any]) -> str:
    """The page about one return, for its supplier, with links to the files of findings beside it.

    Args:
        summary: One entry of ``returns`` in the JSON shape of results. Where it has a true ``checked_only``,
            the page speaks of a check, not of loading.
    """
    groups = {each: _groups(summary["findings"], each) for each in ("error", "warning")}
    partial = len(summary["findings"]) < sum(summary["counts"].values())
    return render("return.html.j2", page=_with_defaults(summary), groups=groups, partial=partial)


def render_run(summary: Mapping[str, Any], *, status_page: str | None = None) -> str:
    """The page about a whole run, for the department.

    Args:
        summary: The JSON shape of results. Paths in ``report`` are relative to this page.
        status_page: Where the page stands that says who has sent what, relative to this one.
    """
    page = {"started_at": None, "reconciliation": (), "release_checks": (), "unallocated": (), **summary}
    returns = [_with_defaults(each) for each in summary["returns"]]
    returns.sort(key=lambda each: _VERDICTS.index(each["verdict"]))
    found = Counter(each["verdict"] for each in returns)
    verdicts = [(verdict, found[verdict]) for verdict in _VERDICTS if found[verdict]]
    counted = [{**_NOT_COUNTED, **each} for each in page["reconciliation"]]
    differing = [each for each in counted if each["from_returns"] != each["in_store"]]
    titles = {each["contract"]["id"]: each["contract"].get("title") for each in returns if each["contract"]}
    page["reconciliation"] = counted
    page["by_period"] = _by_period(counted)
    return render(
        "run.html.j2",
        page=page,
        returns=returns,
        verdicts=verdicts,
        differing=differing,
        titles=titles,
        status_page=status_page,
    )


def _by_period(counted: Iterable[Mapping[str, Any]]) -> dict[str, dict[tuple[str, str], dict[str, Mapping[str, Any]]]]:
    """What stands in the whole store of each provider and period: by table, then by both, then by measure."""
    found: dict[str, dict[tuple[str, str], dict[str, Mapping[str, Any]]]] = {}
    for each in counted:
        if each["scope"] == "store" and each["provider"] is not None and each["return_id"] is None:
            place = each["provider"], each["period_end"]
            found.setdefault(each["table"], {}).setdefault(place, {})[each["measure"]] = each
    return found


def _with_defaults(summary: Mapping[str, Any]) -> dict[str, Any]:
    rows = {"blank": 0, "notes": 0} | summary["rows"]
    return {**_DEFAULTS, "nil": False, "checked_only": False, **summary, "rows": rows}


def _groups(findings: Iterable[Mapping[str, Any]], severity: str) -> list[Group]:
    """Findings by rule: those of the whole file first, then the most frequent, then as they were found."""
    found: defaultdict[tuple[bool, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for each in findings:
        if each["severity"] == severity:
            found[each["row"] is not None, each["code"], each["rule"]].append(each)
    ordered = sorted(found.items(), key=lambda pair: (pair[0][0], -len(pair[1])))
    return [_group(code, members) for (_, code, _), members in ordered]


def _group(code: str, findings: list[Mapping[str, Any]]) -> Group:
    kind = CATALOGUE.get(code)
    headers = {each["column"] for each in findings}
    said = {key for each in findings for key in _PLACES if each[key] is not None}
    return Group(
        title=kind.title if kind else code,
        column=headers.pop() if len(headers) == 1 else None,
        hints=tuple(dict.fromkeys(each["hint"] for each in findings if each["hint"])),
        count=len(findings),
        columns={key: header for key, header in _PLACES.items() if key in said},
        findings=tuple(map(_listed, findings[:LISTED])),
    )


def _listed(finding: Mapping[str, Any]) -> Mapping[str, Any]:
    """The finding with a message that a long value cannot fill."""
    value = finding["value"] or ""
    if len(value) <= SHOWN:
        return finding
    return {**finding, "message": finding["message"].replace(value, f"{value[:20]}…")}


def render(template: str, *, styles: Iterable[str] = ("style.css",), **values: Any) -> str:
    """A page from its template.

    Args:
        template: Its file among the templates.
        styles: Stylesheets, put into the page one after the other.
        values: What the template asks for.
    """
    style = "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in styles)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    safe = Markup(style)  # noqa: S704 -- a file of ours; escaped, it would not be the text that was hashed
    return _environment().get_template(template).render(style=safe, digest=digest, **values)


@cache
def _environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    environment.trim_blocks = environment.lstrip_blocks = environment.keep_trailing_newline = True
    for each in (shown, sentence, plain, day, moment, number, counted, href):
        environment.filters[each.__name__] = each
    return environment


def shown(text: object, limit: int = SHOWN, direction: str = "auto") -> Markup:
    """Any text as HTML that cannot disturb what stands around it, shortened with its true length said."""
    whole = str(text)
    seen = whole[:limit]
    # Most texts are plain, and a run's page has tens of thousands.
    plain_text = seen.isascii() and seen.isprintable()
    inside = escape(seen) if plain_text else Markup("").join(_visible(character) for character in seen)
    cut = Markup('<span class="cut">… ({} characters)</span>').format(number(len(whole)))
    isolated = Markup('<bdi dir="{}">{}</bdi>{}')
    return isolated.format(direction, inside, cut if len(whole) > limit else "")


def sentence(text: str) -> Markup:
    """The same for a sentence of ours: it reads from left to right, whatever value it begins with."""
    return shown(text, limit=1000, direction="ltr")


def plain(text: object, limit: int = SHOWN) -> str:
    """The same without elements, for the title of the page."""
    return shown(text, limit).striptags()


def _visible(character: str) -> Markup:
    """The character, or its name in a mark where it would not be seen or would move others."""
    if character == " " or unicodedata.category(character) not in _UNSEEN:
        return escape(character)
    named = _CONTROLS.get(character) or unicodedata.name(character, "").lower() or f"U+{ord(character):04X}"
    return Markup('<span class="mark">[{}]</span>').format(named)


def day(iso: str) -> str:
    """``2020-11-29`` as 29 November 2020."""
    read = date.fromisoformat(iso[:10])
    return f"{read.day} {_MONTHS[read.month - 1]} {read.year}"


def moment(iso: str) -> str:
    """``2020-12-01T09:00:00Z`` as 1 December 2020 at 09:00 UTC."""
    return f"{day(iso)} at {datetime.fromisoformat(iso):%H:%M %Z}"


def number(value: object) -> str:
    """A number with its thousands set apart; anything else as it is."""
    return f"{value:,}" if isinstance(value, int | float | Decimal) else str(value)


def counted(count: int, noun: str) -> str:
    """``1 row``, ``1,234 rows``."""
    return f"{number(count)} {noun}" if count == 1 else f"{number(count)} {noun}s"


def href(path: str) -> str:
    """A relative path as a link that cannot be taken for a scheme, a host or a query."""
    return "./" + quote(path, errors="surrogateescape")
