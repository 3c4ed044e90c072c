"""The report pages: what they say, that they hold together, and that nothing in a return can disturb them."""

import re
from base64 import b64encode
from datetime import date, datetime
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import pytest

from from_json import activity_exception, return_report, run_report, status_line, status_report
from probation_etl.contracts.findings import CATALOGUE
from probation_etl.reports.html import TEMPLATES, day, href, moment, shown
from probation_etl.reports.return_page import render_return
from probation_etl.reports.run_page import render_run
from probation_etl.status.page import exception_in_words, headline, notes, remarks, render_status, timing

VOID = {"meta", "br"}
ELEMENTS = set(
    re.findall(
        r"\w+",
        "html head meta title style body a header main footer p div section h1 h2 h3 ul ol li dl dt dd strong span "
        "bdi code details summary table caption thead tbody tr th td br",
    )
)
LINKS = {"findings.csv", "findings.json"}
HOSTILE = (
    "<script>alert(1)</script>",
    "</table></main>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>",
    "</title><script>",
    "{{ 7 * 7 }}{% raw %}",
    "abc\u202edcba\u202c\u2066x",
    "line\nbreak\ttab\0null\x1b[31m\x85",
    "byte \udcff of no character",
    "&lt;script&gt; &amp;",
    "x" * 32_767,
)


def return_page(document: dict[str, Any]) -> str:
    return render_return(return_report(document))


def run_page(document: dict[str, Any], **more: Any) -> str:
    return render_run(run_report(document), **more)


def status_page(document: dict[str, Any], **more: Any) -> str:
    return render_status(status_report(document), **more)


