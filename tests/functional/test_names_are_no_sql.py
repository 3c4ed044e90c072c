"""No text of a file becomes SQL: as header, sheet, name, supplier or value it is text, in DuckDB as in PostgreSQL."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import probation_etl
from lending import Lending
from places import Outcome

Command = Callable[..., Outcome]
_STATEMENTS = (
    '"; drop table ledger.returns; --', "x'); DELETE FROM ledger.returns; --", "$1", "%s", "{0}",
    "$$; DROP SCHEMA ledger CASCADE; $$", "/* x */", "--", "\\'; SELECT pg_sleep(99); --", "\\", "''", '""', "a\nb; COMMIT;",
    "x" * 10_000, "\U0001f600", "E'\\x27'", "\u2019; drop table x; --",
)  # fmt: skip
#: Such values are refused, and kept as text in quarantine.
_REFUSED = ("'; DROP TABLE history.loan; --", "NULL", "\u202e'; drop table x; --", "\x07'; drop table x; --")
_TABLES = "SELECT table_schema, table_name, COUNT(*) FROM information_schema.columns GROUP BY 1, 2 ORDER BY 1, 2"


def extract(values: Sequence[str], *headers: str) -> bytes:
    text = io.StringIO()
    rows = ([value, "2020-03-02", "1", *headers] for value in values)
    csv.writer(text).writerows([["ticket", "lent_on", "fine", *headers], *rows])
    return text.getvalue().encode()


def test_hostile_names_and_values_stay_text(url: str, command: Command, library: Any, tmp_path: Path) -> None:
    lending = Lending(tmp_path, url, command)
    lending.write()
    lending.send("A_lending_2020-03-01.csv", ("1", 1))
    assert lending.run().code in (0, 1)
    contracts, inbox = lending.contracts, tmp_path / "inbox"
    with probation_etl.open_store(url, contracts=contracts, read_only=True) as store:
        before = store.query(_TABLES)
    short = [each for each in _STATEMENTS if len(each) < 100]
    sheet = "x'); DROP TABLE x; --"
    files = {
        "B_lending_2020-03-08.csv": extract([*_STATEMENTS, *_REFUSED]),
        "C_lending_2020-03-08.csv": extract(["1"], *short),
        "D_lending_2020-03-08.csv": extract(["1", "\0'; drop table x; --"]),
        "'; DROP TABLE ledger.returns; --_lending_2020-03-08.csv": extract(["1"]),
        'E"; drop table x; --_lending_2020-03-15.csv': extract(["1"]),
        "$1%s_lending_2020-03-15\\.csv": extract(["1"]),
        "F_lending_2020-03-08.xlsx": library.workbook(
            **{sheet: [["ticket", "lent_on", "fine"], ["1", "2020-03-02", "1"]]}
        ),
    }
    for name, content in files.items():
        (inbox / name).write_bytes(content)
    ran = lending.json()
    verdicts = {each["file"]: each["verdict"] for each in ran["returns"]}
    assert verdicts["B_lending_2020-03-08.csv"] == "partly_accepted", verdicts
    with probation_etl.open_store(url, contracts=contracts, read_only=True) as store:
        assert store.query(_TABLES).equals(before)
        kept = store.query("SELECT ticket FROM unified.loan WHERE branch = 'B'")["ticket"].to_list()
        assert sorted(kept) == sorted(_STATEMENTS)
    verified = command("store", "verify", url, "--contracts", contracts)
    assert verified.code == 0, verified
