"""The tables that synthetic returns are made from: each figure says where it is from, each word is one of the contracts."""

from __future__ import annotations

import csv
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from probation_etl.contracts.odcs import Contracts, load_contracts
from probation_etl.contracts.organisations import fold
from probation_etl.contracts.reference_files import read_tables
from probation_etl.contracts.shipped import shipped
from probation_etl.sample.layouts import shipped_layouts
from probation_etl.sample.tables import shipped_tables

OWN = shipped("contracts") / "sample"
TABLES = shipped_tables()
LAYOUTS = shipped_layouts()
PUBLISHED = Path(__file__).parents[2] / "data" / "published_figures.csv"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def contracts() -> Contracts:
    return load_contracts()


WEEKLY = rows(OWN / "weekly_counts.csv")


def test_counts_are_given_for_each_of_forty_weeks_from_the_first_of_march() -> None:
    assert len(TABLES.weeks) == 40
    assert (TABLES.weeks[0], TABLES.weeks[-1]) == (date(2020, 3, 1), date(2020, 11, 29))
    assert {week.isoweekday() for week in TABLES.weeks} == {7}
    keys = {(row["week_starting"], row["provider_kind"], row["measure"]) for row in WEEKLY}
    assert len(WEEKLY) == len(keys) == 40 * 2 * 3


def test_each_count_names_its_source_with_line_and_words_or_is_called_synthetic() -> None:
    quotes = {(row["line"], row["quote"]) for row in rows(PUBLISHED)}
    for row in WEEKLY:
        if row["basis"] in {"published", "published share"}:
            assert row["source"]
            assert (row["line"], row["quote"]) in quotes
        else:
            assert row["basis"] in {"synthetic, chosen", "synthetic, interpolated"}
            assert (row["source"], row["line"], row["quote"]) == ("", "", "")
        assert row["note"]


def test_a_count_called_published_is_the_one_of_its_line() -> None:
    published = {(row["line"], row["organisation"][:3].lower(), row["value"]) for row in rows(PUBLISHED)}
    for row in WEEKLY:
        if row["basis"] == "published":
            assert (row["line"], row["provider_kind"], row["value"]) in published


def test_an_interpolated_count_lies_on_the_line_between_those_on_either_side() -> None:
    for key in {(row["provider_kind"], row["measure"]) for row in WEEKLY}:
        series = [row for row in WEEKLY if (row["provider_kind"], row["measure"]) == key]
        known = [number for number, row in enumerate(series) if row["basis"] != "synthetic, interpolated"]
        assert (known[0], known[-1]) == (0, 39)
        for first, last in pairwise(known):
            low, high = int(series[first]["value"]), int(series[last]["value"])
            for number in range(first, last):
                assert int(series[number]["value"]) == round(low + (high - low) * (number - first) / (last - first))


def test_no_week_but_the_middle_of_april_is_as_low() -> None:
    for kind in ("crc", "nps"):
        heard = TABLES.counts[kind, "heard"]
        assert min(heard, key=heard.__getitem__) == date(2020, 4, 12)
        assert list(heard.values()).count(min(heard.values())) == 1


def test_the_senders_are_those_of_2020() -> None:
    listed = rows(shipped("contracts") / "reference" / "organisations.csv")
    expected = {row["code"] for row in listed if row["level"] in {"crc", "region"}} - {"C10"}
    assert {each.code for each in TABLES.senders} == expected
    assert [each.number for each in TABLES.senders] == list(range(32))
    assert {each.kind: sum(other.kind == each.kind for other in TABLES.senders) for each in TABLES.senders} == {
        "crc": 20,
        "nps": 12,
    }


def test_every_precision_and_every_layout_is_used() -> None:
    for kind in ("crc", "nps"):
        assert {each.decimals for each in TABLES.senders if each.kind == kind} == {0, 1, 2}
    assert {each.layout for each in TABLES.senders if each.kind == "crc"} == set(LAYOUTS.workbooks)
    assert {each.extension for each in LAYOUTS.workbooks.values()} == {"xlsx", "ods"}
    assert all(LAYOUTS.workbooks[each.layout] for each in TABLES.senders if each.kind == "crc")


def test_units_are_those_of_the_reference_table_where_a_sender_lies_in_several_regions() -> None:
    known = {(row["provider_code"], row["unit"]) for row in rows(shipped("contracts") / "reference/delivery_units.csv")}
    for each in TABLES.senders:
        assert each.units
        if each.code in {code for code, _ in known}:
            assert {(each.code, unit.name) for unit in each.units} <= known


def test_every_header_is_one_that_the_contract_knows(contracts: Contracts) -> None:
    for layout in LAYOUTS.workbooks.values():
        for sheet, keys in layout.columns.items():
            columns = {column.name: column for column in contracts[LAYOUTS.contracts[sheet]].columns}
            assert set(keys) == set(columns)
            for key in keys:
                allowed = {fold(name) for name in (columns[key].header, *columns[key].synonyms)}
                assert fold(layout.header(key)) in allowed
    for extract in LAYOUTS.extracts.values():
        columns = {column.name: column for column in contracts[extract.contract].columns}
        assert {key: columns[key].header for key in extract.columns} == dict(extract.columns)
        assert set(extract.columns) == set(columns)


def test_every_control_total_and_cover_label_is_one_of_the_contract(contracts: Contracts) -> None:
    for sheet, contract in LAYOUTS.contracts.items():
        cover = contracts[contract].identification.cover
        assert cover is not None
        assert cover.labels["control_rows"] == LAYOUTS.controls[sheet]
        for layout in LAYOUTS.workbooks.values():
            assert set(cover.labels.values()) <= set(layout.cover)


@pytest.mark.parametrize("name", ["order_type", "requirement", "risk_of_harm", "outcome", "status"])
def test_every_word_and_code_is_one_of_the_contracts(name: str, contracts: Contracts) -> None:
    crc = {column.name: column.labels for column in contracts["crc-breaches"].columns}
    nps = {column.name: column.labels for column in contracts["nps-breaches"].columns}
    assert set(TABLES.words[name]) == set(crc[name])
    codes = {code for codes in TABLES.codes[name].values() for code in codes}
    assert codes <= set(nps["status" if name == "outcome" else name])


def test_every_status_and_outcome_is_what_the_codes_mean() -> None:
    table = read_tables(shipped("contracts") / "reference")["breach_statuses"]
    meaning = {row["code"]: row for row in table.to_dicts()}
    for word, codes in TABLES.codes["status"].items():
        assert {meaning[code]["harmonised_status"] for code in codes} == {word.lower()}
    assert {code for codes in TABLES.codes["status"].values() for code in codes} == set(meaning)
    outcomes = {meaning[codes[0]]["harmonised_outcome"] for codes in TABLES.codes["outcome"].values()}
    assert len(outcomes) == len(TABLES.words["outcome"])


def test_every_fault_names_a_column_and_a_rule_of_its_contract(contracts: Contracts) -> None:
    for fault in TABLES.faults:
        names = set(contracts[fault["contract"]].column_names)
        assert {fault["column"], fault["found_in"]} <= names
        assert fault["severity"] in {"error", "warning"}
        needed = {part for need in (fault["needs"] or "").split() for part in need.lstrip("!").split("<")}
        assert needed <= names
