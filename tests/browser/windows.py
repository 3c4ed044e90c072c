"""A browser window that records requests, console messages, and elements wider than the page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Page


class Window:
    """One window for all pages, because opening a window takes longer than a test."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))

    def open(self, path: Path, *, width: int = 1100, scheme: Any = "light", unfolded: bool = False) -> Page:
        """Loads a page."""
        self.requests.clear()
        self.complaints.clear()
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(media="screen", color_scheme=scheme)
        self.page.goto(path.as_uri())
        if unfolded:
            self.page.evaluate("() => document.querySelectorAll('details').forEach(each => each.open = true)")
        return self.page

    def outside(self, *, of_tables: bool = False) -> list[str]:
        """Elements wider than the page. Those inside a scrolling region count only on request."""
        found: list[str] = self.page.evaluate(
            """ofTables => {
                const edge = innerWidth + 1;
                const wide = document.documentElement.scrollWidth > edge ? ["the page itself"] : [];
                return wide.concat([...document.querySelectorAll("body *")]
                    .filter(each => !each.closest(".hidden, .skip, svg") && (ofTables || !each.closest(".scroll > *")))
                    .filter(each => each.getBoundingClientRect().right > edge)
                    .map(each => `${each.tagName}.${each.className}: ${each.textContent.trim().slice(0, 40)}`));
            }""",
            of_tables,
        )
        return found


def violations(found: Mapping[str, Any]) -> list[str]:
    """What axe-core found, in words."""
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:120] for node in each['nodes'][:3]]}"
        for each in found["violations"]
    ]
