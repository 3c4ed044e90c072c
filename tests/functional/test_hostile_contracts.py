"""Contracts of strangers: nothing outside of the store is read, nothing grows without end, and `run` takes none that lint refuses."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import probation_etl
from lending import RETURN, UNIFIED, VIEW
from places import CHECKOUT, Outcome
from probation_etl.contracts.odcs import load_contracts
from probation_etl.errors import ContractError
from probation_etl.stores.confined import confined
from probation_etl.stores.query_lint import query_faults

Command = Callable[..., Outcome]
#: Seconds of the processor that a refusal may take; most take some hundredths.
QUICK = 2.0
CANARY = "canary_9Q"
_COUNT, _VIEW = "SELECT COUNT(*) FROM unified.loan WHERE fine > 0", VIEW[VIEW.index("SELECT branch, CAST") :].strip()

#: Queries in the place of a release check. OUTSIDE is the path of a file that none may read.
CHECKS = {
    "a table function": "SELECT COUNT(*) FROM read_csv('OUTSIDE')",
    "a file as a table": "SELECT COUNT(*) FROM 'OUTSIDE'",
    "a file as a name": 'SELECT COUNT(*) FROM "OUTSIDE"',
    "a file in an inner query": "SELECT COUNT(*) FROM (SELECT * FROM read_text('OUTSIDE')) AS t",
    "a file under WITH": "WITH t AS (SELECT * FROM read_blob('OUTSIDE')) SELECT COUNT(*) FROM t",
    "a file in a condition": "SELECT COUNT(*) FROM unified.loan WHERE EXISTS (SELECT 1 FROM glob('/etc/*'))",
    "a file beside": "SELECT COUNT(*) FROM unified.loan, LATERAL pg_read_file('OUTSIDE')",
    "a file by name": "SELECT COUNT(pg_read_file('OUTSIDE')) FROM unified.loan",
    "a function of a schema": "SELECT COUNT(pg_catalog.pg_read_file('OUTSIDE')) FROM unified.loan",
    "a function in quotes": "SELECT COUNT(\"pg_read_file\"('OUTSIDE')) FROM unified.loan",
    "a function behind a point": "SELECT COUNT(('OUTSIDE'::text).pg_read_file) FROM unified.loan",
    "a large object": "SELECT COUNT(lo_import('OUTSIDE')) FROM unified.loan",
    "another host": "SELECT COUNT(*) FROM dblink('host=203.0.113.1', 'SELECT 1') AS t(a integer)",
    "the environment": "SELECT COUNT(getenv('HOME')) FROM unified.loan",
    "a setting": "SELECT COUNT(set_config('a', 'b', false)) FROM unified.loan",
    "a setting read": "SELECT COUNT(current_setting('data_directory')) FROM unified.loan",
    "a query as text": "SELECT COUNT(*) FROM query('SELECT 1')",
    "a type that looks up": "SELECT COUNT(CAST('pg_class' AS regclass)) FROM unified.loan",
    "a catalogue": "SELECT COUNT(*) FROM pg_catalog.pg_authid",
    "a catalogue by a name of its own": "WITH pg_shadow AS (SELECT * FROM pg_shadow) SELECT COUNT(*) FROM pg_shadow",
    "kept files": "SELECT COUNT(*) FROM received.files",
    "quarantined rows": "SELECT COUNT(*) FROM quarantine.rows",
    "two statements": "SELECT COUNT(*) FROM unified.loan; DROP TABLE ledger.returns",
    "a statement in it": "WITH t AS (DELETE FROM ledger.returns RETURNING 1) SELECT COUNT(*) FROM t",
    "a copy": "COPY (SELECT 1) TO 'OUTSIDE'",
    "an attachment": "ATTACH 'OUTSIDE' AS o",
    "an extension": "INSTALL httpfs",
    "a pragma": "PRAGMA database_list",
    "a comment that ends early": "SELECT COUNT(*) FROM unified.loan -- \r, read_csv('OUTSIDE')",
    "a comment in a comment": "SELECT COUNT(*) /* /* */ FROM read_csv('OUTSIDE') -- */ FROM unified.loan",
    "a text with an escape": "SELECT COUNT(*) FROM unified.loan WHERE branch = E'\\' OR read_csv(' || '",
    "a text between dollars": "SELECT COUNT($$ ' $$) FROM unified.loan",
    "no end": "WITH RECURSIVE n AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM n) SELECT COUNT(*) FROM n",
    "depth": f"SELECT COUNT(*) FROM unified.loan WHERE {'(' * 5000}TRUE{')' * 5000}",
    "a value as a count": "SELECT MAX(fine) FROM unified.loan -- SELECT COUNT(*) FROM unified.loan",
}  # fmt: skip
_LAUGHS = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    + [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, 12)]
)
#: Other parts of the contracts that are replaced: file, what is there, what stands there instead.
PARTS = {
    "a view": ("loans_by_week", _VIEW, "SELECT * FROM read_csv('OUTSIDE')"),
    "what is watched": ("loans_by_week", "recent: 1}", "recent: 1, query: SELECT * FROM 'OUTSIDE'}"),
    "a type of a column": ("loan", "logicalType: integer,", "physicalType: 'INT); DROP TABLE ledger.returns; --', logicalType: integer,"),
    "a measure": ("loan", "value: unified", "value: unified\n  - property: measures\n    value: {a: read_csv('OUTSIDE')}"),
    "a mapping": ("lending", "fine: fine}", "fine: {expression: getenv('HOME')}}"),
    "code in a condition": (
        "loan", "      - id: nobody_owes",
        ("      - id: e\n        type: custom\n        engine: great-expectations\n        implementation:\n"
        "          type: expect_column_values_to_be_in_set\n"
        "          kwargs: {column: fine, value_set: [1], condition_parser: pandas, row_condition: '@pd.io.common.os.getcwd()'}\n"
        "      - id: nobody_owes"),
    ),
    "a query of another library": (
        "loan", "      - id: nobody_owes",
        ("      - id: e\n        type: custom\n        engine: great-expectations\n        implementation:\n"
        "          type: unexpected_rows_expectation\n          kwargs: {unexpected_rows_query: SELECT 1}\n      - id: nobody_owes"),
    ),
    "a deep rule": ("lending", "customProperties:", f"""    quality:
      - {{id: r, type: custom, engine: probation-etl, implementation: {{expression: "fine{' + fine' * 2500} > 0"}}}}
