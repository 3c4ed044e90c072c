"""However the rows of a result are cut into parts, a store holds what it holds of the whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from databases import ENGINES, new_store
from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.intake.assess import assess
from probation_etl.intake.frames import Frames, InMemory
from probation_etl.intake.readers import Limits
from probation_etl.intake.result import ReturnResult
from probation_etl.runs.session import RunSession, new_record
from probation_etl.stores import Store, connect

HEADER = "provider_code,ldu_code,grade_code,snapshot_date,fte,caseload,average_caseload\n"
GRADES = ("NPSM", "NPSQ", "NPSP", "NPSC")
#: What a cell with a fault may hold, and JSON must have in another form.
ODD = ('"a ""b"""', "c\\d", "e\tf", "\x1fg\x7f", "‘h’ é", "")
TABLES = ("history.caseload", "quarantine.rows", "quarantine.findings", "ledger.totals", "received.files")
Held = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook()


@pytest.fixture(scope="module")
def result(rulebook: Rulebook) -> ReturnResult:
    """A return with some good rows, and some with faults among them."""
    places = [(f"N53U{unit}", grade) for unit in range(9) for grade in GRADES]
    rows = [f"N53,{unit},{grade},2020-05-25,{at / 25:.2f},{at},25\n" for at, (unit, grade) in enumerate(places, 1)]
    for at, text in zip((0, 5, 6, 11, 34, 35), ODD, strict=True):
        rows[at] = f"N53,{places[at][0]},{places[at][1]},2020-05-25,{text},1,\n"
    (found,) = assess("N53_caseload_2020-06-06.csv", (HEADER + "".join(rows)).encode(), rulebook)
    assert found.verdict == "partly_accepted"
    assert found.accepted.height > 3
    return found


@pytest.fixture(scope="module", params=ENGINES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, rulebook: Rulebook
) -> Iterator[Store]:
    url = new_store(request.param, tmp_path_factory.mktemp("parts"), request)
    with connect(url, rulebook.contracts, rulebook.tables) as opened:
        yield opened


@pytest.fixture(scope="module")
def of_the_whole(store: Store, rulebook: Rulebook, result: ReturnResult) -> Held:
    return held(store, rulebook, result)


def held(store: Store, rulebook: Rulebook, result: ReturnResult) -> Held:
    """What the store has when the main job has loaded the result, which is undone."""
    with store.transaction(keep=False):
        RunSession(rulebook, store, None, new_record(rulebook), Limits()).load(result)
        return {table: sorted(store.query(f"SELECT * FROM {table}").rows(), key=repr) for table in TABLES}


def cut(rows: Frames, cuts: list[int]) -> Frames:
    """The same rows in parts; two cuts at one place make a part without rows."""
    frame = rows.whole()
    places = [0, *sorted(each % (frame.height + 1) for each in cuts), frame.height]
    return Frames(tuple(InMemory(frame[start:end]) for start, end in pairwise(places)))


places = st.lists(st.integers(0, 50), max_size=4)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(accepted=places, quarantined=places, found=places)
def test_any_cut_gives_the_same_rows_totals_findings_and_quarantine(
    store: Store, rulebook: Rulebook, result: ReturnResult, of_the_whole: Held, accepted: list[int], quarantined: list[int], found: list[int],
) -> None:  # fmt: skip
    parts = replace(
        result,
        accepted_rows=cut(result.accepted_rows, accepted),
        quarantined_rows=cut(result.quarantined_rows, quarantined),
        found=cut(result.found, found),
    )
    assert held(store, rulebook, parts) == of_the_whole


def test_quarantined_cells_are_lists_of_json(of_the_whole: Held, result: ReturnResult) -> None:
    cells = result.quarantined.sort("source_row").drop("source_row")
    written = [text for _, _, text in sorted(of_the_whole["quarantine.rows"], key=lambda row: row[1])]
    assert written == [json.dumps(list(row), ensure_ascii=False) for row in cells.iter_rows()]
    assert any("\\u001f" in text for text in written)
