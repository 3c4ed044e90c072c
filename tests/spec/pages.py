"""Shared by the tests of documentation: pages, their fenced blocks, and pages that tests generate."""

import os
import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SAMPLE = ROOT / "sample_data"
FAULTY = next((SAMPLE / "faulty").glob("*.xlsx"))
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "sample_data/README.md")),
    *sorted(DOCS.rglob("*.md")),
]
_BLOCK = re.compile(r"(?:<!-- ([^>]+?) -->\n)?```(\w*)\n(.*?)^```$", re.M | re.S)


class Block(NamedTuple):
    """A fenced block with its page, its position, its heading and the comment just above it."""

    mark: str
    language: str
    text: str
    heading: str = ""
    number: int = 0
    page: Path = DOCS


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = []
    for number, match in enumerate(_BLOCK.finditer(text)):
        headings = re.findall(r"^#+ (.+)$", text[: match.start()], re.M)
        found.append(Block(match[1] or "", match[2], match[3], headings[-1] if headings else "", number, page))
    return found


def renewing() -> bool:
    """Whether generated pages should be rewritten."""
    return bool(os.environ.get("PROBATION_ETL_RENEW_DOCS"))


def held_to(path: Path, text: str) -> None:
    """Asserts the text of a generated page, or rewrites it if asked to."""
    if renewing():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"{path.name} is not there: set PROBATION_ETL_RENEW_DOCS=1"
    assert path.read_text(encoding="utf-8") == text, f"{path.name} is out of date: set PROBATION_ETL_RENEW_DOCS=1"


def block_held_to(block: Block, text: str) -> None:
    """Asserts the text of a block, or rewrites it if asked to."""
    if renewing():
        whole = block.page.read_text(encoding="utf-8")
        match = list(_BLOCK.finditer(whole))[block.number]
        block.page.write_text(whole[: match.start(3)] + text + whole[match.end(3) :], encoding="utf-8")
        return
    assert block.text == text, f"{block.page.name}, ‘{block.heading}’ is out of date: set PROBATION_ETL_RENEW_DOCS=1"
