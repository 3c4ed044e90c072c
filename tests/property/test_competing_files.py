"""Inboxes of random files: whatever the files are called, what is released is the same, and nothing is said of clean ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.readers import DEFAULT_LIMITS
from probation_etl.reports.return_report import ReturnReport
from probation_etl.runs.completion import carry_out
from probation_etl.runs.listing import listing
from probation_etl.runs.order import NewestBy
from probation_etl.runs.session import RunSession, new_record
from probation_etl.runs.take import Manner, take
from probation_etl.stores import Store
from probation_etl.stores.duckdb import DuckDBEngine

if TYPE_CHECKING:
    from conftest import Library

_COVER = {"sheet": "Cover", "supplierCode": "Branch code", "periodEnd": "Until"}
_CSV = r"(?P<supplier_code>[A-Z]\d)_loans_(?P<period_end>\d{4}-\d{2}-\d{2}).*\.csv"
_BRANCHES, _ENDS = ("B1", "B2", "C1"), ("2024-03-31", "2024-04-30")
#: What people write behind a name, before it, and as folders.
_BEHIND = st.sampled_from(["", "_v1", "_v2", "_v9", "_v10", " (1)", " FINAL", "_draft", " - Copy", "_2", " corrected"])
_FOLDERS = st.sampled_from(["", "2024-04-02", "2024-04-10 resent", "a/b", "Z", "old"])
_PLACES = st.tuples(_FOLDERS, _BEHIND)


#: Each example is several runs on a store of its own.
few = settings(max_examples=max(4, settings.default.max_examples // 5))


@dataclass(frozen=True)
class Sent:
    """A return: whose it is, for which period, and its fines, by which contents differ."""

    branch: str
    end: str
    fines: tuple[int, ...]
    is_workbook: bool

    @property
    def claim(self) -> tuple[str, str, bool]:
        return self.branch, self.end, self.is_workbook


_SENT = st.builds(
    Sent,
    st.sampled_from(_BRANCHES),
    st.sampled_from(_ENDS),
    st.lists(st.integers(0, 49), min_size=1, max_size=4).map(tuple),
    st.booleans(),
)


@pytest.fixture(scope="module")
def rulebook(library: Library) -> Rulebook:
    """Loans as CSV, and as workbooks whose cover alone says whose they are."""
    text = library.contract(custom={"identification": {"fileName": _CSV}})
    book = library.contract(name="book", custom={"identification": {"sheet": "Loans", "cover": _COVER}})
    return library.rulebook(text, book)


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """The release checks are about something else."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_module("probation_etl.runs.conclusion"), "release_checks", lambda *_: [])
        yield


def new_store(rulebook: Rulebook) -> Store:
    """A store in memory."""
    return Store(DuckDBEngine(None), rulebook.contracts, rulebook.tables, "0")


@cache
def content(sent: Sent, library: Library) -> bytes:
    """Each return has loans of its own, so that no two of different claims are the same bytes."""
    number = 1000 * _BRANCHES.index(sent.branch) + 100 * _ENDS.index(sent.end)
    month = sent.end[5:7]
    rows = [
        library.row(
            Loan_reference=f"L{number + at:04}",
            Fine=str(fine),
            Lent_on=f"01/{month}/2024",
            Returned_on=f"15/{month}/2024",
        )
        for at, fine in enumerate(sent.fines)
    ]
    if not sent.is_workbook:
        return library.csv(*rows)
    end = f"{sent.end[8:]}/{sent.end[5:7]}/{sent.end[:4]}"
    cover = [["Branch code", sent.branch], ["Until", end]]
    return library.workbook(
        Cover=cover, Loans=[library.header, *[[row[each] for each in library.header] for row in rows]]
    )


def place(inbox: Path, sent: Sent, where: tuple[str, str], library: Library, number: int) -> None:
    folder, behind = where
    name = f"{behind}{number}.xlsx" if sent.is_workbook else f"{sent.branch}_loans_{sent.end}{behind}{number}.csv"
    path = inbox / folder / name.strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content(sent, library))


def run(store: Store, rulebook: Rulebook, inbox: Path, newest_by: NewestBy | None = None) -> list[ReturnReport]:
    session = RunSession(rulebook, store, None, new_record(rulebook), DEFAULT_LIMITS)
    done = carry_out(session, lambda each: take(each, listing(inbox), Manner(newest_by)))
    return list(done.report.returns)


def released(store: Store) -> list[list[tuple[Any, ...]]]:
    return [
        sorted(store.query(f"SELECT loan_reference, fine, supplier_code FROM released.{each}").rows(), key=repr)
        for each in ("loans", "book")
    ]


def codes(reports: Sequence[ReturnReport]) -> set[str]:
    return {finding.code for each in reports for finding in each.findings}


def expected(before: Sequence[Sent], now: Sequence[Sent]) -> set[Sent]:
    """What counts in the end: of each claim the only new content, or else what came before."""
    counts = {each.claim: each for each in before}
    for each in now:
        if each not in before and not any(
            other != each and other.claim == each.claim for other in now if other not in before
        ):
            counts[each.claim] = each
    return set(counts.values())


@few
@given(
    st.lists(_SENT, max_size=3, unique_by=lambda each: each.claim),
    st.lists(_SENT, min_size=1, max_size=6),
    st.data(),
)
def test_no_name_and_no_folder_decides_what_is_released(
    rulebook: Rulebook,
    library: Library,
    before: list[Sent],
    now: list[Sent],
    data: st.DataObject,
) -> None:
    outcomes = []
    for _ in range(2):
        with TemporaryDirectory() as folder, closing(new_store(rulebook)) as held:
            inbox = Path(folder)
            for number, each in enumerate(before):
                place(inbox, each, data.draw(_PLACES), library, number)
            run(held, rulebook, inbox)
            for number, each in enumerate(now, len(before)):
                place(inbox, each, data.draw(_PLACES), library, number)
            reports = run(held, rulebook, inbox)
            competing = {each.verdict for each in reports if any(f.code == "competing-returns" for f in each.findings)}
            assert competing <= {"rejected"}
            fines = sorted(fine for each in expected(before, now) for fine in each.fines)
            found = released(held)
            assert sorted(int(row[1]) for rows in found for row in rows) == fines
            outcomes.append((found, sorted((each.verdict for each in reports), key=str)))
    assert outcomes[0][0] == outcomes[1][0]


@few
@given(st.lists(_SENT, min_size=1, max_size=6, unique_by=lambda each: each.claim), st.data())
def test_nothing_is_said_of_an_inbox_with_one_file_of_each_return(
    rulebook: Rulebook, library: Library, sent: list[Sent], data: st.DataObject
) -> None:
    with TemporaryDirectory() as folder, closing(new_store(rulebook)) as held:
        for number, each in enumerate(sent):
            place(Path(folder), each, data.draw(_PLACES), library, number)
        for _ in range(2):
            assert codes(run(held, rulebook, Path(folder))) == set()


@few
@given(st.permutations(range(1, 12)), st.data())
def test_by_name_the_highest_number_counts(
    rulebook: Rulebook, library: Library, numbers: list[int], data: st.DataObject
) -> None:
    chosen = numbers[: data.draw(st.integers(2, 4))]
    with TemporaryDirectory() as folder, closing(new_store(rulebook)) as held:
        for each in chosen:
            sent = Sent("B1", _ENDS[0], (each,), False)
            (Path(folder) / f"B1_loans_{_ENDS[0]}_v{each}.csv").write_bytes(content(sent, library))
        run(held, rulebook, Path(folder), "name")
        assert [int(row[1]) for row in released(held)[0]] == [max(chosen)]