customProperties:"""),
    "a long rule": ("lending", "customProperties:", f"""    quality:
      - {{id: r, type: custom, engine: probation-etl, implementation: {{expression: "fine{' + fine' * 60_000} > 0"}}}}
customProperties:"""),
    "a product of many": ("lending", "customProperties:", f"""    quality:
      - {{id: r, type: custom, engine: probation-etl, implementation: {{expression: "fine{' * fine' * 40} > 0"}}}}
customProperties:"""),
    "casts in casts": ("lending", "customProperties:", f"""    quality:
      - {{id: r, type: custom, engine: probation-etl, implementation: {{expression: "{'CAST(' * 60}fine{' AS INTEGER)' * 60} > 0"}}}}
customProperties:"""),
    "a nested rule": ("lending", "customProperties:", f"""    quality:
      - {{id: r, type: custom, engine: probation-etl, implementation: {{expression: "{'(' * 3000}fine{')' * 3000} > 0"}}}}
customProperties:"""),
    "a pattern that grows": ("lending", "logicalType: integer}", "logicalType: integer}\n      - {name: n, physicalName: n, logicalType: string, logicalTypeOptions: {pattern: '(((a{1,1000}){1,1000}){1,1000})'}}"),
    "a pattern that looks ahead": ("lending", "(?P<supplier_code>[A-Z]+)", "(?=A)(?P<supplier_code>[A-Z]+)"),
    "a pattern that refers back": ("lending", "(_v\\d)?", "(_v\\d)?(?P=supplier_code)"),
    "a deep pattern": ("lending", "(_v\\d)?", f"{'(' * 900}x{')' * 900}"),
    "a text filled up": ("lending", "customProperties:", """    quality:
      - {id: r, type: custom, engine: probation-etl, implementation: {expression: "LENGTH(LPAD(ticket, 2000000000, 'x')) > 3"}}
customProperties:"""),
    "replacements in replacements": ("lending", "customProperties:", f"""    quality:
      - {{id: r, type: custom, engine: probation-etl, implementation: {{expression: "LENGTH({'REPLACE(' * 6}ticket{f", 'a', '{'a' * 60}')" * 6}) > 3"}}}}
