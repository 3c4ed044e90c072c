"""The documentation as a reader sees it who opens the built site from a folder."""

from __future__ import annotations

from pathlib import Path

from windows import Window

from documentation import build_site


def test_a_reader_can_search_it_in_a_folder_and_nothing_else_is_asked_for(window: Window, tmp_path: Path) -> None:
    site = build_site(tmp_path / "site")
    page = window.open(site / "tutorial" / "first-report.html")
    page.click(".md-search__input")
    page.keyboard.type("quarantined")
    page.wait_for_selector(".md-search-result__link")
    assert window.requests
    assert [address for address in window.requests if not address.startswith(site.as_uri())] == []
