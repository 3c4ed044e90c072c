"""A path that cannot be meant is refused before anything is done: addresses, missing folders, files of another kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import probation_etl as pe
from places import Outcome, Place
from probation_etl.errors import UsageError

Command = Callable[..., Outcome]
ADDRESS = "s3://bucket/there"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inbox").mkdir()
    return Place(tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "inbox", "--reports", ADDRESS),
        ("run", ADDRESS),
        ("run", "inbox", "--contracts", ADDRESS),
        ("run", "inbox", "--store", f"duckdb:///{ADDRESS}"),
        ("store", "export", "duckdb:///a.duckdb", "--to", ADDRESS),
        ("store", "verify", f"duckdb:///{ADDRESS}"),
        ("tracker", "-o", "https://example.org/tracker"),
        ("status", "-o", "file:///status.html"),
        ("validate", "gs://bucket/a.csv"),
        ("contract", "template", "crc-breaches", "-o", ADDRESS),
        ("sample", ADDRESS, "C08", "--from", "2020-11-29"),
        ("demo", ADDRESS),
    ],
    ids=" ".join,
)
def test_an_address_is_no_path(arguments: tuple[str, ...], place: Place, command: Command) -> None:
    command(*arguments).refused(2, "is an address", "on this machine")
    assert [each.name for each in place.root.iterdir()] == ["inbox"]


@pytest.mark.parametrize("path", [ADDRESS, Path(ADDRESS)], ids=type)
@pytest.mark.usefixtures("place")
def test_nor_is_it_for_the_library(path: str | Path) -> None:
    for attempt in (
        lambda: pe.run(path, store="duckdb:///a.duckdb", reports="reports"),
        lambda: pe.run("inbox", store="duckdb:///a.duckdb", reports=path),
        lambda: pe.run("inbox", store=f"duckdb:///{path}", reports="reports"),
        lambda: pe.load_contracts(path),
        lambda: pe.validate(path, "crc-breaches"),
    ):
        with pytest.raises(UsageError, match="is an address"):
            attempt()


def test_a_folder_whose_name_looks_a_little_like_an_address_is_one(place: Place, command: Command) -> None:
    (place.root / "a:b").mkdir()
    assert command("run", "inbox", "--reports", "a:b/reports", "--dry-run").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--store", "duckdb:///sotre/a.duckdb"), ("The store sotre/a.duckdb", "the folder sotre is not there", "mkdir -p sotre")),
        (("--reports", "reprots/all"), ("The reports directory reprots/all", "the folder reprots is not there")),
        (("--store", "duckdb:///inbox"), ("The store inbox is a folder", "duckdb:///inbox/probation.duckdb")),
    ],
)  # fmt: skip
def test_no_folder_is_made_for_a_mistyped_path(
    arguments: tuple[str, ...], words: tuple[str, ...], place: Place, command: Command
) -> None:
    command("run", "inbox", *arguments).refused(3, *words)
    assert [each.name for each in place.root.iterdir()] == ["inbox"]


@pytest.mark.usefixtures("quick")
def test_a_new_store_is_said_aloud_once(place: Place, command: Command) -> None:
    before = command("run", "inbox", "--dry-run")
    assert (before.code, "There is no store yet: probation.duckdb" in before.out) == (0, True)
    assert command("run", "inbox", "--dry-run", "--json").json["new_store"] is True
    first = command("run", "inbox")
    assert (first.code, first.out.splitlines()[0][:29]) == (0, "New store: probation.duckdb. ")
    assert command("-q", "run", "inbox").out == ""
    assert command("run", "inbox", "--json").json["new_store"] is False
    taken = command("run", "probation.duckdb", "--store", "duckdb:///other.duckdb")
    taken.refused(3, "The inbox probation.duckdb is a store, not a folder")
