"""Decision records: numbered without a gap, in one form, all of them in the index."""

import re
from pathlib import Path

import pytest

HOME = Path(__file__).parents[2] / "docs" / "adr"
RECORDS = sorted(path for path in HOME.glob("*.md") if path.name != "README.md")


def test_numbers_have_no_gap() -> None:
    assert [int(path.name[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_record_has_the_parts_of_one(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(path.name[:4])}. ")
    assert re.search(r"^Date: \d{4}-\d{2}-\d{2}\nStatus: (accepted|superseded by \[)", text, re.M)
    assert re.findall(r"^## (.+)$", text, re.M) == ["Context", "Decision", "Consequences"]


def test_the_index_lists_every_record_by_its_title() -> None:
    index = (HOME / "README.md").read_text(encoding="utf-8")
    titles = [(re.match(r"# \d+\. (.+)", path.read_text(encoding="utf-8")), path.name) for path in RECORDS]
    expected = [f"{number}. [{title and title[1]}]({name})" for number, (title, name) in enumerate(titles, start=1)]
    assert re.findall(r"^\d+\. \[.+\]\(.+\)$", index, re.M) == expected
