"""The documentation as a site: it is built without a warning, and can be read from a folder."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pages import DOCS

from documentation import build_site

#: What a browser fetches by itself, as opposed to where a reader can go.
FETCHED = {("link", "href")} | {
    (tag, "src") for tag in ("script", "img", "iframe", "source", "video", "audio", "embed")
}
ELSEWHERE = re.compile(r"^(https?:)?//")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_site(tmp_path_factory.mktemp("site"))


def test_every_page_is_on_the_site(site: Path) -> None:
    pages = (path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md"))
    expected = {page.with_name("index.html") if page.stem == "README" else page for page in pages}
    assert expected | {Path("404.html")} == {path.relative_to(site) for path in site.rglob("*.html")}


class Fetches(HTMLParser):
    """Addresses that a browser asks for when it opens a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if value and (tag, name) in FETCHED]


def test_no_page_asks_anything_of_another_host(site: Path) -> None:
    fetched = {}
    for page in site.rglob("*.html"):
        parser = Fetches()
        parser.feed(page.read_text(encoding="utf-8"))
        fetched[page.relative_to(site).as_posix()] = parser.found
    assert all(any("assets/" in address for address in addresses) for addresses in fetched.values())
    asking = {page: [each for each in addresses if ELSEWHERE.match(each)] for page, addresses in fetched.items()}
    assert {page: found for page, found in asking.items() if found} == {}


def test_no_stylesheet_asks_anything_of_another_host(site: Path) -> None:
    sheets = [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]
    assert sheets
    addresses = [address for sheet in sheets for address in re.findall(r"(?:url\(|@import )[\"']?([^\"')]+)", sheet)]
    assert [address for address in addresses if ELSEWHERE.match(address)] == []


def test_a_link_out_of_the_documentation_is_plain_text(site: Path) -> None:
    text = (site / "explanation" / "invariants.html").read_text(encoding="utf-8")
    assert "test_run.py" in text
    assert "tests/functional" not in text