customProperties:"""),
    "a text filled up in a query": ("loan", "WHERE fine > 0", "WHERE RPAD(branch, 2000000000, 'x') > branch"),
    "a long cell": ("lending", "classification: restricted}", "classification: restricted, logicalTypeOptions: {minLength: 1000000000}}"),
    "a long period": ("lending", "days: 7", "days: 999999999999"),
    "a character that nobody sees": ("lending", "name: lending", 'name: "lending\\0"'),
    "aliases of aliases": ("loan", "apiVersion", f"{_LAUGHS}\napiVersion"),
    "lists of lists": ("loan", "apiVersion", f"a: {'[' * 20_000}{']' * 20_000}\napiVersion"),
    "mappings of mappings": ("loan", "apiVersion", f"a: {'{a: ' * 20_000}{'}' * 20_000}\napiVersion"),
    "a part of itself": ("loan", "apiVersion", "a: &a [*a]\napiVersion"),
    "an object": ("loan", "apiVersion", "a: !!python/object/apply:os.getcwd []\napiVersion"),
    "a long number": ("loan", "maximum: 50", f"maximum: {'9' * 5000}"),
    "no number": ("loan", "maximum: 50", "maximum: .inf"),
    "a control character": ("loan", "apiVersion", "a: '\0'\napiVersion"),
    "half a character": ("loan", "apiVersion", 'a: "\\uD800"\napiVersion'),
    "a long text": ("loan", "apiVersion", f"a: {'x' * 30_000}\napiVersion"),
    "a large file": ("loan", "apiVersion", f"{'# nothing' * 200_000}\napiVersion"),
}  # fmt: skip


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "outside.csv"
    path.write_text(f"{CANARY}\n1\n", encoding="utf-8")
    return path


def written(folder: Path, name: str = "", before: str = "", after: str = "") -> Path:
    """The contracts of the library, with a part of one replaced."""
    folder.mkdir(parents=True)
    for each, text in {"lending": RETURN, "loan": UNIFIED, "loans_by_week": VIEW}.items():
        assert each != name or before in text
        (folder / f"{each}.odcs.yaml").write_bytes(
            text.replace(before, after, 1).encode() if each == name else text.encode()
        )
    return folder


def refused_everywhere(command: Command, contracts: Path, tmp_path: Path) -> str:
    """What lint says; a run and the library refuse the same contracts, as fast, and make nothing."""
    (tmp_path / "inbox").mkdir()
    store = tmp_path / "a.duckdb"
    began = time.process_time()
    linted = command("contract", "lint", contracts)
    where = ("--store", f"duckdb:///{store}", "--reports", tmp_path / "reports", "--contracts", contracts)
    run = command("run", tmp_path / "inbox", *where)
    with pytest.raises(ContractError) as loaded:
        probation_etl.open_store(f"duckdb:///{store}", contracts=contracts)
    assert time.process_time() - began < 3 * QUICK
    assert (linted.code, run.code) == (2, 2), (linted, run)
    said = linted.out + run.out + run.err + str(loaded.value)
    assert "Traceback" not in said
    assert CANARY not in said
    assert not store.exists()
    assert not (tmp_path / "reports").exists()
    return linted.out


@pytest.mark.parametrize("name", CHECKS)
def test_a_release_check_reads_tables_of_the_store_and_nothing_else(
    name: str, command: Command, outside: Path, tmp_path: Path
) -> None:
    query = CHECKS[name].replace("OUTSIDE", str(outside))
    contracts = written(tmp_path / "contracts", "loan", _COUNT, ascii_in_yaml(query))
    said = refused_everywhere(command, contracts, tmp_path)
    assert "loan.odcs.yaml:" in said
    assert "rule ‘nobody_owes’: " in said or ("\r" in query and "a text holds the control character U+000D" in said)


def ascii_in_yaml(text: str) -> str:
    """A text in double quotation marks of YAML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r")
    return f'"{escaped}"'


@pytest.mark.parametrize("name", PARTS)
def test_no_part_of_a_contract_reaches_outside_or_grows_without_end(
    name: str, command: Command, outside: Path, tmp_path: Path
) -> None:
    file, before, after = PARTS[name]
    contracts = written(tmp_path / "contracts", file, before, after.replace("OUTSIDE", str(outside)))
    assert f"{file}.odcs.yaml:" in refused_everywhere(command, contracts, tmp_path)


