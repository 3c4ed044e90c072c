"""Every kind of page in a browser: the pages of tests/golden with their stylesheet, which are what the program writes."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from pypdf import PdfReader
from windows import Window, violations

from stylesheets import with_style

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*.html"))
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
#: A4 less the margins of the stylesheet, in CSS pixels: run pages are printed across.
PAPER = {"run": 1031, "other": 680}
#: Everything that the keyboard must reach.
REACHED = "a[href], summary, [tabindex='0']"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden pages with their stylesheet."""
    folder = tmp_path_factory.mktemp("pages")
    for each in GOLDEN:
        (folder / each.name).write_text(with_style(each.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


@pytest.fixture(params=GOLDEN, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest, pages: Path) -> Path:
    return pages / str(request.param.name)


def test_there_is_a_page_of_every_kind() -> None:
    kinds = {path.stem.split("_")[0] for path in GOLDEN}
    assert kinds >= {"return", "run", "status", "tracker"}
    verdicts = ("accepted", "accepted_with_warnings", "partly_accepted", "rejected", "unchanged")
    assert {f"return_{verdict}" for verdict in verdicts} <= {path.stem for path in GOLDEN}


def test_a_page_opens_and_asks_for_nothing_but_itself(window: Window, path: Path) -> None:
    page = window.open(path)
    assert page.locator("h1").is_visible()
    assert window.requests == [path.as_uri()]
    assert window.complaints == []


@pytest.mark.parametrize(
    ("scheme", "options"),
    [
        ("light", {"runOnly": WCAG, "resultTypes": ["violations"]}),
        ("dark", {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}),
    ],
    ids=["light", "dark"],
)
def test_axe_finds_no_violation(window: Window, path: Path, scheme: str, options: dict[str, Any]) -> None:
    page = window.open(path, scheme=scheme, unfolded=True)
    found = Axe().run(page, options=options).response
    assert found["passes"]
    assert violations(found) == []


def test_the_keyboard_reaches_everything_in_the_order_of_the_page(window: Window, path: Path) -> None:
    page = window.open(path)
    wanted = page.evaluate(
        f"""() => {{
            const all = [...document.querySelectorAll("{REACHED}")];
            const seen = all.filter(each => each.checkVisibility({{contentVisibilityAuto: true}}));
            seen.forEach((each, at) => each.dataset.stop = at);
            return seen.length;
        }}"""
    )
    reached, looks = [], set()
    for _ in range(wanted):
        page.keyboard.press("Tab")
        stop, look = page.evaluate(
            """() => {
                const style = getComputedStyle(document.activeElement);
                return [document.activeElement.dataset.stop, `${style.outlineStyle} ${style.outlineWidth}`];
            }"""
        )
        reached.append(stop)
        looks.add(look)
    assert reached == [str(at) for at in range(wanted)]
    assert looks == {"solid 3px"}, "what has the focus must be seen to have it"


def test_folded_lists_open_by_the_keyboard(window: Window, path: Path) -> None:
    page = window.open(path)
    for summary in page.locator("summary").all():
        if summary.is_visible():
            inside = summary.locator("xpath=following-sibling::*").first
            assert not inside.is_visible()
            summary.focus()
            page.keyboard.press("Enter")
            assert inside.is_visible()


def test_links_on_the_page_show_what_they_lead_to(window: Window, path: Path) -> None:
    page = window.open(path)
    lost = page.evaluate(
        """async () => {
            const lost = [];
            for (const link of document.querySelectorAll("a[href^='#']:not(.skip)")) {
                document.querySelectorAll("details").forEach(each => each.open = false);
                link.click();
                await new Promise(requestAnimationFrame);
                const target = document.querySelector(link.hash);
                const place = target.getBoundingClientRect();
                const seen = target.checkVisibility({contentVisibilityAuto: true});
                if (!seen || place.top > innerHeight || place.bottom < 0) lost.push(link.hash);
            }
            return lost;
        }"""
    )
    assert lost == []


# 640 is a window of 1280 at 200 per cent; 320 a small telephone, or 1280 at 400 per cent.
def test_a_narrow_window_scrolls_nothing_but_tables(window: Window, path: Path) -> None:
    for width in (320, 640, 1280):
        window.open(path, width=width, unfolded=True)
        assert (width, window.outside()) == (width, [])


def test_print_shows_whole_tables(window: Window, path: Path) -> None:
    page = window.open(path)
    page.emulate_media(media="print")
    paper = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    text, at = squeezed("".join(part.extract_text() for part in paper.pages)), 0
    rows = window.open(path, unfolded=True).evaluate(
        """() => [...document.querySelectorAll("tbody tr, tfoot tr")].map(row =>
            [...row.cells].map(cell => [...cell.querySelectorAll(".hidden")].reduce(
                (text, each) => text.replace(each.innerText, ""), cell.innerText)))"""
    )
    for row in rows:
        for cell in map(squeezed, row):
            found = text.find(cell, at)
            assert found >= 0, f"{cell} of {row} is not on paper, or is cut"
            at = found + len(cell)


def test_print_leaves_nothing_outside_the_paper(window: Window, path: Path) -> None:
    page = window.open(path, width=PAPER.get(path.stem.split("_")[0], PAPER["other"]), unfolded=True)
    page.emulate_media(media="print")
    assert window.outside(of_tables=True) == []


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u00ad\u200b]+", "", text)
