"""Contracts that lint has passed are not looked at again by the next process, while nothing has changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextvars import copy_context
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from probation_etl.contracts.odcs import digest_of
from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.errors import ContractError
from probation_etl.intake import reference_tables
from probation_etl.remembered import name_folder
from probation_etl.runs import admission

Load = Callable[[], bool]


@pytest.fixture
def root(library: Any) -> Path:
    return Path(library.directory(library.contract()))


@pytest.fixture
def load(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Loads the contracts as a new process does. Says whether rules and queries were tried."""
    home = import_module("probation_etl.contracts.rulebook")
    tried = list[str]()
    examination = import_module("probation_etl.contracts.examination")
    lint = import_module("probation_etl.runs.lint")
    for module, name in ((examination, "examined"), (lint, "trial_faults")):
        now = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given, now=now, name=name: [tried.append(name), now(*given)][1])

    def loaded() -> Rulebook:
        monkeypatch.setattr(admission, "_FOUND", {})
        monkeypatch.setattr(home, "_loaded", lambda root: home_loaded(root, digest_of(root)))
        name_folder(tmp_path / "home" / "cache")
        return admission.load_rulebook(root)

    home_loaded = home._loaded.__wrapped__

    def call() -> bool:
        tried.clear()
        book = copy_context().run(loaded)
        assert {each.id for each in book.returns()} == {key[0] for key in book.schemas}
        assert [each.name for each in book.schema_of(book.returns()[0]).checks]
        assert len(tried) in (0, 2)
        return bool(tried)

    return call


def contracts_json(tmp_path: Path) -> Path:
    return tmp_path / "home" / "cache" / "contracts.json"


def test_what_passed_is_not_tried_again_until_a_byte_changes(load: Load, root: Path, tmp_path: Path) -> None:
    assert [load(), load()] == [True, False]
    file = contracts_json(tmp_path)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    contract = next(root.rglob("*.odcs.yaml"))
    sound = contract.read_text(encoding="utf-8")
    contract.write_text(f"{sound}# a remark\n", encoding="utf-8")
    assert [load(), load()] == [True, False]
    contract.write_text(sound.replace("maximum: 99", "maximum: many"), encoding="utf-8")
    for _ in range(2):
        with pytest.raises(ContractError):
            load()
    contract.write_text(sound, encoding="utf-8")
    assert load() is False


def test_another_program_or_library_tries_again(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [load(), load()] == [True, False]
    monkeypatch.setattr("probation_etl.contracts.passed.VERSION", "0.0.0")
    assert [load(), load()] == [True, False]
    monkeypatch.setattr("probation_etl.contracts.passed.program", lambda: "a library was upgraded")
    assert [load(), load()] == [True, False]


def test_a_note_that_is_damaged_or_not_ours_counts_for_nothing(load: Load, tmp_path: Path) -> None:
    file = contracts_json(tmp_path)
    assert load()
    good = file.read_bytes()
    damage: list[Callable[[], object]] = [
        lambda: file.write_bytes(good[:-2]),
        lambda: file.write_bytes(good.replace(b'["', b'["x')),
        lambda: file.write_bytes(b"\x80\x04}\x94."),
        lambda: file.chmod(0o666),
        lambda: (file.rename(tmp_path / "other"), file.symlink_to(tmp_path / "other")),
        lambda: (file.unlink(), os.mkfifo(file)),
        *([lambda: os.chown(file, 12345, 12345)] if os.geteuid() == 0 else []),
    ]
    for each in damage:
        each()
        assert [load(), load()] == [True, False]
        assert file.is_file()
        assert not file.is_symlink()


def test_without_a_place_to_remember_everything_works(load: Load, tmp_path: Path) -> None:
    (tmp_path / "home").write_bytes(b"")
    assert [load(), load()] == [True, True]
    (tmp_path / "home").unlink()
    if os.geteuid() == 0:
        (tmp_path / "home").mkdir()
        os.chown(tmp_path / "home", 12345, 12345)
        assert [load(), load()] == [True, True]
        assert list((tmp_path / "home").iterdir()) == []


def test_reference_tables_that_passed_are_not_looked_at_again(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = list[Path]()
    monkeypatch.setattr(reference_tables, "reference_faults", lambda root: [looked.append(root), []][1])

    def in_a_process() -> int:
        name_folder(tmp_path / "home" / "cache")
        reference_tables._faults_of.cache_clear()
        reference_tables.check_reference_tables(load_rulebook(root).contracts)
        return len(looked)

    assert [copy_context().run(in_a_process) for _ in range(2)] == [1, 1]
    contract = next(root.rglob("*.odcs.yaml"))
    contract.write_text(f"{contract.read_text(encoding='utf-8')}# a remark\n", encoding="utf-8")
    assert copy_context().run(in_a_process) == 2
