"""The guide to a return: what it shows is what the checks do, and nothing of it is real."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

import probation_etl as pe
from probation_etl.cli import run_cli
from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.guide.describe import describe
from probation_etl.guide.model import Cell, Guide, Wrong
from probation_etl.guide.page import render_guide
from probation_etl.guide.workbook import guide_workbook
from probation_etl.proof import prove

if TYPE_CHECKING:
    from conftest import Library

HOSTILE = "<script>alert(1)</script>"
FORMULA = "=cmd|' /C calc'!A0"


@pytest.fixture(scope="module")
def rulebook(library: Library) -> Rulebook:
    """Loans, with a description and a header that would like to be more than words."""
    columns = library.columns(notes={"description": HOSTILE, "physicalName": FORMULA})
    return load_rulebook(library.directory(library.contract(columns=columns)))


@pytest.fixture(scope="module")
def guide(rulebook: Rulebook) -> Guide:
    return describe(rulebook.contracts.returns()[0], rulebook)


def wrongs(guide: Guide) -> Iterator[Wrong]:
    yield from (each for column in guide.columns for each in column.wrong)
    yield from (rule.wrong for rule in guide.rules if rule.wrong)


def test_each_rule_that_can_be_proved_has_an_example(guide: Guide, rulebook: Rulebook) -> None:
    proved = [each for each in prove(rulebook.contracts.returns()[0], rulebook) if each.example]
    assert len(list(wrongs(guide))) == len(proved) > 10
    assert all(each.message and each.rows for each in wrongs(guide))
    assert guide.examples


def test_a_rule_is_shown_by_the_cells_that_it_reads(guide: Guide) -> None:
    (rule,) = (each for each in guide.rules if each.title == "It came back before it was lent")
    assert (rule.severity, rule.hint, rule.of_rows) == ("error", "Check both days.", True)
    assert rule.wrong is not None
    (row,) = rule.wrong.rows
    lent, returned = row
    assert (lent.header, returned.header) == ("Lent on", "Returned on")
    assert row != rule.wrong.right


def test_values_of_restricted_columns_are_shapes(guide: Guide) -> None:
    restricted = {each.header for each in guide.columns if each.restricted}
    rows = [*guide.examples, *(row for each in wrongs(guide) for row in (*each.rows, each.right))]
    cells: list[Cell] = [cell for row in rows for cell in row if cell.header in restricted and cell.text]
    assert cells
    assert [cell for cell in cells if re.search("[B-Zb-z0-8]", cell.text or "")] == []


def test_hostile_words_of_a_contract_stay_words(guide: Guide) -> None:
    page = render_guide(guide)
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    cells = [
        cell for sheet in openpyxl.load_workbook(io.BytesIO(guide_workbook(guide))) for row in sheet for cell in row
    ]
    assert FORMULA in [cell.value for cell in cells]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}


def test_a_contract_of_which_no_clean_return_is_found_has_a_guide_without_examples(library: Library) -> None:
    columns = [each for each in library.columns(notes={"required": True}) if each["name"] == "notes"]
    never = [library.rule("notes = 'a' AND notes = 'b'", name="never")]
    directory = library.directory(library.contract(columns=columns, rules=never))
    rulebook = load_rulebook(directory)
    guide = describe(rulebook.contracts.returns()[0], rulebook)
    assert (guide.examples, list(wrongs(guide))) == ((), [])
    page = render_guide(guide)
    assert "A return that is right" not in page
    assert "There are no examples here" in page
    assert "never is broken" in page
    assert "Wrong" not in openpyxl.load_workbook(io.BytesIO(guide_workbook(guide))).sheetnames


def test_only_a_return_has_a_guide(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(pe.ContractError, match="‘breach’ is not a return"):
        pe.write_guide("breach", tmp_path)
    assert run_cli(["contract", "docs", "breach", "-o", str(tmp_path)]) == 2
    assert "breach" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
