"""SQL that an earlier process put guards into is not taken apart again, and computes the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import copy_context
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from probation_etl.contracts.checks import made_schema, safe_sql
from probation_etl.contracts.checks.place import Place
from probation_etl.contracts.checks.sql import unusable
from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.remembered import name_folder

known_sql = import_module("probation_etl.contracts.checks.known_sql")
sql = import_module("probation_etl.contracts.checks.sql")
TYPES = {"a": pl.Int64(), "b": pl.String()}


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    sql._safe_sql.cache_clear()
    yield
    sql._safe_sql.cache_clear()


def in_a_process(folder: Path | None, work: Any) -> Any:
    """What some work gives in a process that remembers in this folder."""
    sql._safe_sql.cache_clear()

    def within() -> Any:
        name_folder(folder)
        try:
            return work()
        finally:
            for each in known_sql._TEXTS.values():
                each.save()
            known_sql._TEXTS.clear()

    return copy_context().run(within)


def conditions(rulebook: Rulebook) -> list[pl.Expr]:
    """Every condition of every contract of returns."""
    unified = {each.table: each for each in rulebook.contracts.unified()}
    schemas = (
        made_schema(each, tables=rulebook.tables, unified=unified, bank_holidays=rulebook.reference.bank_holidays())[0]
        for each in rulebook.returns()
    )
    return [check.holds for schema in schemas for check in schema.checks if check.holds is not None]


def test_every_condition_of_the_shipped_contracts_is_the_same(tmp_path: Path) -> None:
    rulebook, folder = load_rulebook(), tmp_path / "cache"
    first, again = (in_a_process(folder, lambda: conditions(rulebook)) for _ in range(2))
    assert len(first) == len(again) > 100
    assert [str(each) for each in first] == [str(each) for each in again]
    # Polars calls expressions with a list of values in them different, even if they were made alike.
    fresh = in_a_process(None, lambda: conditions(rulebook))
    alike = [one.meta.eq(other) for one, other in zip(first, fresh, strict=True)]
    assert [one.meta.eq(other) for one, other in zip(first, again, strict=True)] == alike
    assert sum(alike) > 100
    file = folder / "expressions.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.stat().st_size > 1000


def test_what_is_refused_is_refused_again_and_damage_is_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "cache"

    def faults() -> list[str]:
        return unusable("LOWWER(b) = 'x'", TYPES, Place.RULE)

    assert in_a_process(folder, faults) == in_a_process(folder, faults) != []
    for text in ("a / b", "nonsense ("):
        for _ in range(2):
            with pytest.raises(pl.exceptions.PolarsError):
                in_a_process(
                    folder, lambda text=text: pl.select(a=1, b=pl.lit("x")).select(safe_sql(f"{text} (", TYPES))
                )

    def computed() -> list[int | None]:
        return pl.DataFrame({"a": [4, 0], "b": ["x", "y"]}).select(safe_sql("8 / a", TYPES).alias("c"))["c"].to_list()

    right = in_a_process(folder, computed)
    file = folder / "expressions.json"
    kept = file.read_bytes()
    for damage in (kept[:-3], kept.replace(b"8", b"9"), b"", b"\x80\x04}."):
        file.write_bytes(damage)
        assert in_a_process(folder, computed) == right
        assert file.read_bytes() == kept
    monkeypatch.setattr(known_sql, "program", lambda: "another")
    file.write_bytes(kept)
    assert in_a_process(folder, computed) == right
    assert b"another" in file.read_bytes()
