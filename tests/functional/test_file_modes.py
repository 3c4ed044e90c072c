"""Under the usual umask, nobody but its owner can read any file that a command writes, on every path."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from places import SAMPLE_DATA, Outcome, SampleRun
from probation_etl.errors import UsageError
from probation_etl.files import make_private

Command = Callable[..., Outcome]
FAULTY = SAMPLE_DATA / "faulty" / "C08_return_2020-11-29_licence_and_impossible_dates.xlsx"
FORMS = (".txt", ".json", ".csv", ".html", ".xlsx", ".xml", ".sarif")


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> dict[str, str]:
    """Whatever below a folder has another mode than ours, with its mode."""
    found = [path for path in folder.rglob("*") if not path.is_symlink()]
    assert found
    wanted = {path: 0o700 if path.is_dir() else 0o600 for path in found}
    modes = {path: path.stat().st_mode & 0o777 for path in found}
    return {str(path.relative_to(folder)): oct(modes[path]) for path in found if modes[path] != wanted[path]}


@pytest.mark.parametrize("ending", FORMS)
@pytest.mark.usefixtures("quick")
def test_validate(ending: str, command: Command, tmp_path: Path) -> None:
    one_return = SAMPLE_DATA / "annexe_2" / "N53_breaches_2020-09-28.csv"
    assert command("validate", one_return, "-o", tmp_path / f"x{ending}").code in (0, 1)
    assert open_to_others(tmp_path) == {}


@pytest.mark.usefixtures("quick")
def test_validate_with_a_page_each_return(command: Command, tmp_path: Path) -> None:
    assert command("validate", FAULTY, FAULTY, "--format", "html", "-o", tmp_path / "deep" / "pages").code == 1
    assert open_to_others(tmp_path) == {}


@pytest.mark.usefixtures("quick")
def test_run(command: Command, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    shutil.copy(FAULTY, tmp_path / "inbox")
    ours = tmp_path / "ours"
    for name in ("stores", "deep"):
        (ours / name).mkdir(parents=True)
    make_private(ours)
    store = f"duckdb:///{ours / 'stores' / 'a.duckdb'}"
    outcome = command(
        "run", tmp_path / "inbox", "--annotated", "--store", store, "--reports", ours / "deep" / "reports"
    )
    assert outcome.code == 1
    assert (ours / "stores" / "a.duckdb").exists()
    assert list(ours.rglob("annotated.xlsx"))
    assert open_to_others(ours) == {}


@pytest.mark.parametrize(
    "arguments",
    [
        ("status", "--store", "<store>", "-o", "deep/status.html", "--reports", "pages"),
        ("tracker", "--store", "<store>", "-o", "deep/tracker"),
        ("store", "export", "<store>", "--to", "deep/export"),
        ("contract", "export", "crc-breaches", "--to", "json-schema", "-o", "schema.json"),
        ("contract", "template", "crc-breaches", "-o", "template.xlsx"),
        ("sample", "deep/sample", "C08", "--from", "2020-11-29", "--faults", "1"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_what_is_written_from_a_store_or_from_contracts(
    arguments: tuple[str, ...], sample: SampleRun, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = command(*(sample.url if each == "<store>" else each for each in arguments))
    assert outcome.code == 0, outcome.err
    assert open_to_others(tmp_path) == {}


def test_demo(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_slow_for_here(*_: object, **__: object) -> None:
        raise UsageError("The run itself is tested above.")

    monkeypatch.setattr("probation_etl.demo.run", too_slow_for_here)
    command("demo", tmp_path / "deep" / "demo").refused(2, "tested above")
    assert len(list((tmp_path / "deep" / "demo" / "inbox").rglob("*.xlsx"))) > 1
    assert open_to_others(tmp_path) == {}
