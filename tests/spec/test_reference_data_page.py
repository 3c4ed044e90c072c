"""The page on reference data is made from the contracts of the tables, and from the tables themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
import yaml
from pages import DOCS, ROOT, held_to

from probation_etl.contracts.reference_files import read_tables

FOLDER = ROOT / "contracts" / "reference"
TABLES = ("organisations", "organisation_labels", "regions", "crosswalk", "delivery_units", "breach_statuses",
          "bank_holidays", "tracker_baselines")  # fmt: skip
HEAD = """# Reference data

This page is made from the contracts of the tables and from the tables themselves.

Reference tables are the CSV files in [`contracts/reference`](../../contracts/reference). Each has a contract beside it and is
validated like a return: see [the contract language](contract-language/reference-tables.md#reference-tables). Every row gives its
source (`source`) and what is verified (`verification` or `confidence`).

To change a table, change its file and check it with `probation-etl contract lint`. The next run loads it into the store. Rows
that are already loaded are not mapped again.

## How the region of a row is found

1. All rows of the provider in `crosswalk` lead to one region: that region, `region_basis` is `provider`.
2. Otherwise the delivery unit of the row is listed under its provider in `delivery_units`, by name or by nDelius code: the
   region of that unit, `region_basis` is `ldu`. Case, spaces, punctuation and `&` for `and` make no difference. A name that is
   only similar finds nothing.
3. Otherwise there is no region, `region_basis` is `unallocated`. Such rows are counted in the report of the run and in
   `status`. They are not apportioned.

Two mistakes in public lists are not repeated. Lincolnshire is in the East Midlands (N53) although the rest of its CRC (C04)
went to Yorkshire and the Humber (N55); North and North East Lincolnshire are Humberside, and so N55. And five of the seven old
divisions are in two or three regions, not in one.

## Sources and licences

| source | what is from it | licence |
|---|---|---|
| HM Inspectorate of Probation, thematic review of probation services' recovery from Covid-19, February 2021 (“seed” in `source`, L its line as text) | spellings of organisations, clusters of delivery units, baselines | [Open Government Licence v3.0](https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/) |
| repositories of the Ministry of Justice, named in `source` | codes, names, regions, delivery units and their codes, status codes of breaches | only facts were taken; the licence of each repository was not checked |
| web pages named in `source` | days and names of organisations | only facts were taken |
| Python package `holidays` | bank holidays | MIT |

Left out are codes of the probation trusts before 2014, which no return of these contracts uses, and names for two regions
together.
"""


def test_the_page_on_reference_data_is_up_to_date() -> None:
    held_to(DOCS / "reference" / "reference-data.md", f"{HEAD}\n" + "\n".join(map(section, TABLES)))


def test_the_page_has_every_table() -> None:
    assert {path.stem for path in FOLDER.glob("*.csv")} == set(TABLES)


def section(name: str) -> str:
    contract = yaml.safe_load((FOLDER / f"{name}.odcs.yaml").read_text(encoding="utf-8"))
    (schema,), about = contract["schema"], contract["description"]
    table = read_tables(FOLDER)[name]
    assert list(table.columns) == [each["name"] for each in schema["properties"]]
    lines = [
        f"## {name}", "", f"{about['purpose']} {about['usage']} {about['limitations']}", "",
        f"{schema['description']} {table.height} rows.", "",
        "| column | type | |", "|---|---|---|", *map(column, schema["properties"]), "",
        *(f"`{bare(each['from'])}` refers to `{bare(each['to'], keep=True)}`.\n" for each in schema.get("relationships", ())),
        *status(table),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def column(data: dict[str, Any]) -> str:
    key = "Key. " if data.get("primaryKey") else ""
    return f"| `{data['name']}` | {data['logicalType']} | {key}{data['description']} |"


def bare(names: str | list[str], *, keep: bool = False) -> str:
    listed = [names] if isinstance(names, str) else names
    return "`, `".join(name if keep else name.rpartition(".")[2] for name in listed)


def status(table: pl.DataFrame) -> Iterator[str]:
    name = "confidence" if "confidence" in table.columns else "verification"
    counted = table.group_by(name).len().sort(["len", name], descending=[True, False])
    yield from (f"| {name} | rows |", "|---|---|")
    for text, rows in counted.rows():
        yield f"| {text} | {rows} |"
