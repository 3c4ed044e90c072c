"""The name of an output says what is in it: another is refused before anything is read or written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from places import SAMPLE_DATA, Outcome

FAULTY = next((SAMPLE_DATA / "annexe_2").rglob("*.csv"))
STORE = "duckdb:///none.duckdb"


@pytest.mark.parametrize(
    ("arguments", "name", "meant"),
    [
        (("contract", "template", "crc-breaches", "-o"), "t.csv", "t.xlsx"),
        (("contract", "template", "crc-breaches", "-o"), "t.ods", "t.xlsx"),
        (("contract", "export", "crc-breaches", "--to", "pandera", "-o"), "a.json", "a.py"),
        (("contract", "export", "crc-breaches", "--to", "json-schema", "-o"), "a.xlsx", "a.json"),
        (("validate", FAULTY, "-o"), "out.docx", "out.txt"),
        (("validate", FAULTY, "-o"), "out.pdf", "out.txt"),
        (("validate", FAULTY, "--format", "csv", "-o"), "out.xlsx", "out.csv"),
        (("validate", FAULTY, "--format", "xlsx", "-o"), "out.html", "out.xlsx"),
        (("status", "--store", STORE, "-o"), "status.csv", "status.html"),
        (("tracker", "--store", STORE, "-o"), "tracker.csv", "tracker"),
        (("store", "export", STORE, "--to"), "tables.parquet", "tables"),
        (("check", "--store", STORE, "--data-docs"), "docs.html", "docs"),
        (("sample",), "sample.zip", "sample"),
        (("run", SAMPLE_DATA, "--store", STORE, "--reports"), "reports.html", "reports"),
        (("demo",), "demo.zip", "demo"),
    ],
)  # fmt: skip
def test_a_name_of_another_kind_of_file_is_refused_with_what_is_meant(
    arguments: tuple[object, ...], name: str, meant: str, command: Callable[..., Outcome], tmp_path: Path
) -> None:
    ending = Path(name).suffix
    command(*arguments, tmp_path / name).refused(2, ending, f"{tmp_path / meant}’")
    assert list(tmp_path.iterdir()) == []


def test_endings_in_capitals_and_none_at_all_are_taken(command: Callable[..., Outcome], tmp_path: Path) -> None:
    for name in ("a.XLSX", "b"):
        assert command("contract", "template", "crc-breaches", "-o", tmp_path / name).code == 0
        assert (tmp_path / name).read_bytes()[:2] == b"PK"
