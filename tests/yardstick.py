"""Writes everything that the program makes of its sample as text, so that two versions of it can be compared.

Use it around a change that must not change what users get::

    python tests/yardstick.py before     # on the old code
    python tests/yardstick.py after      # on the new code
    diff -r before after

Names of runs and stores, times of the clock, seconds and the working directory are written as ``<run>``, ``<store>``, ``<time>``,
``<seconds>`` and ``<root>``; a workbook is unpacked into its parts, a Parquet file and a store are written out row by row.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from probation_etl.cli import run_cli

SAMPLE_DATA = Path(__file__).parents[1] / "sample_data"
TARGETS = ("great-expectations", "pandera", "json-schema", "frictionless")
FAULTY = "C08_return_2020-11-29_licence_and_impossible_dates.xlsx"
STORE = "duckdb:///probation.duckdb"
#: What differs from run to run, and what is written in its place.
VARYING = (
    (re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}"), "<run>"),
    (re.compile(r"\b202[6-9]-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+00:00)?"), "<time>"),
    (re.compile(r"datetime\.datetime\(202[6-9][^)]*\)"), "<time>"),
    (re.compile(r"\b\d{1,2} [A-Z][a-z]+ 202[6-9](,? at)? \d\d:\d\d( UTC)?"), "<time>"),
    (re.compile(r"\b\d{1,2} [A-Z][a-z]+ 202[6-9]\b"), "<day>"),
    (re.compile(r"\b202[6-9]-\d\d-\d\d\b"), "<day>"),
    (re.compile(r"^\('[0-9a-f]{16}',\)$", re.MULTILINE), "<store>"),
    (re.compile(r'(?<="seconds": )\{[^}]*\}'), '"<seconds>"'),
)


def main() -> None:
    """Makes the sample's outputs in a temporary directory and writes them down as text."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path, help="where to write; replaced where it is there")
    target = parser.parse_args().directory.absolute()
    for key in [key for key in os.environ if key.startswith("PROBATION_ETL_")]:
        del os.environ[key]
    os.environ["COLUMNS"] = "200"
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        Yardstick(root, target).take()


