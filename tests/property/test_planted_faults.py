"""Whatever is planted in a return is found, and nothing else: for every contract that ships, and one that is invented.

``planting`` explains how the answer key is made. Each return is made from its own seed, which a failure names. By
default some 2,000 faults are planted; ``PROBATION_ETL_PLANTS`` says otherwise.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planting import OF_THE_SENDER, Card, Expected, Planted, Planter, Sent, as_csv, as_workbook, cards_of
from probation_etl.contracts.model import Contract
from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.intake.assess import assess
from probation_etl.intake.references import InFrame
from probation_etl.intake.result import ReturnResult

if TYPE_CHECKING:
    from conftest import Library

PLANTS = int(os.environ.get("PROBATION_ETL_PLANTS", "2000"))
AT_ONCE = 28
WORKBOOKS = ("crc-breaches", "crc-caseload", "crc-suspended-breaches")
EXTRACTS = ("nps-breaches", "nps-caseload", "nps-suspended-breaches")
CRCS = ("C01", "C04", "C07", "C09", "C17", "C21")
REGIONS = ("N03", "N07", "N50", "N53", "N59")
#: Findings and rows that a failure shows.
LONGEST = 20


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook()


@pytest.fixture(scope="module")
def invented(library: Library) -> Rulebook:
    """Loans, with what no contract that ships has: truth values, least lengths, warnings, values without a counterpart."""
    columns = library.columns(
        branch={
            "enum": [{"value": "Central"}, {"value": "N", "label": "North"}, {"value": "Mobile"}],
            "customProperties": [{"property": "severities", "value": {"not-in-list": "warning"}}],
        },
        notes={"logicalTypeOptions": {"minLength": 3, "maxLength": 20}},
        renewed={"customProperties": [{"property": "severities", "value": {"not-a-boolean": "warning"}}]},
    )
    columns.append({"name": "card", "physicalName": "Card", "logicalType": "string", "unique": True})
    names = {"loan_reference": "string", "site": "string"}
    unified = library.contract(
        name="unified-loan", table="loan", columns=[{"name": name, "logicalType": kind} for name, kind in names.items()], rules=[],
        custom={"layer": "unified", "identification": None, "reportingPeriod": None},
    )  # fmt: skip
    # In brackets, since lint refuses a code list that lacks a value of the list of the column itself.
    codes = {"expression": "(branch)", "codes": {"Central": "C", "N": "N"}}
    mapping = {"table": "loan", "columns": {"loan_reference": "loan_reference", "site": codes}}
    return library.rulebook(library.contract(columns=columns, custom={"mapping": mapping}), unified)


# Making returns


def sender(rng: Random, code: str) -> Sent:
    end = date(2020, 5, 3) + timedelta(days=14 * rng.randrange(22))
    return Sent(code, end - timedelta(days=13), end)


def file_cards(contract: Contract) -> list[Card]:
    """Faults of the file: any column may be missing, and where rows refer to others, those may not be at hand."""
    missing = [Card("missing-column", column.name) for column in contract.columns]
    unchecked = [Card("unchecked-reference")] if contract.references else []
    return [*missing, Card("unexpected-column"), Card("duplicate-column"), *unchecked]


def dealt(contract: Contract, number: int, rng: Random, *, native: bool) -> list[Card]:
    """The next cards of an endless pack that is always dealt in the same order, and now and then faults of the file."""
    pack = cards_of(contract, native=native)
    Random(contract.id).shuffle(pack)  # noqa: S311
    hand = [pack[(number * AT_ONCE + at) % len(pack)] for at in range(AT_ONCE)]
    of_file = file_cards(contract)
    Random(f"file {contract.id}").shuffle(of_file)  # noqa: S311
    if number % 3:
        hand += [of_file[(number - number // 3 - 1) % len(of_file)]]
        hand += rng.sample(of_file, rng.choice((0, 0, 1)))
    return hand


def planted_return(
    contract: Contract, sent: Sent, rng: Random, cards: list[Card], *, native: bool, rows: int
) -> Planted:
    planter = Planter(contract, sent, rng, native=native, rows=rows)
    planter.plant(cards)
    return planter.finish()


def lies_elsewhere(planted: Planted) -> bool:
    """Whether no date lies in the period; one or two rows may have theirs in the period before or after it."""
    start, end = planted.sent.period_start, planted.sent.period_end
    dated = [
        days
        for row in planted.rows
        if (days := [day for name in row.cells if isinstance(day := row.value(name), date)])
    ]
    if start is None or end is None or not dated:
        return False
    around = timedelta(days=14) if len(dated) < 3 else timedelta(0)
    return not any(start - around <= day <= end + around for days in dated for day in days)


def in_whole(planted: Planted) -> Planted:
    """The key, with what is found of the return as a whole: where its dates lie, and too many rows with errors."""
    if lies_elsewhere(planted):
        planted.key.append(Expected(None, None, "dates-outside-period", "dates-outside-period", "warning"))
    share = len(planted.erring) / len(planted.rows)
    of_file = any(each.row is None and each.severity == "error" for each in planted.key)
    if not of_file and share > planted.contract.quarantined_share:
        planted.key.append(Expected(None, None, "acceptance-limit", "acceptance-limit"))
    return planted


# Holding them against the key


def found_in(result: ReturnResult) -> Counter[Expected]:
    frame = result.findings.select("row", "column", "code", "rule", "severity", "cell")
    return Counter(Expected(*row) for row in frame.iter_rows())


def hold(result: ReturnResult, planted: Planted, seed: str) -> None:
    """The findings are the key; rows are where they belong; rows of one group name one another."""
    found, key = found_in(result), Counter(in_whole(planted).key)
    missed, extra = list((key - found).elements()), list((found - key).elements())
    assert not [*missed, *extra], _told(seed, planted, missed, extra)
    assert result.verdict == planted.verdict, seed
    assert (result.rows.read, result.rows.blank, result.rows.notes) == (
        len(planted.rows),
        planted.blank,
        planted.notes,
    ), seed
    quarantined = set(planted.positions) if planted.verdict == "rejected" else planted.erring
    assert set(result.quarantined["source_row"]) == quarantined, seed
    assert set(result.accepted["source_row"]) == set(planted.positions) - quarantined, seed
    for row, message in result.findings.filter(pl.col("code") == "duplicate-row").select("row", "message").rows():
        assert message.startswith(f"Rows {planted.groups[row]} have the same "), (seed, message)


def _told(seed: str, planted: Planted, missed: list[Expected], extra: list[Expected]) -> str:
    rows = {each.row for each in (*missed, *extra) if each.row is not None}
    lines = [f"  {row}: {planted.records[row - 1]}" for row in sorted(rows)[:LONGEST]]
    listed = [*(f"  missed {each}" for each in missed[:LONGEST]), *(f"  extra {each}" for each in extra[:LONGEST])]
    return "\n".join([f"the return of the seed ‘{seed}’ ({planted.contract.id}, {planted.sent}):", *listed, *lines])


def targets_of(*planted: Planted) -> Any:
    """What the returns may refer to: made of the rows of the one that refers."""
    known = next((each.targets for each in planted if each.contract.references), None)
    return lambda _supplier, _end: lambda _table: None if known is None else InFrame(known)


# Planting


def plant_extract(rulebook: Rulebook, contract: Contract, number: int) -> Counter[Card]:
    seed = f"{contract.id} {number}"
    rng = Random(seed)  # noqa: S311
    sent = sender(rng, rng.choice(REGIONS))
    named_end, code, cards = str(sent.period_end), sent.supplier_code, Counter[Card]()
    of_sender: list[Expected] = []
    if number % 9 == 1:
        sent.period_start = sent.period_end = None
        named_end = "2020-02-31"
        of_sender.append(Expected(None, None, "period-mismatch", "period-mismatch"))
    elif number % 9 == 3:
        sent.supplier_code, sent.known_supplier, code = "N98", False, "N98"
        of_sender.append(Expected(None, None, "unknown-organisation", "unknown-organisation"))
    hand = dealt(contract, number, rng, native=False)
    planted = planted_return(contract, sent, rng, hand, native=False, rows=rng.choice((30, 45, 160)))
    planted.key += of_sender
    cards.update(Card(each.code) for each in of_sender)
    name = contract.id.removeprefix("nps-").replace("-", "_")
    (result,) = assess(f"{code}_{name}_{named_end}.csv", as_csv(planted), rulebook, references=targets_of(planted))
    hold(result, planted, seed)
    return cards + planted.plants


def plant_workbook(rulebook: Rulebook, contracts: list[Contract], number: int) -> dict[str, Counter[Card]]:
    seed = f"workbook {number}"
    rng = Random(seed)  # noqa: S311
    sent = sender(rng, rng.choice(CRCS))
    named_end, of_sender = sent.period_end, Counter[str]()
    if number % 9 == 1:
        named_end = sent.period_end + timedelta(days=14)  # type: ignore[operator]
        of_sender["period-mismatch"] += 1
    elif number % 9 == 3:
        sent.supplier_code, sent.known_supplier = "C99", False
        of_sender["unknown-organisation"] += 1
    sheets: dict[str, Planted] = {}
    wrong_total = contracts[number // 9 % len(contracts)] if number % 9 == 5 else None
    cover: list[list[Any]] = [["Return of a CRC"], [], ["Provider code", sent.supplier_code]]
    cover += [["Period start", sent.period_start], ["Period end", sent.period_end]]
    for contract in contracts:
        hand = dealt(contract, number, rng, native=True)
        planted = planted_return(contract, sent, rng, hand, native=True, rows=rng.choice((30, 45, 160)))
        codes = [*of_sender, *(["control-total"] if contract is wrong_total else [])]
        planted.key += [Expected(None, None, code, code) for code in codes]
        planted.plants.update(Card(code) for code in codes)
        assert contract.identification.cover is not None
        assert contract.identification.sheet is not None
        label = contract.identification.cover.labels["control_rows"]
        cover.append([label, len(planted.rows) + (contract is wrong_total)])
        sheets[contract.identification.sheet] = planted
    data = as_workbook(cover, **sheets)
    targets = targets_of(*sheets.values())
    results = {
        each.sheet: each
        for each in assess(f"{sent.supplier_code}_return_{named_end}.xlsx", data, rulebook, references=targets)
    }
    assert set(results) == set(sheets)
    for sheet, planted in sheets.items():
        hold(results[sheet], planted, f"{seed} {sheet}")
    return {planted.contract.id: planted.plants for planted in sheets.values()}


def plant_loans(library: Library, rulebook: Rulebook, number: int) -> Counter[Card]:
    seed = f"loans {number}"
    rng = Random(seed)  # noqa: S311
    contract = rulebook.contracts["loans"]
    sent = Sent("B1", date(2024, 3, 1), date(2024, 3, 31))
    hand = dealt(contract, number, rng, native=False)
    planted = planted_return(contract, sent, rng, hand, native=False, rows=rng.choice((30, 60)))
    hold(library.assess(as_csv(planted), rulebook), planted, seed)
    return planted.plants


def every_card(contract: Contract, *, native: bool) -> set[Card]:
    """Each fault that there can be, whether of a cell, a row, the header or the sender."""
    return {*cards_of(contract, native=native), *file_cards(contract)}


# Tests


@pytest.mark.parametrize("name", EXTRACTS)
def test_the_findings_of_an_extract_are_what_was_planted_and_nothing_else(rulebook: Rulebook, name: str) -> None:
    contract, plants, number = rulebook.contracts[name], Counter[Card](), 0
    while plants.total() < PLANTS / 7 or not every_card(contract, native=False) <= set(plants):
        plants += plant_extract(rulebook, contract, number)
        number += 1
        assert number < max(60, PLANTS), every_card(contract, native=False) - set(plants)


def test_the_findings_of_a_workbook_are_what_was_planted_and_nothing_else(rulebook: Rulebook) -> None:
    contracts = [rulebook.contracts[name] for name in WORKBOOKS]
    plants = {name: Counter[Card]() for name in WORKBOOKS}
    wanted = {each.id: every_card(each, native=True) | {Card(code) for code in OF_THE_SENDER} for each in contracts}
    number = 0
    while any(plants[name].total() < PLANTS / 7 or not wanted[name] <= set(plants[name]) for name in WORKBOOKS):
        for name, planted in plant_workbook(rulebook, contracts, number).items():
            plants[name] += planted
        number += 1
        assert number < max(60, PLANTS), {name: wanted[name] - set(plants[name]) for name in WORKBOOKS}


def test_the_findings_of_an_invented_return_are_what_was_planted_and_nothing_else(
    library: Library, invented: Rulebook
) -> None:
    contract, plants, number = invented.contracts["loans"], Counter[Card](), 0
    while plants.total() < PLANTS / 7 or not every_card(contract, native=False) <= set(plants):
        plants += plant_loans(library, invented, number)
        number += 1
        assert number < max(60, PLANTS), every_card(contract, native=False) - set(plants)


@settings(max_examples=20)
@given(data=st.data(), name=st.sampled_from(EXTRACTS), rng=st.randoms(use_true_random=False))
def test_a_few_faults_in_a_small_extract_are_found_and_nothing_else(
    rulebook: Rulebook, data: st.DataObject, name: str, rng: Random
) -> None:
    contract = rulebook.contracts[name]
    cards = sorted(every_card(contract, native=False))
    hand = data.draw(st.lists(st.sampled_from(cards), max_size=6))
    sent = Sent("N53", date(2020, 9, 15), date(2020, 9, 28))
    planted = planted_return(contract, sent, rng, hand, native=False, rows=data.draw(st.integers(3, 8)))
    file = f"N53_{name.removeprefix('nps-').replace('-', '_')}_2020-09-28.csv"
    (result,) = assess(file, as_csv(planted), rulebook, references=targets_of(planted))
    hold(result, planted, name)


@pytest.mark.parametrize("digits", [12, 13, 14, 18])
def test_figures_too_large_to_multiply_are_out_of_range_and_no_end_of_the_return(
    rulebook: Rulebook, digits: int
) -> None:
    header = "provider_code,ldu_code,grade_code,snapshot_date,fte,caseload,average_caseload"
    rows = (f"N53,A,NPSM,2020-05-10,{'9' * digits},9,{'9' * digits}", "N53,B,NPSM,2020-05-10,10,90,9.00")
    data = "\n".join((header, *rows, "")).encode()
    (result,) = assess("N53_caseload_2020-05-17.csv", data, rulebook)
    found = set(result.findings.filter(pl.col("row").is_not_null()).select("row", "column", "code").iter_rows())
    # Where the figures can still be multiplied, the average is seen not to agree.
    assert found - {(2, "average_caseload", "row-rule")} == {
        (2, "fte", "out-of-range"),
        (2, "average_caseload", "out-of-range"),
    }
