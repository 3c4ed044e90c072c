"""A command imports what it needs: the start of the program is most of what a small one costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from branches import NAME, Branch

#: What takes long to import, by what needs none of it.
HEAVY = {"great_expectations", "pandas", "pandera", "hypothesis", "psycopg", "xlsxwriter", "openpyxl", "jinja2"}
ENGINES = {"polars", "duckdb", "pyarrow", "numpy", "sqlglot", "yaml", "rich", "jsonschema_rs"}
_CODE = """
import json, sys
from probation_etl.cli import run_cli
code = run_cli(sys.argv[1:])
print()
print(json.dumps([code, sorted(name for name in sys.modules if "." not in name)]))
"""


def imported(*arguments: object, cache: Path) -> tuple[int, set[str]]:
    """The exit code of a command in a process of its own, and what it imported."""
    done = subprocess.run(
        [sys.executable, "-c", _CODE, *map(str, arguments)],
        capture_output=True, check=True, env={**os.environ, "XDG_CACHE_HOME": str(cache)},
    )  # fmt: skip
    code, names = json.loads(done.stdout.decode().splitlines()[-1])
    return code, set(names)


def test_a_command_imports_only_what_it_needs(branch: Branch, tmp_path: Path) -> None:
    code, names = imported("--help", cache=tmp_path / "cache")
    assert (code, names & (HEAVY | ENGINES)) == (0, set())
    branch.put(NAME.format(""), "1")
    assert branch.run("--settle", 0).code == 0
    where = ("--store", branch.url, "--reports", branch.root / "reports", "--contracts", branch.contracts)
    # The first to see contracts tries their queries, for which it needs a database.
    file = branch.inbox / NAME.format("")
    assert imported("validate", file, "--contracts", branch.contracts, cache=tmp_path / "cache")[0] == 0
    code, names = imported("validate", file, "--contracts", branch.contracts, cache=tmp_path / "cache")
    assert (code, names & (HEAVY | {"duckdb", "pyarrow", "numpy", "sqlglot"})) == (0, set())
    faulty = branch.root / "faulty" / NAME.format("")
    faulty.parent.mkdir()
    faulty.write_bytes(branch.library.csv(branch.library.row(Branch="South")))
    code, names = imported("validate", faulty, "--contracts", branch.contracts, cache=tmp_path / "cache")
    assert (code, names & (HEAVY | {"duckdb", "pyarrow", "numpy", "sqlglot"})) == (1, set())
    code, names = imported("-q", "run", branch.inbox, *where, cache=tmp_path / "cache")
    assert (code, names & (HEAVY | {"rich", "pyarrow", "numpy"})) == (0, set())


@pytest.mark.parametrize("home", ["read-only", "none"])
def test_where_nothing_can_be_remembered_a_command_works_all_the_same(
    branch: Branch, tmp_path: Path, home: str
) -> None:
    branch.put(NAME.format(""), "1")
    if home == "read-only":
        (tmp_path / "cache").write_bytes(b"")
    code = """
import os, pathlib, sys
def nowhere():
    raise RuntimeError("Could not determine home directory.")
if not os.environ["XDG_CACHE_HOME"]:
    pathlib.Path.home = nowhere
from probation_etl.cli import main
main(sys.argv[1:])
"""
    done = subprocess.run(
        [sys.executable, "-c", code, "validate", branch.inbox / NAME.format(""), "--contracts", branch.contracts],
        capture_output=True, check=False,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache") if home == "read-only" else ""},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_library_remembers_in_the_folder_that_it_is_told(branch: Branch, tmp_path: Path) -> None:
    code = """
import sys
import probation_etl as pe
pe.remember_in(sys.argv[1])
pe.load_contracts(sys.argv[2])
print("probation_etl.contracts.examination" in sys.modules)
"""
    command = [sys.executable, "-c", code, tmp_path / "new" / "notes", branch.contracts]
    done = [subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip() for _ in range(2)]
    assert done == ["True", "False"]
    (notes,) = (tmp_path / "new").iterdir()
    assert {each.stat().st_mode & 0o777 for each in notes.iterdir()} == {0o600}
