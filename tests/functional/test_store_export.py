"""The unified tables as files: whole, described, the same for the same store, and never over what is not ours."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from frictionless import Package
from frictionless.resources import FileResource
from polars.testing import assert_frame_equal
from senders import breach, extract

from places import Outcome, Place, SampleRun
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.stores import connect

Command = Callable[..., Outcome]
DAYS = {"referral_date": "2020-09-08", "logged_date": "2020-09-10"}


def files(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


@pytest.fixture(scope="module")
def exported(sample: SampleRun, command: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("exported") / "out"
    outcome = command("store", "export", sample.url, "--to", directory)
    assert (outcome.code, outcome.err) == (0, "")
    assert "file(s)" in outcome.out
    return directory


def test_the_files_hold_the_unified_tables(exported: Path, sample: SampleRun, shipped_rulebook: Rulebook) -> None:
    with connect(sample.url, shipped_rulebook.contracts, shipped_rulebook.tables) as store:
        for contract in shipped_rulebook.contracts.of_layer("unified", "view"):
            table = contract.table
            found = pl.concat([pl.read_parquet(path) for path in sorted((exported / table).rglob("*.parquet"))])
            expected = store.table(table).select(found.columns)
            assert_frame_equal(found, expected, check_row_order=False)
            assert (exported / table / f"{table}.odcs.yaml").read_bytes() == contract.path.read_bytes()  # type: ignore[union-attr]
        periods = dict(store.returns().select("return_id", pl.col("period_end").cast(pl.String)).rows())
    for path in exported.glob("*/period_end=*/part-0.parquet"):
        period = path.parent.name.removeprefix("period_end=")
        assert {periods[name] for name in pl.read_parquet(path)["return_id"]} == {period}
    assert len(list(exported.glob("caseload/period_end=*"))) == 3


def test_the_data_package_is_valid_and_tells_bytes_hashes_and_rows(exported: Path) -> None:
    description = json.loads((exported / "datapackage.json").read_text(encoding="utf-8"))
    assert list(Package.metadata_validate(description)) == []
    parts = {path for path in files(exported) if path.endswith(".parquet")}
    assert {each["path"] for each in description["resources"]} == parts
    for each in description["resources"]:
        data = (exported / each["path"]).read_bytes()
        frame = pl.read_parquet(exported / each["path"])
        assert (each["bytes"], each["rows"]) == (len(data), frame.height)
        assert each["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert [field["name"] for field in each["schema"]["fields"]] == frame.columns
        file = FileResource(path=each["path"], basepath=str(exported), hash=each["hash"], bytes=each["bytes"])
        assert file.validate().valid
    damaged = FileResource(path=each["path"], basepath=str(exported), hash="sha256:0", bytes=each["bytes"])
    assert not damaged.validate().valid


def test_files_are_for_their_owner_alone(exported: Path) -> None:
    assert {path.stat().st_mode & 0o777 for path in exported.rglob("*") if path.is_file()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (exported, *exported.rglob("*")) if path.is_dir()} == {0o700}


def test_the_same_store_gives_the_same_bytes_and_an_earlier_export_is_replaced(
    exported: Path, sample: SampleRun, command: Command, tmp_path: Path
) -> None:
    shutil.copytree(exported, tmp_path / "out")
    assert command("-q", "store", "export", sample.url, "--to", tmp_path / "out").out == ""
    assert files(tmp_path / "out") == files(exported)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("stranger", ["notes.txt", "breach/notes.txt"])
def test_what_is_not_ours_is_never_touched(
    stranger: str, exported: Path, sample: SampleRun, command: Command, tmp_path: Path
) -> None:
    shutil.copytree(exported, tmp_path / "out")
    (tmp_path / "out" / stranger).write_text("mine", encoding="utf-8")
    before = files(tmp_path / "out")
    command("store", "export", sample.url, "--to", tmp_path / "out").refused(2, "no export of ours", stranger)
    assert files(tmp_path / "out") == before


def test_a_directory_of_somebody_else_is_refused(sample: SampleRun, command: Command, tmp_path: Path) -> None:
    (tmp_path / "datapackage.json").write_text("{}", encoding="utf-8")
    command("store", "export", sample.url, "--to", tmp_path).refused(2, "no export of ours")


def test_a_failure_leaves_the_earlier_export(
    exported: Path, sample: SampleRun, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(exported, tmp_path / "out")
    before = files(tmp_path / "out")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    command("store", "export", sample.url, "--to", tmp_path / "out").refused(3, "No space left on device")
    assert files(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.usefixtures("quick")
def test_an_earlier_state_can_be_written(place: Place, command: Command, tmp_path: Path) -> None:
    name = "N53_breaches_2020-09-28.csv"
    place.put(name, extract(breach(1, **DAYS)))
    first = command(*place.arguments, "--json").json["run_id"]
    place.put(name.replace(".csv", "_v2.csv"), extract(breach(1, **DAYS), breach(2, **DAYS)))
    command(*place.arguments)
    heights = []
    for more in ((), ("--as-of", first)):
        assert command("store", "export", place.url, "--to", tmp_path / "out", *more).code == 0
        heights.append(pl.read_parquet(tmp_path / "out" / "breach" / "**" / "*.parquet").height)
    assert heights == [2, 1]
