"""The example on the page of activity exceptions runs, and prints what the page shows."""

import contextlib
import io

from pages import DOCS, block_held_to, blocks

PAGE = DOCS / "explanation" / "activity-exceptions.md"


def test_the_example_prints_what_the_page_shows() -> None:
    code, shown = (next(each for each in blocks(PAGE) if each.mark == mark) for mark in ("runs", "prints"))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code.text, {"__name__": "example"})  # noqa: S102 -- our own page
    block_held_to(shown, printed.getvalue())
