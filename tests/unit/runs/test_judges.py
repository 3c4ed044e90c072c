"""Other processes judge files as this one does; what they do not answer in time is left to this one."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from typing import Any

import pytest

from probation_etl.contracts.rulebook import Rulebook
from probation_etl.intake.assess import no_objections, no_references
from probation_etl.intake.finished import finished_returns
from probation_etl.intake.judged import judged_file
from probation_etl.intake.readers import DEFAULT_LIMITS
from probation_etl.runs.judges import judges_for
from probation_etl.runs.judges.exchange import Request
from probation_etl.runs.judges.pool import Judges
from probation_etl.runs.judges.process import JudgingProcess

NAME = "loans.csv"


@pytest.fixture
def judges(loans: Rulebook) -> Iterator[Judges]:
    with judges_for(2, 2, loans, DEFAULT_LIMITS) as made:
        assert made
        yield made


def request_of(data: bytes, *, claims_alone: bool = False) -> Request:
    return Request(NAME, data, hashlib.sha256(data).hexdigest(), None, claims_alone=claims_alone)


def test_what_comes_back_is_what_this_process_finds(judges: Judges, loans: Rulebook, library: Any) -> None:
    data = library.csv(library.row(), library.row(Fine="much"))
    answer = judges.answer(judges.judge(request_of(data)))
    assert answer
    found = answer.judged(loans, data)
    (theirs,) = finished_returns(found, loans, no_references, no_objections)
    (ours,) = finished_returns(judged_file(NAME, data, loans, DEFAULT_LIMITS), loans, no_references, no_objections)
    assert theirs.findings.equals(ours.findings)
    assert theirs.accepted.equals(ours.accepted)
    assert theirs.quarantined.equals(ours.quarantined)
    assert (theirs.verdict, theirs.rows, theirs.return_id) == (ours.verdict, ours.rows, ours.return_id)
    assert theirs.contract is ours.contract
    assert theirs.content == data
    unread = judges.answer(judges.judge(request_of(b"PK\x03\x04 no archive")))
    assert unread
    (refused,) = finished_returns(unread.judged(loans, b""), loans, no_references, no_objections)
    assert refused.findings["code"].to_list() == ["unreadable-file"]
    claims = judges.answer(judges.judge(request_of(data, claims_alone=True)))
    assert claims
    assert (claims.file, claims.claims) == (None, found.claims)


def test_a_process_that_takes_too_long_is_ended_and_leaves_its_file(
    loans: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(self: JudgingProcess, _: Request) -> None:
        while self.is_alive:
            time.sleep(0.01)

    monkeypatch.setattr(JudgingProcess, "ask", hang)
    monkeypatch.setattr("probation_etl.runs.judges.pool.SIGN_EVERY", 0.05)
    monkeypatch.setattr("probation_etl.runs.judges.pool._TIMES", 0.01)
    with judges_for(2, 2, loans, DEFAULT_LIMITS) as judges:
        assert judges
        waiting = [judges.judge(request_of(b"")) for _ in range(3)]
        assert [judges.answer(each) for each in waiting] == [None, None, None]


@pytest.mark.parametrize(("workers", "files"), [(1, 500), (2, 1), (None, 40), (None, 0)])
def test_there_is_none_beside_this_one_where_it_would_save_nothing(
    workers: int | None, files: int, loans: Rulebook
) -> None:
    with judges_for(workers, files, loans, DEFAULT_LIMITS) as judges:
        assert judges is None
