"""A window of a real browser: what a page asks for, what the browser complains about, and what reaches past its edge."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Page


class Window:
    """One window, used for page after page: opening another each time would cost more than the tests."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))

    def open(self, path: Path, *, width: int = 1100, scheme: Any = "light", unfolded: bool = False) -> Page:
        """Shows a page anew."""
        self.requests.clear()
        self.complaints.clear()
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(media="screen", color_scheme=scheme)
        self.page.goto(path.as_uri())
        if unfolded:
            self.page.evaluate("() => document.querySelectorAll('details').forEach(each => each.open = true)")
        return self.page

    def outside(self, *, of_tables: bool = False) -> list[str]:
        """Elements that reach past the edge; what scrolls in a region of its own does not count, unless asked for."""
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