class Page(HTMLParser):
    """A page read strictly: every element closed in order, and what is in it by element."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute occurs twice in {tag}"
        self.elements.append((tag, dict(attrs)))
        self.texts.setdefault(tag, []).append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.texts[tag][-1] += data

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, tag: str = "main") -> str:
        return " ".join(" ".join(self.texts.get(tag, ())).split())


def finding(code: str = "not-in-list", row: int | None = 17, **other: Any) -> dict[str, Any]:
    return {
        "code": code,
        "rule": f"order_type|{code}",
        "severity": "error",
        "file": "C08.xlsx",
        "sheet": "Breaches",
        "row": row,
        "column": "Order type",
        "cell": None if row is None else f"D{row}",
        "value": "Licence",
        "message": "‘Licence’ is not one of: Community order.",
        "hint": "Use a value of the list.",
        **other,
    }


def a_return(*findings: dict[str, Any], **other: Any) -> dict[str, Any]:
    severities = [each["severity"] for each in findings]
    return {
        "file": "C08_return_2020-11-29.xlsx",
        "sheet": "Breaches",
        "contract": {"id": "crc-breaches", "version": "1.0.0", "title": "CRC breaches return"},
        "supplier": {"code": "C08", "name": "Derbyshire and Rutland CRC"},
        "period_start": "2020-11-16",
        "period_end": "2020-11-29",
        "verdict": "partly_accepted" if findings else "accepted",
        "rows": {"read": 120, "accepted": 118, "quarantined": 2, "blank": 1, "notes": 1},
        "nil": False,
        "counts": {each: severities.count(each) for each in ("error", "warning")},
        "findings": list(findings),
        "findings_shown": len(findings),
        "report": "C08/crc-breaches-2020-11-29/index.html",
        "loaded_by": None,
        **other,
    }


def a_run(*returns: dict[str, Any], **other: Any) -> dict[str, Any]:
    return {
        "format_version": "1",
        "run_id": "20201201T090000-ab12cd",
        "verdict": "accepted",
        "started_at": "2020-12-01T09:00:00Z",
        "returns": list(returns),
        "reconciliation": [],
        "release_checks": [],
        "unallocated": [],
        "exit_code": 0,
        **other,
    }


def rows(read: int, quarantined: int = 0) -> dict[str, int]:
    return {
        "read": read,
        "accepted": read - quarantined,
        "quarantined": quarantined,
        "blank": 0,
        "notes": 0,
    }


def check(table: str = "caseload", *, passed: bool = True, name: str = "grade|required") -> dict[str, Any]:
    return {"table": table, "check": name, "passed": passed, "detail": "expected a value in every row"}


def a_line(**other: Any) -> dict[str, Any]:
    """A line of the status."""
    came = {"on": "2020-12-02", "state": "accepted", "file": "C08.xlsx", "return_id": "r1"}
    return {
        "supplier_code": "C08",
        "supplier_name": "Derbyshire and Rutland CRC",
        "contract_id": "crc-breaches",
        "title": "CRC breaches return",
        "period_end": "2020-11-29",
        "state": "accepted",
        "due": "2020-12-04",
        "received": "2020-12-02",
        "working_days_late": 0,
        "correction": False,
        "off_cycle": False,
        "rows_unallocated": 0,
        "rows_read": 9,
        "rows_accepted": 9,
        "rows_quarantined": 0,
        "file": "C08.xlsx",
        "sheet": None,
        "arrivals": [came],
        **other,
    }


def an_exception(**other: Any) -> dict[str, Any]:
    own = {"median": 14, "low": 6.5, "high": 24.4, "count": 20}
    place = {"table": "weekly_breaches", "measure": "logged", "area": {"provider_code": "C05", "region_code": None}}
    return {**place, "period": "2020-11-22", "value": 1041, "side": "high", "own": own, "peers": None, **other}


def a_picture(*lines: dict[str, Any], **other: Any) -> dict[str, Any]:
    return {"on": "2020-12-06", "begun": "2020-11-01", "returns": list(lines), "silent": [], "exceptions": [], **other}


def hostile_pages() -> list[str]:
    findings = [
        finding(**dict.fromkeys(("sheet", "column", "value", "message", "hint", "rule"), text)) for text in HOSTILE
    ]
    returns = [
        a_return(
            *findings,
            file=text,
            sheet=text,
            supplier={"code": text, "name": text},
            contract={"id": text, "version": text, "title": text},
            report=text,
            loaded_by=text,
        )
        for text in HOSTILE
    ]
    checks = [
        {"table": text, "check": text, "passed": passed, "detail": text} for text in HOSTILE for passed in (True, False)
    ]
    totals = [{"table": text, "measure": text, "from_returns": 1, "in_store": 1} for text in HOSTILE]
    unallocated = [{"table": text, "rows": 1} for text in HOSTILE]
    exceptions = [an_exception(table=text, measure=text, area={text: text}) for text in HOSTILE]
    state = {"run_id": HOSTILE[0], "released_at": "2020-12-01T09:00:00Z"}
    run = a_run(
        *returns, release_checks=checks, reconciliation=totals, unallocated=unallocated, exceptions=exceptions,
        released=False, release=state, data_docs=HOSTILE[0],
    )  # fmt: skip
    lines = [a_line(supplier_code=text, supplier_name=text, title=text, contract_id=text) for text in HOSTILE]
    lost = [a_line(supplier_code=None, file=text, sheet=text) for text in HOSTILE]
    picture = a_picture(*lines, *lost, exceptions=exceptions)
    return [*map(return_page, returns), run_page(run), status_page(picture)]


def pages() -> list[str]:
    many = [finding(row=row) for row in range(2, 150)]
    warning = finding("unexpected-column", None, severity="warning", value=None, column=None)
    full = a_run(
        a_return(*many),
        a_return(loaded_by="r1", verdict="unchanged", report=None),
        reconciliation=[{"table": "breach", "measure": "rows", "from_returns": 1, "in_store": 2}],
        release_checks=[check(), check("breach"), check(passed=False)],
        unallocated=[{"table": "caseload", "rows": 4}],
    )
    returns = (a_return(), a_return(*many, warning), a_return(contract=None, supplier=None))
    return [*map(return_page, returns), run_page(full), run_page(a_run()), *status_pages(), *hostile_pages()]


def status_pages() -> list[str]:
    line = a_line(state="missing", arrivals=[], working_days_late=3, received=None)
    full = a_picture(a_line(), line, a_line(period_end="2020-12-13"), a_line(supplier_code=None))
    return [
        status_page(a_picture()),
        status_page(full, run_page="index.html"),
        run_page(a_run(), status_page="s.html"),
    ]


@pytest.fixture(scope="module", params=range(len(pages())))
def page(request: pytest.FixtureRequest) -> str:
    return pages()[request.param]


def test_every_page_is_well_formed_and_of_a_fixed_set_of_elements(page: str) -> None:
    read = Page(page)
    assert {tag for tag, _ in read.elements} <= ELEMENTS
    assert not {name for _, attributes in read.elements for name in attributes if name.startswith("on")}
    assert not {name for _, attributes in read.elements for name in attributes} & {"style", "src"}
    assert page.encode()


def test_the_policy_allows_the_one_stylesheet_and_nothing_else(page: str) -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    (policy,) = (each for each in Page(page).attributes("meta") if "http-equiv" in each)
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert str(policy["content"]).startswith(f"default-src 'none'; style-src 'sha256-{digest}'")
    assert style == (TEMPLATES / "style.css").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|https?:", style)


def test_every_page_keeps_the_habits_of_accessible_pages(page: str) -> None:
    read = Page(page)
    assert page.startswith("<!DOCTYPE html>\n")
    assert read.attributes("html") == [{"lang": "en-GB"}]
    assert [len(read.attributes(tag)) for tag in ("h1", "title", "header", "main", "footer")] == [1] * 5
    assert read.attributes("a")[0] == {"class": "skip", "href": "#main"}
    assert len(read.attributes("table")) == len(read.attributes("caption"))
    assert all("scope" in each for each in read.attributes("th"))
    regions = [each for each in read.attributes("div") if each.get("class") == "scroll"]
    assert len(regions) == len(read.attributes("table"))
    assert all(each["tabindex"] == "0" and each["role"] == "region" for each in regions)


def test_every_reference_inside_a_page_has_its_target_once(page: str) -> None:
    elements = Page(page).elements
    targets = [attributes["id"] for _, attributes in elements if "id" in attributes]
    used = {attributes["aria-labelledby"] for _, attributes in elements if "aria-labelledby" in attributes}
    local = {str(each["href"])[1:] for each in Page(page).attributes("a") if str(each["href"])[0] == "#"}
    assert len(set(targets)) == len(targets)
    assert used | local <= set(targets)


def test_headings_leave_out_no_level(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in Page(page).elements if re.fullmatch(r"h[1-6]", tag)]
    assert all(next_ <= level + 1 for level, next_ in pairwise(levels))


def test_links_lead_nowhere_but_beside_the_page(page: str) -> None:
    links = {str(each["href"]) for each in Page(page).attributes("a")}
    assert all(each[0] == "#" or each in LINKS or each.startswith("./") for each in links)


def test_no_character_that_moves_others_is_on_a_page(page: str) -> None:
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", page)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_value_is_shown_as_it_is(text: str) -> None:
    read = Page(str(shown(text, limit=40_000)))
    names = {"\u202e": "right-to-left override", "\u202c": "pop directional formatting", "\n": "line break"}
    names |= {
        "\u2066": "left-to-right isolate",
        "\t": "tab",
        "\0": "null",
        "\x1b": "U+001B",
        "\x85": "U+0085",
    }
    names |= {"\udcff": "U+DCFF"}
    assert "".join(read.texts["bdi"]) == "".join(f"[{names[each]}]" if each in names else each for each in text)


def test_a_value_keeps_its_own_direction_and_a_message_that_of_english() -> None:
    page = return_page(a_return(finding(value="مرحبا", message="‘مرحبا’ is not one of: x.")))
    assert '<code><bdi dir="auto">مرحبا</bdi></code>' in page
    assert '<bdi dir="ltr">‘مرحبا’ is not one of: x.</bdi>' in page


def test_a_long_value_is_shortened_and_its_true_length_said() -> None:
    value = "x" * 32_767
    page = return_page(a_return(finding(value=value, message=f"‘{value}’ is not a number.")))
    assert "… (32,767 characters)" in page
    assert "‘xxxxxxxxxxxxxxxxxxxx…’ is not a number." in page
    assert page.count("x" * 200) == 1
    assert "x" * 201 not in page


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("C08/a b/index.html", "./C08/a%20b/index.html"),
        ('C08/"x"\'/index.html', "./C08/%22x%22%27/index.html"),
        ("a?b#c%20.html", "./a%3Fb%23c%2520.html"),
        ("javascript:alert(1)", "./javascript%3Aalert%281%29"),
        ("//example.org/x", ".///example.org/x"),
        ("é\udcff.html", "./%C3%A9%FF.html"),
    ],
)
def test_a_path_becomes_a_relative_link(path: str, link: str) -> None:
    assert href(path) == link
    assert unquote(link, errors="surrogateescape") == "./" + path
    assert Page(run_page(a_run(a_return(report=path)))).attributes("a")[1]["href"] == link


def test_half_a_character_in_a_file_name_has_no_link_and_breaks_nothing() -> None:
    assert href("a\ud800b/index.html") == "./a%EF%BF%BDb/index.html"


def test_dates_are_written_as_people_write_them() -> None:
    assert day(date(2020, 11, 29)) == "29 November 2020"
    assert day(date(2021, 6, 1)) == "1 June 2021"
    assert moment(datetime(2020, 12, 1, 9, 5, 59)) == "1 December 2020 at 09:05 UTC"


@pytest.mark.parametrize(
    ("other", "headline", "words"),
    [
        ({"verdict": "accepted", "rows": rows(120)}, "Return accepted", "All 120 rows were loaded. What happens next You do not need"),
        ({"verdict": "accepted", "rows": rows(1)}, "Return accepted", "The only row was loaded."),
        ({"verdict": "accepted", "rows": rows(0), "nil": True}, "Nil return accepted", "nothing to report for this period"),
        (
            {"verdict": "accepted_with_warnings", "rows": rows(9), "counts": {"error": 0, "warning": 1}},
            "Return accepted with warnings",
            "All 9 rows were loaded. What happens next Check the warning on this page.",
        ),
        (
            {"verdict": "partly_accepted", "rows": rows(120, 2)},
            "Return partly accepted",
            "118 of 120 rows were loaded. 2 rows have errors and were set aside. What happens next Correct the 2 rows in your file.",
        ),
        (
            {"verdict": "partly_accepted", "rows": rows(2, 1)},
            "Return partly accepted",
            "1 of 2 rows was loaded. 1 row has errors and was set aside. What happens next Correct the row in your file.",
        ),
        (
            {"verdict": "partly_accepted", "rows": rows(2, 2)},
            "Return partly accepted",
            "None of the 2 rows was loaded. 2 rows have errors",
        ),
        (
            {"verdict": "rejected", "rows": rows(1_200, 1_200)},
            "Return rejected",
            "None of the 1,200 rows was loaded. What happens next Put right the errors in your file.",
        ),
        ({"verdict": "rejected", "rows": rows(0)}, "Return rejected", "No rows were loaded. What happens next Put right"),
        (
            {"verdict": "unchanged", "loaded_by": "run-7"},
            "Return already received",
            "dealt with in the run run-7. Nothing was changed",
        ),
    ],
)  # fmt: skip
def test_the_page_says_what_happened_and_what_to_do(other: dict[str, Any], headline: str, words: str) -> None:
    read = Page(return_page(a_return(**other)))
    assert read.text("h1") == headline
    assert read.text("title").startswith(f"{headline}: CRC breaches return, C08, 29 November 2020")
    assert words in read.text()


@pytest.mark.parametrize("verdict", ["accepted", "accepted_with_warnings", "partly_accepted", "rejected"])
def test_a_check_is_never_called_loading(verdict: str) -> None:
    findings = () if verdict == "accepted" else (finding(),)
    text = Page(return_page(a_return(*findings, verdict=verdict, checked_only=True))).text()
    assert "This was a check only: nothing was loaded." in text
    assert text.count("loaded") == 1
    assert "send the whole return" not in text


def test_the_page_says_whose_return_it_is() -> None:
    text = Page(return_page(a_return())).text()
    for words in (
        "Supplier Derbyshire and Rutland CRC (C08)",
        "Period 16 November 2020 to 29 November 2020",
        "File C08_return_2020-11-29.xlsx",
        "Sheet Breaches",
        "Contract crc-breaches, version 1.0.0",
        "Rows read 120 Rows accepted 118 Rows set aside 2 Errors 0 Warnings 0",
        "1 blank row and 1 row with a note",
        "No errors or warnings were found.",
    ):
        assert words.replace(" ", "") in text.replace(" ", "")


def test_what_is_not_known_is_marked_as_not_known() -> None:
    nobody = a_return(supplier=None, contract=None, period_start=None, period_end=None, sheet=None)
    text = Page(return_page(nobody)).text()
    assert text.count("Not known") == 2
    assert "Not recognised" in text
    assert "Sheet" not in text


def test_findings_stand_by_rule_the_file_first_then_the_most_frequent() -> None:
    findings = (
        finding("not-a-date", 3),
        finding("not-in-list", 4),
        finding("wrong-length", 5, severity="warning"),
        finding("not-in-list", 6),
        finding("control-total", None, column=None),
        finding("unexpected-column", None, severity="warning", column="Notes"),
    )
    read = Page(return_page(a_return(*findings)))
    assert read.texts["h3"] == [
        "Control total does not agree",
        "Not in the list: Order type",
        "Not a date: Order type",
        "Column is not part of the return: Notes",
        "Wrong length: Order type",
    ]
    assert [each for each in read.texts["h2"] if "err" in each or "warn" in each] == [
        "4 errors to put right",
        "2 warnings to check",
    ]


SENTENCES = ("row-rule", "table-rule", "cross-return-rule")


@pytest.mark.parametrize("code", [code for code in CATALOGUE if code not in SENTENCES])
def test_every_kind_of_finding_has_its_title_and_hint(code: str) -> None:
    read = Page(return_page(a_return(finding(code, hint="Do this."))))
    assert read.texts["h3"] == [f"{CATALOGUE[code].title}: Order type"]
    assert "How to put it right: Do this." in read.text()


@pytest.mark.parametrize("code", SENTENCES)
def test_what_the_contract_says_in_a_sentence_is_the_heading(code: str) -> None:
    said = finding(code, message="The loan ended before it began.")
    assert Page(return_page(a_return(said))).texts["h3"] == ["The loan ended before it began"]
    others = [finding(code, message=f"Here: {count}; there: 7.") for count in (5, 6)]
    read = Page(return_page(a_return(*others)))
    assert read.texts["h3"] == [f"{CATALOGUE[code].title}: Order type"]
    assert "Here: 5; there: 7." in read.texts["td"]


def test_a_code_of_a_later_version_is_shown_as_it_is() -> None:
    assert "brand-new: Order type" in Page(return_page(a_return(finding("brand-new")))).texts["h3"]


def test_the_table_says_where_each_finding_is() -> None:
    read = Page(return_page(a_return(finding(), finding(row=19, value="Bail", message="‘Bail’ is not one of: x."))))
    assert read.texts["caption"][0].split() == [
        "Where",
        "to",
        "look",
        "in",
        "sheet",
        "Breaches:",
        "Not",
        "in",
        "the",
        "list:",
        "Order",
        "type",
    ]
    assert read.texts["th"][:6] == ["Row", "Cell", "Value", "What is wrong", "17", "19"]
    assert read.texts["td"][:6] == [
        "D17", "Licence", "‘Licence’ is not one of: Community order.", "D19", "Bail", "‘Bail’ is not one of: x.",
    ]  # fmt: skip


def test_what_all_findings_of_a_rule_have_in_common_is_shown_once() -> None:
    read = Page(return_page(a_return(finding(), finding(row=18))))
    assert "What is wrong: ‘Licence’ is not one of: Community order." in read.text()
    assert "What is wrong" not in read.texts["th"]
    assert "Sheet" not in read.texts["th"]


def test_columns_without_anything_to_say_are_left_out() -> None:
    csv = return_page(a_return(finding(sheet=None, cell=None), finding(sheet=None, cell=None, value=None)))
    assert Page(csv).texts["th"][:2] == ["Row", "Value"]
    assert "empty" in Page(csv).texts["td"]


def test_a_line_break_in_a_header_is_a_blank() -> None:
    page = Page(return_page(a_return(finding(column="Logged with\n court"))))
    assert page.texts["h3"] == ["Not in the list: Logged with court"]


def test_long_lists_are_cut_with_the_true_count_and_folded() -> None:
    read = Page(return_page(a_return(*(finding(row=row) for row in range(2, 1236)))))
    assert "The first 100 of 1,234 are shown; findings.csv lists all." in read.text()
    assert sum(str(each.get("id")).startswith("error-1-") for each in read.attributes("tr")) == 100
    assert len(read.attributes("details")) == 2


@pytest.mark.parametrize(("count", "folded"), [(10, 1), (11, 2)])
def test_lists_of_more_than_ten_are_folded(count: int, folded: int) -> None:
    read = Page(return_page(a_return(*(finding(row=row) for row in range(1, count + 1)))))
    assert read.texts["summary"][-1] == "Show the errors by row"
    assert len(read.attributes("details")) == folded


def test_many_rules_share_the_room_of_a_page() -> None:
    findings = [finding(rule=f"order_type|{rule}", row=row) for rule in range(400) for row in range(1, 9)]
    read = Page(return_page(a_return(*findings)))
    listed = [str(each["id"]) for each in read.attributes("tr") if "id" in each]
    assert len(listed) == 400 * 5
    assert "The first 5 of 8 are shown" in read.text()


def test_errors_stand_by_row_too_and_lead_to_their_line() -> None:
    findings = (
        finding(row=9),
        finding("not-a-date", 4, column="Heard on"),
        finding("not-a-date", 9, column="Heard on"),
    )
    read = Page(return_page(a_return(*findings)))
    assert read.texts["th"][-2:] == ["4", "9"]
    links = {str(each["href"]) for each in read.attributes("a")}
    lines = {f"#{each['id']}" for each in read.attributes("tr") if "id" in each}
    assert lines == {"#error-1-1", "#error-1-2", "#error-2-1"} <= links


def test_the_contract_is_named_with_its_rule_and_what_it_asks() -> None:
    rules = [{"severity": "error", "code": "not-in-list", "rule": "order_type|not-in-list", "count": 3, "column": "Order type",
              "row": 17, "cell": "D17", "title": "Not in the list", "provision": "‘Order type’ is one of: x; y."}]  # fmt: skip
    text = Page(return_page(a_return(finding(), rules=rules))).text()
    assert "The contract asks: ‘Order type’ is one of: x; y." in text
    assert "Rule order_type|not-in-list of crc-breaches, version 1.0.0." in text


def test_the_counts_of_rules_are_those_of_all_findings_shown_or_not() -> None:
    common = {
        "severity": "error",
        "column": "Order type",
        "row": 2,
        "cell": None,
        "title": "Not a date",
        "provision": None,
    }
    rules = [
        {**common, "code": "not-a-date", "rule": "heard_on|type", "count": 4_000},
        {**common, "code": "not-in-list", "rule": "order_type|not-in-list", "count": 7},
    ]
    read = Page(return_page(a_return(finding(), rules=rules, counts={"error": 4_007, "warning": 0})))
    assert read.texts["h3"] == ["Not a date: Order type", "Not in the list: Order type"]
    assert "4,000 errors" in read.text()
    assert "7 errors" in read.text()
    assert "They are not shown here; findings.csv lists all." in read.text()
    assert "At least" not in read.text()


@pytest.mark.parametrize(
    ("masked", "value", "said"), [(True, "A999", True), (True, None, False), (False, "A999", False)]
)
def test_the_page_says_that_values_are_masked_where_they_are(masked: bool, value: str | None, said: bool) -> None:
    rules = [{"severity": "error", "code": "not-in-list", "rule": "order_type|not-in-list", "count": 1, "column": "Order type",
              "row": 17, "cell": "D17", "title": "Not in the list", "provision": None, "masked": masked}]  # fmt: skip
    text = Page(return_page(a_return({**finding(), "value": value}, rules=rules))).text()
    assert ("each letter is shown as A and each digit as 9. Your file has the real values." in text) is said


def test_no_page_promises_more_than_it_lists() -> None:
    for verdict in ("partly_accepted", "rejected"):
        assert "every error" not in Page(return_page(a_return(finding(), verdict=verdict))).text()


@pytest.mark.parametrize("verdict", ["partly_accepted", "rejected"])
def test_the_page_says_by_when_and_that_a_correction_replaces_the_whole(verdict: str) -> None:
    text = Page(return_page(a_return(finding(), verdict=verdict, due="2020-12-04"))).text()
    assert "Send the whole return again" in text
    assert "a corrected return replaces the earlier one as a whole" in text
    assert "The return is due by 4 December 2020. If that day has passed, send it as soon as you can." in text
    undated = Page(return_page(a_return(finding(), verdict=verdict))).text()
    assert "due by" not in undated
    assert "Send it as soon as you can." in undated


def compared(fixed: int = 2, remaining: tuple[int, ...] = (0,), new: tuple[int, ...] = (1,)) -> dict[str, Any]:
    rule = {"code": "not-in-list", "rule": "order_type|not-in-list", "severity": "error", "title": "Not in the list"}
    gone = {**rule, "code": "not-a-date", "rule": "heard_on|type", "title": "Not a date"}
    was = {
        "code": "not-a-date",
        "message": "‘x’ is not a date.",
        "rule": "heard_on|type",
        "severity": "error",
        "row": 5,
    }
    return {
        "corrects": {"return_id": "r", "run_id": "run-1", "file": "first.xlsx", "verdict": "rejected"},
        "fixed": fixed, "remaining": len(remaining), "new": len(new),
        "rules": [{**rule, "fixed": 0, "remaining": len(remaining), "new": len(new)}, {**gone, "fixed": fixed, "remaining": 0, "new": 0}],
        "fixed_findings": [{**was, "column": "Heard on", "cell": "K5", "value": "x"}] * fixed,
        "remaining_findings": list(remaining), "new_findings": list(new),
    }  # fmt: skip


def test_a_correction_says_what_is_fixed_what_remains_and_what_is_new() -> None:
    read = Page(return_page(a_return(finding(), finding(row=18), resubmission=compared())))
    text = read.text()
    assert "You sent this return before, in the file first.xlsx. It was rejected." in text
    assert "Fixed2Stillthere1New1" in text.replace(" ", "")
    assert "Since last time" in read.texts["th"]
    assert [each for each in read.texts["td"] if each in ("Still there", "New")] == ["Still there", "New"]
    assert "Show what is fixed" in read.texts["summary"]
    assert "‘x’ is not a date." in read.texts["td"]
    assert "#error-1" in {each["href"] for each in read.attributes("a")}
    assert "Not a date: Heard on" in read.texts["th"]


def test_a_first_return_is_compared_with_nothing() -> None:
    read = Page(return_page(a_return(finding())))
    assert "Since last time" not in read.texts["th"]
    assert "Compared" not in read.text()


def test_a_page_made_of_a_part_of_the_findings_says_so() -> None:
    text = Page(return_page(a_return(finding(), counts={"error": 5_000, "warning": 3}))).text()
    assert "made from the first 1 of 5,003 findings" in text
    assert "5,000 errors" in text
    assert "At least 1 error" in text


def test_a_return_links_to_the_files_beside_it() -> None:
    assert {each["href"] for each in Page(return_page(a_return())).attributes("a")} >= LINKS


def test_the_run_lists_every_return_worst_first() -> None:
    verdicts = ("unchanged", "accepted", "rejected", "accepted_with_warnings", "partly_accepted")
    read = Page(run_page(a_run(*(a_return(verdict=each, rows=rows(10, 1)) for each in verdicts))))
    assert read.text("h1") == "2 of 5 returns need attention"
    tags = [text for text, (_, each) in zip(read.texts["span"], spans(read), strict=True) if is_tag(each)]
    assert tags == ["Rejected", "Partly accepted", "Accepted with warnings", "Accepted", "Unchanged"]
    assert "5 returns: 1 rejected, 1 partly accepted, 1 accepted with warnings" in read.text()
    assert "40 rows read: 36 accepted, 4 set aside (unchanged returns not counted)" in read.text()


def spans(page: Page) -> list[tuple[str, dict[str, str | None]]]:
    return [each for each in page.elements if each[0] == "span"]


def is_tag(attributes: dict[str, str | None]) -> bool:
    return str(attributes.get("class")).startswith("tag ")


def test_a_return_without_a_page_has_no_link() -> None:
    read = Page(run_page(a_run(a_return(report=None))))
    assert [each["href"] for each in read.attributes("a")] == ["#main"]


def test_links_to_returns_can_be_told_apart() -> None:
    link = Page(run_page(a_run(a_return()))).texts["a"][1]
    assert link == ("CRC breaches return, Derbyshire and Rutland CRC (C08), 16 November 2020 to 29 November 2020")


def test_reconciliation_says_what_differs() -> None:
    totals = [
        {
            "table": "breach",
            "measure": "rows",
            "from_returns": 118,
            "in_store": 118,
            "superseded": 7,
            "in_unified": 111,
        },
        {"table": "caseload", "measure": "cases", "from_returns": 1_200, "in_store": 1_199, "in_unified": 1_199},
    ]
    read = Page(run_page(a_run(a_return(), reconciliation=totals)))
    assert read.text("h1") == "Totals of the returns and the store differ"
    assert "Reconciliation: 1 of 2 totals differs" in read.text()
    assert read.texts["td"][-14:] == [
        *("rows", "118", "118", "7", "0", "111", "Agrees"), *("cases", "1,200", "1,199", "0", "0", "1,199", "Differs"),
    ]  # fmt: skip


def test_release_checks_failed_stand_first_and_passed_are_folded_by_table() -> None:
    checks = [check("breach"), check(), check(passed=False, name="grade|not-in-list"), check(name="b|c")]
    read = Page(run_page(a_run(a_return(), release_checks=checks)))
    assert read.text("h1") == "1 release check failed"
    assert "Release checks: 1 of 4 failed" in read.text()
    assert read.texts["summary"] == ["breach: 1 check passed", "caseload: 2 checks passed"]
    assert read.texts["caption"][1] == "1 check failed"


def test_a_warning_among_the_release_checks_is_shown_and_is_not_a_failure() -> None:
    warned = {**check(passed=False, name="newest|complete"), "severity": "warning"}
    read = Page(run_page(a_run(a_return(), release_checks=[check(), warned], released=True)))
    assert "No return needs attention" in read.text()
    assert "none failed, 1 warning" in read.text()
    assert "Released: readers see what was loaded" in read.text()
    assert "newest|complete" in read.text()


def test_a_failed_check_says_what_readers_see_instead() -> None:
    state = {"run_id": "the-run-before", "released_at": "2020-11-17T09:00:00Z"}
    checks = [check(passed=False)]
    read = Page(run_page(a_run(a_return(), release_checks=checks, released=False, release=state)))
    assert "readers see the state of run the-run-before, released 17 November 2020 at 09:00 UTC" in read.text()
    assert "readers see no rows yet" in Page(run_page(a_run(a_return(), release_checks=checks, released=False))).text()


def test_an_activity_exception_is_shown_with_the_numbers_behind_it() -> None:
    peers = {"median": 13.5, "low": 7, "high": 22.1, "count": 11}
    read = Page(run_page(a_run(a_return(), exceptions=[an_exception(peers=peers), an_exception()])))
    shown_there = (
        "2 activity exceptions",
        "C05",
        "22 November 2020",
        "1,041 (high)",
        "6.5 to 24.4",
        "7 to 22.1",
        "Too few",
    )
    for text in shown_there:
        assert text in read.text()


def test_the_page_says_that_all_release_checks_passed() -> None:
    read = Page(run_page(a_run(a_return(), release_checks=[check(), check("breach")])))
    assert read.text("h1") == "No return needs attention"
    assert "All 2 checks passed." in read.text()


def test_rows_without_a_region_are_counted() -> None:
    unallocated = [{"table": "caseload", "rows": 4}, {"table": "breach", "rows": 0}]
    read = Page(run_page(a_run(a_return(), unallocated=unallocated)))
    assert "Unallocated rows: 4" in read.text()
    assert "No region was found" in read.text()
    assert "breach" not in read.texts["th"]


def test_a_run_without_anything_says_so() -> None:
    bare = a_run(started_at=None)
    for key in ("reconciliation", "release_checks", "unallocated", "started_at"):
        del bare[key]
    read = Page(run_page(bare))
    assert read.text("h1") == "There was nothing to do"
    assert not read.attributes("table")


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *((text, "page") for text in ("text", "quiet", "link", "good", "fair", "bad")),
        *((text, "soft") for text in ("text", "quiet", "fair")),
        *((kind, f"{kind}-soft") for kind in ("good", "fair", "bad")),
        *((text, f"{kind}-soft") for text in ("text", "link") for kind in ("good", "fair", "bad")),
        ("focus", "page"),
    ],
)
def test_colours_have_the_contrast_that_wcag_asks_for(scheme: str, text: str, ground: str) -> None:
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    light, dark, paper = (
        dict(re.findall(r"--([a-z-]+): (#\w{6})", block)) for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    )  # fmt: skip
    colours = {"light": light, "dark": light | dark, "print": light | dark | paper}[scheme]
    lighter, darker = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# Who has sent what


def lines(**counts: int) -> list[dict[str, Any]]:
    """So many lines in each state; those that are late are accepted."""
    late = [a_line(working_days_late=1)] * counts.pop("late", 0)
    return [*late, *(a_line(state=state) for state, count in counts.items() for _ in range(count))]


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({}, "no return had been received"),
        ({"accepted": 1}, "1 of 1 return received"),
        ({"expected": 3}, "0 of 0 returns received; 3 not yet due"),
        (
            {"accepted": 1093, "late": 1, "rejected": 1, "missing": 1},
            "1,094 of 1,096 returns received, 1 of them late; 1 rejected, 1 missing",
        ),
        ({"nil": 1, "withdrawn": 1}, "1 of 2 returns received; 1 withdrawn"),
    ],
)
def test_the_headline_of_the_status(counts: dict[str, int], sentence: str) -> None:
    assert headline(status_report(a_picture(*lines(**counts)))) == f"On 6 December 2020: {sentence}"


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({}, "on time"),
        ({"working_days_late": 1}, "late by 1 working day"),
        ({"working_days_late": 2, "received": None, "state": "missing"}, "2 working days overdue"),
        ({"working_days_late": None, "received": None, "state": "expected"}, "due 4 December 2020"),
        ({"working_days_late": None, "received": None, "state": "expected", "due": None}, ""),
        ({"working_days_late": None}, ""),
    ],
)
def test_a_line_says_how_it_relates_to_its_due_day(other: dict[str, Any], words: str) -> None:
    assert timing(status_line(a_line(**other))) == words


def test_remarks_say_what_a_line_has_no_column_for() -> None:
    first, second = ({"on": f"2020-12-0{day}", "state": state} for day, state in ((2, "accepted"), (5, "rejected")))
    assert remarks(status_line(a_line())) == []
    assert remarks(status_line(a_line(arrivals=[first, second]))) == [
        "sent more than once: 2 December 2020, accepted; 5 December 2020, rejected"
    ]
    (corrected,) = remarks(status_line(a_line(arrivals=[first, {**first, "on": "2020-12-03"}], correction=True)))
    assert corrected.startswith("corrected: 2 December 2020, accepted; 3 December")
    assert remarks(status_line(a_line(off_cycle=True, rows_unallocated=1))) == [
        "not a period of the cycle",
        "1 row unallocated",
    ]


def test_notes_tell_of_returns_that_have_stopped_coming_and_of_those_older_than_the_store() -> None:
    silent = [{"title": "NPS caseload extract", "period_end": "2020-09-28"}]
    older = [a_line(working_days_late=None), a_line(working_days_late=None), a_line()]
    assert notes(status_report(a_picture(a_line()))) == []
    assert notes(status_report(a_picture(*older, silent=silent))) == [
        "NPS caseload extract: nothing has come for a period after 28 September 2020.",
        "2 returns fell due before the first run on 1 November 2020: it is not known whether they came in time.",
    ]


def test_the_page_of_the_status_has_every_line_and_a_summary_of_each_round() -> None:
    read = Page(status_page(a_picture(a_line(), a_line(supplier_code="C07"), a_line(period_end="2020-12-13"))))
    text = read.text()
    assert "2 of 2" in text
    assert read.text("h2") == "Periods and returns Period to 13 December 2020 Period to 29 November 2020"
    assert [len(read.attributes(tag)) for tag in ("table", "caption")] == [3, 3]


def test_an_exception_is_described_with_the_numbers_behind_it() -> None:
    sentence = "provider_code C05: 1,041 logged of weekly_breaches, period from 22 November 2020; "
    own = "by its own 20 earlier periods 14 (6.5 to 24.4) is usual"
    assert exception_in_words(activity_exception(an_exception())) == f"{sentence}{own}."
    peers = {"median": 13.5, "low": 7, "high": 22.1, "count": 11}
    assert (
        exception_in_words(activity_exception(an_exception(peers=peers)))
        == f"{sentence}{own}, by its 11 peers 13.5 (7 to 22.1)."
    )
    page = status_page(a_picture(a_line(), exceptions=[an_exception()]))
    assert sentence in Page(page).text()


def findings_of_a_large_return(count: int) -> list[dict[str, Any]]:
    """So many findings, spread over as many rules as a wide contract has, each with a value of its own."""
    return [
        finding(
            ("not-in-list", "not-a-date", "missing-value")[at % 3], row=at + 2, rule=f"column_{at % 60}|check", column=f"Column {at % 60}",
            value=f"Some value {at} that is in no list", message=f"‘Some value {at} that is in no list’ is not one of: {'a value, ' * 12}.",
            severity="warning" if at % 10 == 9 else "error",
        )
        for at in range(count)
    ]  # fmt: skip


def test_a_page_of_fifty_thousand_findings_stays_under_two_megabytes() -> None:
    page = return_page(a_return(*findings_of_a_large_return(50_000)))
    assert len(page.encode()) < 2_000_000
    assert "45,000 errors" in page
    hostile = [
        {**each, "value": "\u202e" * 1_000, "column": "\u202e" * 1_000} for each in findings_of_a_large_return(50_000)
    ]
    assert len(return_page(a_return(*hostile)).encode()) < 10_000_000
