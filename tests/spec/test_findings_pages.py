"""A page for every finding code, made from the catalogue and from the notes beside it.

After a wanted change of a wording, renew them: ``PROBATION_ETL_RENEW_DOCS=1 pytest tests/spec``.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from findings_pages import NOTES, RETURN, WARNING, index_page, page_of
from pages import DOCS, held_to

from probation_etl.contracts.findings import CATALOGUE
from probation_etl.contracts.rulebook import load_rulebook
from probation_etl.intake.readers import Content

HOME = DOCS / "reference" / "findings"


def test_every_code_has_a_note_and_every_note_a_code() -> None:
    assert set(NOTES) == set(CATALOGUE)


@pytest.mark.parametrize("code", CATALOGUE)
def test_the_page_of_a_finding_is_up_to_date(code: str) -> None:
    held_to(HOME / f"{code}.md", page_of(CATALOGUE[code]))


def test_the_index_of_findings_is_up_to_date() -> None:
    held_to(HOME / "README.md", index_page())
    assert {path.stem for path in HOME.glob("*.md")} == {"README", *CATALOGUE}


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_placeholder_of_a_message_is_explained(code: str) -> None:
    assert ("{expected}" in CATALOGUE[code].template) == bool(NOTES[code].expected)


def test_the_pages_name_the_rules_that_contracts_compile_to() -> None:
    rulebook = load_rulebook()
    for schema in rulebook.schemas.values():
        for rule in schema.rules.values():
            assert _general(rule.name) in NOTES[rule.code].rules, rule.name


def _general(name: str) -> str:
    place, _, check = name.partition("|")
    return f"row|{'ID'}" if place == "row" else name if place == "key" else f"COLUMN|{check}"


def test_the_pages_say_what_samples_show(samples: list[dict[str, Any]]) -> None:
    for finding in samples:
        note = NOTES[finding["code"]]
        if finding["severity"] == "error":
            assert note.effect != WARNING
            assert note.effect.startswith(RETURN) == (finding["row"] is None)


@pytest.fixture(scope="module")
def samples() -> list[dict[str, Any]]:
    return list(_samples())


def _samples() -> Iterator[dict[str, Any]]:
    from pages import FAULTY

    from probation_etl.runs.check import check_files

    rulebook = load_rulebook()
    given = [
        (FAULTY.name, FAULTY.read_bytes()),
        ("nothing.csv", b""),
        ("unknown.csv", b"a,b\n1,2\n"),
        ("document.pdf", b"%PDF-1.4"),
    ]
    for result in check_files([(name, Content.of(data)) for name, data in given], rulebook):
        yield from result.findings.to_dicts()
