"""The tutorial and the how-to guides run as they are written, in a checkout of their own."""

import os
import sys
from pathlib import Path

import pytest
from pages import DOCS, ROOT
from walk import walk

from databases import new_database
from places import speed_up
from probation_etl.contracts.rulebook import Rulebook, load_rulebook

GUIDES = sorted((DOCS / "how-to").glob("*.md"))
POSTGRESQL = DOCS / "how-to" / "use-postgresql.md"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("contracts", "sample_data"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def shipped_rulebook() -> Rulebook:
    return load_rulebook()


@pytest.mark.usefixtures("checkout")
def test_a_reader_can_walk_through_the_tutorial() -> None:
    walk(DOCS / "tutorial" / "first-report.md")


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("page", [page for page in GUIDES if page != POSTGRESQL], ids=lambda path: path.stem)
def test_a_reader_can_follow_the_guide(page: Path, monkeypatch: pytest.MonkeyPatch, shipped_rulebook: Rulebook) -> None:
    speed_up(monkeypatch, shipped_rulebook)  # the tutorial runs with nothing left out
    walk(page)


@pytest.mark.usefixtures("checkout")
def test_a_reader_can_follow_the_guide_to_postgresql(
    monkeypatch: pytest.MonkeyPatch, shipped_rulebook: Rulebook, server: str
) -> None:
    speed_up(monkeypatch, shipped_rulebook)
    walk(POSTGRESQL, instead={"postgresql://loader@db.example/probation": new_database(server)})