@pytest.mark.parametrize(
    "kind", ["a link outside", "a pipe", "a folder", "bytes", "Latin-1", "a table by a link", "a large table"]
)
def test_what_is_no_file_of_text_is_a_fault(kind: str, command: Command, outside: Path, tmp_path: Path) -> None:
    contracts = written(tmp_path / "contracts")
    path = contracts / "loan.odcs.yaml"
    path.rename(contracts / "kept") if kind not in ("a table by a link", "a large table") else (
        contracts / "reference"
    ).mkdir()
    if kind == "a link outside":
        path.symlink_to(outside)
    elif kind == "a pipe":
        os.mkfifo(path)
    elif kind == "a folder":
        path.mkdir()
    elif kind == "bytes":
        path.write_bytes(bytes(range(256)))
    elif kind == "Latin-1":
        path.write_bytes(UNIFIED.replace("No library", "Keine Bücherei").encode("latin-1"))
    elif kind == "a table by a link":
        path = contracts / "reference" / "a.csv"
        path.symlink_to(outside)
    else:
        path = contracts / "reference" / "a.csv"
        with path.open("wb") as file:
            file.truncate(60_000_000)
    assert f"{path}:" in refused_everywhere(command, contracts, tmp_path)


def test_a_query_that_joins_without_end_is_a_fault(command: Command, tmp_path: Path) -> None:
    values = f"(VALUES {', '.join(f'({at})' for at in range(60))})"
    query = f"SELECT COUNT(*) FROM {', '.join(f'{values} AS t{at}(a)' for at in range(9))}"
    linted = command("contract", "lint", written(tmp_path / "contracts", "loan", _COUNT, query))
    assert linted.code == 2
    assert "rule ‘nobody_owes’: it takes more than 2 seconds in an empty store: it joins too much" in linted.out


def test_a_link_within_the_directory_is_followed(command: Command, tmp_path: Path) -> None:
    contracts = written(tmp_path / "contracts")
    (contracts / "loan.odcs.yaml").rename(contracts / "loan.kept")
    (contracts / "loan.odcs.yaml").symlink_to("loan.kept")
    assert command("contract", "lint", contracts).code == 0


@pytest.mark.parametrize(
    "query", [CHECKS["a table function"], CHECKS["a file as a name"], "SELECT COUNT(*) FROM frame"]
)
def test_the_engine_refuses_what_lint_would_let_through(
    query: str, outside: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = [1]
    assert frame
    contracts = written(tmp_path / "contracts", "loan", _COUNT, ascii_in_yaml(query.replace("OUTSIDE", str(outside))))
    found = load_contracts(contracts)
    faults = query_faults(found, {})
    assert len(faults) == 1, faults
    assert "rule ‘nobody_owes’: " in faults[0]
    assert CANARY not in faults[0]


def test_a_store_has_no_way_out_and_cannot_be_given_one(outside: Path, tmp_path: Path) -> None:
    import duckdb

    with confined(tmp_path / "a.duckdb") as store:
        for statement in (
            f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'", f"ATTACH '{tmp_path / 'other.duckdb'}'", "INSTALL httpfs", "LOAD httpfs",
            "SET enable_external_access = true", "RESET enable_external_access", "SET temp_directory = '/'",
            f"SELECT * FROM read_csv('{outside}')", f"IMPORT DATABASE '{tmp_path}'", f"EXPORT DATABASE '{tmp_path}/x'",
        ):  # fmt: skip
            with pytest.raises(duckdb.Error):
                store.execute(statement).fetchall()
        store.execute("CREATE TABLE a AS SELECT 1; CHECKPOINT").fetchall()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.duckdb", "outside.csv"]


def test_every_connection_of_ours_is_confined() -> None:
    calls = [
        f"{path.name}:{node.lineno}"
        for path in (CHECKOUT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "duckdb"
        and node.attr in ("connect", "sql", "query", "execute", "read_csv", "default_connection")
    ]  # fmt: skip
    assert [each.partition(":")[0] for each in calls] == ["confined.py"]


def test_lint_opens_no_file_that_a_query_names(outside: Path, tmp_path: Path) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed: the canary in the tests above must do")
    query = CHECKS["a table function"].replace("OUTSIDE", str(outside))
    contracts = written(tmp_path / "contracts", "loan", _COUNT, ascii_in_yaml(query))
    log = tmp_path / "opened"
    lint = (sys.executable, "-m", "probation_etl", "contract", "lint", contracts)
    done = subprocess.run(
        [strace, "-f", "-qq", "-e", "trace=open,openat,execve", "-o", log, *lint], capture_output=True, check=False
    )
    if not log.exists() or "execve" not in log.read_text(encoding="utf-8", errors="replace"):
        pytest.skip(f"strace may not trace here: {done.stderr.decode()[:80]}")
    assert done.returncode == 2
    opened = log.read_text(encoding="utf-8", errors="replace")
    assert "loan.odcs.yaml" in opened
    assert outside.name not in opened