class Yardstick:
    """The sample's outputs: made in ``root``, written down in ``target``."""

    def __init__(self, root: Path, target: Path) -> None:
        self.root, self.target = root, target

    def take(self) -> None:
        """Everything, in the order of a user's work."""
        for folder in ("annexe_2", "faulty"):
            shutil.copytree(SAMPLE_DATA / folder, self.root / "inbox" / folder)
        self.runs()
        self.validations()
        self.contracts()
        self.store()
        self.synthetic()
        self.tree("reports")

    def runs(self) -> None:
        """The sample, the same again, and a correction of the faulty return."""
        arguments = ("run", "inbox", "--store", STORE, "--reports", "reports", "--annotated", "--json")
        self.command("run.json", *arguments)
        self.command("run_again.json", *arguments)
        (self.root / "inbox" / "faulty" / FAULTY).unlink()
        self.command("template.txt", "contract", "template", "crc-breaches", "-o", "template.xlsx")
        self.file("template.xlsx")
        corrected = (SAMPLE_DATA / "annexe_2" / "N53_breaches_2020-09-28.csv").read_text(encoding="utf-8")
        (self.root / "inbox" / "N53_breaches_2020-09-28.csv").write_text(
            corrected.replace("Community order", "Community Odrer", 1), encoding="utf-8"
        )
        self.command("run_corrected.json", *arguments)
        self.command("run_terminal.txt", *arguments[:-1])

    def validations(self) -> None:
        """The faulty return in every form."""
        faulty = SAMPLE_DATA / "faulty" / FAULTY
        shutil.copy(faulty, self.root)
        for form in ("text", "json", "csv", "html", "junit", "sarif"):
            self.command(f"validate.{form}", "validate", FAULTY, "--format", form)
        self.command("validate_xlsx.txt", "validate", FAULTY, "--format", "xlsx", "-o", "validate.xlsx")
        self.file("validate.xlsx")

    def contracts(self) -> None:
        """All contracts: listed, shown, handed over, proved."""
        listing = self.command("contracts/list.txt", "contract", "list")
        self.command("contracts/lint.txt", "contract", "lint")
        self.command("contracts/prove.json", "contract", "prove", "--json")
        for name in sorted({line.split()[0] for line in listing.splitlines() if line.strip()} - {"id"}):
            self.command(f"contracts/{name}.txt", "contract", "show", name)
            self.command(f"contracts/{name}.json", "contract", "show", name, "--json")
            for tool in TARGETS:
                self.command(f"contracts/{name}.{tool}.txt", "contract", "export", name, "--to", tool)

    def store(self) -> None:
        """What the store holds, and what is made of it."""
        self.command("status.json", "status", "--store", STORE, "--on", "2020-12-20", "--json", "-o", "status.html")
        self.file("status.html")
        self.command("status.txt", "status", "--store", STORE, "--on", "2020-12-20")
        self.command("verify.json", "store", "verify", STORE, "--json")
        self.command("check.json", "check", "--store", STORE, "--json")
        self.command(
            "trace.json", "trace", "--store", STORE, "breach", "provider_code=C08", "logged_on=2020-09-15", "--json"
        )
        self.command("tracker.txt", "tracker", "--store", STORE, "-o", "tracker")
        self.tree("tracker")
        self.command("export.txt", "store", "export", STORE, "--to", "export")
        self.tree("export")
        with duckdb.connect(str(self.root / "probation.duckdb"), read_only=True) as connection:
            names = connection.execute("SELECT table_schema, table_name FROM information_schema.tables").fetchall()
            for schema, table in sorted(names):
                found = connection.execute(f'SELECT * FROM "{schema}"."{table}"')  # names from the store itself
                header = ", ".join(f"{each[0]} {each[1]}" for each in found.description or ())
                self.write(f"store/{schema}.{table}.txt", _rows(header, found.fetchall()))

    def synthetic(self) -> None:
        """The national sample, of four organisations and two fortnights, with planted faults."""
        chosen = ("C08", "C18", "N53", "N56", "--from", "2020-04-12", "--to", "2020-05-09", "--faults", "20")
        self.command("sample.txt", "sample", "synthetic", "--organisations", *chosen)
        self.tree("synthetic")

    def command(self, name: str, *arguments: str) -> str:
        """Runs one command and writes down its exit code and both of its streams; gives standard output."""
        with chdir(self.root), redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
            code = run_cli(list(arguments))
        self.write(name, f"exit code {code}\n{out.getvalue()}\n--- standard error\n{err.getvalue()}")
        return out.getvalue()

    def tree(self, name: str) -> None:
        """Every file below a folder, where each stands; runs in the order in which they were made.

        What is known of the files of the inbox is about this machine, and left out.
        """
        folder = self.root / name
        runs = sorted(
            (p for p in folder.iterdir() if p.is_dir() and VARYING[0][0].fullmatch(p.name)),
            key=lambda path: path.stat().st_mtime_ns,
        )
        numbers = {path.name: f"run{number}" for number, path in enumerate(runs, 1)}
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".known" and not any(parent.is_symlink() for parent in path.parents):
                parts = [numbers.get(part, part) for part in path.relative_to(self.root).parts]
                self.file(path.relative_to(self.root).as_posix(), "/".join(parts))

    def file(self, name: str, shown: str | None = None) -> None:
        """One file that a command has written, as text, with its mode."""
        path, shown = self.root / name, shown or name
        mode = f"{path.stat().st_mode & 0o777:o}"
        if path.suffix in (".xlsx", ".ods"):
            with zipfile.ZipFile(path) as archive:
                for part in sorted(archive.namelist()):
                    self.write(f"{shown}/{part.replace('/', '_')}", archive.read(part).decode("utf-8", "replace"))
        elif path.suffix == ".parquet":
            frame = pl.read_parquet(path)
            header = ", ".join(f"{name} {dtype}" for name, dtype in frame.schema.items())
            self.write(f"{shown}.txt", _rows(header, frame.rows()))
        else:
            self.write(shown, path.read_bytes().decode("utf-8", "replace"))
        self.write(f"{shown}.mode", mode)

    def write(self, name: str, text: str) -> None:
        """Text with what varies left out."""
        text = text.replace(str(self.root), "<root>")
        for pattern, instead in VARYING:
            text = pattern.sub(instead, text)
        path = self.target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _rows(header: str, rows: Iterable[tuple[Any, ...]]) -> str:
    """A table as text, its rows in a fixed order."""
    return "\n".join([header, *sorted(repr(tuple(_cell(value) for value in row)) for row in rows)]) + "\n"


def _cell(value: object) -> object:
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value


if __name__ == "__main__":
    main()
