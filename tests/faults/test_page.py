"""The page on reliability names tests that there are, and every trial."""

import re

from trials import BEGIN, END, PAGE

TESTS = PAGE.parents[2] / "tests"


def test_every_test_that_the_page_names_is_there_and_it_names_every_trial() -> None:
    text = PAGE.read_text(encoding="utf-8")
    named = re.findall(r"`((?:unit|functional|property|browser|faults|fuzz)/[\w/.]*)`", text)
    assert len(named) > 30
    assert [each for each in named if not (TESTS / each).exists()] == []
    trials = {f"faults/{each.name}" for each in (TESTS / "faults").glob("test_*.py")} - {"faults/test_page.py"}
    assert trials - set(named) == set()
    assert text.index(BEGIN) < text.index(END)
