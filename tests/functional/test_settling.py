"""Returns that refer to rows of others: the result is right whichever comes first, comes again or is withdrawn."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from senders import SUSPENSION, SUSPENSION_HEADER, breach, extract, suspension, workbook

import probation_etl as pe
from databases import ENGINES, new_store
from places import speed_up
from probation_etl.audit.verify import verify
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.errors import UsageError
from probation_etl.intake.readers import DEFAULT_LIMITS, Limits
from probation_etl.runs.run import RunResult, run
from probation_etl.runs.withdrawal import withdraw
from probation_etl.status.picture import status

BREACHES = "N53_breaches_2020-09-28.csv"
SUSPENDED = "N53_suspended_breaches_2020-09-28.csv"
_LOGGED = {"referral_date": "2020-09-08", "logged_date": "2020-09-10"}


def breaches(*numbers: int) -> bytes:
    return extract(*(breach(number, **_LOGGED) for number in numbers))


def suspended(*numbers: int) -> bytes:
    return extract(*(suspension(number) for number in numbers), header=SUSPENSION)


class Office:
    """An inbox that is emptied after each run, its store and its reports."""

    def __init__(self, root: Path, url: str) -> None:
        self.root, self.url = root, url

    def run(self, limits: Limits = DEFAULT_LIMITS, /, **files: bytes) -> RunResult:
        for name, content in files.items():
            path = self.root / "inbox" / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        done = run(self.root / "inbox", store=self.url, reports=self.root / "reports", limits=limits)
        for name in files:
            (self.root / "inbox" / name).unlink()
        return done

    def withdraw(self, return_id: str, **more: Any) -> RunResult:
        return withdraw(return_id, store=self.url, reports=self.root / "reports", reason="Sent by mistake.", **more)

    def table(self, name: str, column: str) -> list[Any]:
        with pe.open_store(self.url) as store:
            return sorted(store.table(name)[column], key=str)

    def newest(self, contract: str) -> dict[str, Any]:
        with pe.open_store(self.url) as store:
            (found,) = (
                each for each in store.returns().to_dicts() if each["is_newest"] and each["contract_id"] == contract
            )
        return found


@pytest.fixture(params=ENGINES)
def office(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shipped_rulebook: Rulebook
) -> Office:
    speed_up(monkeypatch, shipped_rulebook)
    (tmp_path / "inbox").mkdir()
    return Office(tmp_path, new_store(request.param, tmp_path, request))


def outcomes(done: RunResult) -> dict[str, tuple[str, int, int]]:
    return {
        each["file"]: (each["verdict"], each["rows"]["accepted"], each["rows"]["quarantined"]) for each in done.returns
    }


class TestOrderOfArrival:
    """What a return refers to may come in a later run, when its file is long gone from the inbox."""

    def test_a_suspension_counts_once_its_breach_is_there(self, office: Office) -> None:
        first = office.run(**{SUSPENDED: suspended(1)})
        assert (outcomes(first), first.exit_code) == ({SUSPENDED: ("rejected", 0, 1)}, 1)
        second = office.run(**{BREACHES: breaches(1, 2)})
        assert outcomes(second) == {BREACHES: ("accepted", 2, 0), SUSPENDED: ("accepted", 1, 0)}
        assert second.exit_code == 0
        assert office.table("breach", "status") == ["logged", "suspended"]

    def test_it_gets_a_report_in_the_run_that_changed_it(self, office: Office) -> None:
        office.run(**{SUSPENDED: suspended(1)})
        done = office.run(**{BREACHES: breaches(1)})
        assert done.reports is not None
        page = next(each["report"] for each in done.returns if each["file"] == SUSPENDED)
        assert "accepted" in (done.reports / page).read_text(encoding="utf-8")

    def test_the_limits_of_a_later_run_are_not_those_of_what_was_loaded(self, office: Office) -> None:
        office.run(**{SUSPENDED: suspended(1) + b"\n" * 20})
        second = office.run(Limits(rows=10), **{BREACHES: breaches(1)})
        assert outcomes(second)[SUSPENDED] == ("accepted", 1, 0)

    def test_a_breach_that_a_correction_leaves_out_takes_its_suspension_along(self, office: Office) -> None:
        office.run(**{BREACHES: breaches(1, 2, 3, 4, 5, 6), SUSPENDED: suspended(1, 2, 3, 4, 5, 6)})
        done = office.run(**{"N53_breaches_2020-09-28_v2.csv": breaches(1, 2, 3, 4, 5)})
        assert outcomes(done)[SUSPENDED] == ("partly_accepted", 5, 1)
        assert done.exit_code == 1
        assert office.table("suspended_breach", "case_reference") == [f"X99000{number}" for number in range(1, 6)]

    def test_a_run_in_which_nothing_changed_judges_nothing_again(self, office: Office) -> None:
        office.run(**{SUSPENDED: suspended(1)})
        before = office.newest("nps-suspended-breaches")
        done = office.run(
            **{"N53_breaches_2020-09-14.csv": extract(breach(9, referral_date="2020-09-01", logged_date="2020-09-02"))}
        )
        assert list(outcomes(done)) == ["N53_breaches_2020-09-14.csv"]
        assert office.run().returns == []
        after = office.newest("nps-suspended-breaches")
        assert (after["return_id"], after["attempt"]) == (before["return_id"], 1)

    def test_another_suppliers_or_a_later_periods_rows_are_none_to_refer_to(self, office: Office) -> None:
        office.run(**{SUSPENDED: suspended(1)})
        elsewhere = {"provider_code": "N52", "ldu_code": ""}
        done = office.run(
            **{
                "N52_breaches_2020-09-28.csv": extract(breach(1, **_LOGGED, **elsewhere)),
                "N53_breaches_2020-10-12.csv": breaches(1),
            }
        )
        assert SUSPENDED not in outcomes(done)
        assert office.newest("nps-suspended-breaches")["verdict"] == "rejected"

    def test_a_table_that_was_loaded_through_the_library_is_reassessed_by_the_next_run(self, office: Office) -> None:
        result = pe.validate(
            suspended(1, 2, 3, 4, 5, 6), "nps-suspended-breaches", supplier_code="N53", period_end=date(2020, 9, 28)
        )
        with pe.open_store(office.url) as store:
            store.load(result, pe.harmonise(result))
        office.run(**{BREACHES: breaches(1, 2, 3, 4, 5)})
        newest = office.newest("nps-suspended-breaches")
        assert (newest["rows_accepted"], newest["rows_quarantined"]) == (5, 1)


class TestWithdrawal:
    """A return that should not have been sent: its rows go, nothing is deleted, and they come back when asked for."""

    @pytest.fixture
    def loaded(self, office: Office) -> Office:
        office.run(**{BREACHES: breaches(1, 2), SUSPENDED: suspended(1)})
        return office

    def test_its_rows_go_and_what_refers_to_them_goes_with_them(self, loaded: Office) -> None:
        done = loaded.withdraw(loaded.newest("nps-breaches")["return_id"])
        assert outcomes(done) == {SUSPENDED: ("rejected", 0, 1)}
        assert loaded.table("breach", "status") == []
        assert loaded.table("suspended_breach", "case_reference") == []

    def test_reinstated_it_is_as_before(self, loaded: Office) -> None:
        name = loaded.newest("nps-breaches")["return_id"]
        before = loaded.table("breach", "status")
        loaded.withdraw(name)
        loaded.withdraw(name, reinstate=True)
        assert loaded.table("breach", "status") == before == ["logged", "suspended"]

    def test_the_return_before_it_counts_again(self, loaded: Office) -> None:
        loaded.run(**{"N53_breaches_2020-09-28_v2.csv": breaches(1, 2, 3)})
        with pe.open_store(loaded.url) as store:
            correction = store.returns().filter("is_current", contract_id="nps-breaches")["return_id"].item()
        assert len(loaded.table("breach", "status")) == 3
        loaded.withdraw(correction)
        assert len(loaded.table("breach", "status")) == 2

    def test_the_same_file_again_does_not_bring_it_back(self, loaded: Office) -> None:
        loaded.withdraw(loaded.newest("nps-breaches")["return_id"])
        again = loaded.run(**{BREACHES: breaches(1, 2)})
        assert outcomes(again)[BREACHES][0] == "unchanged"
        assert loaded.table("breach", "status") == []

    @pytest.mark.parametrize("reinstate", [True, False])
    def test_what_is_so_already_is_a_usage_error(self, reinstate: bool, loaded: Office) -> None:
        name = loaded.newest("nps-breaches")["return_id"]
        if not reinstate:
            loaded.withdraw(name)
        with pytest.raises(UsageError, match="not withdrawn" if reinstate else "withdrawn already"):
            loaded.withdraw(name, reinstate=reinstate)

    def test_the_status_lists_the_name_that_is_asked_for(self, loaded: Office, shipped_rulebook: Rulebook) -> None:
        def listed() -> dict[str, tuple[str, bool]]:
            contracts, reference = shipped_rulebook.contracts, shipped_rulebook.reference
            with pe.open_store(loaded.url) as store:
                lines = status(store, contracts, reference, on=date(2026, 11, 23)).as_dict()["returns"]
            return {each["contract_id"]: (each["return_id"], each["withdrawn"]) for each in lines if each["return_id"]}

        name, withdrawn = listed()["nps-breaches"]
        assert not withdrawn
        loaded.withdraw(name)
        assert listed()["nps-breaches"] == (name, True)

    def test_an_unknown_name_is_a_usage_error_that_says_where_to_look(self, loaded: Office) -> None:
        with pytest.raises(UsageError, match=r"knows no return ‘nothing’.*status --json"):
            loaded.withdraw("nothing")


class TestEarlierStates:
    """What the unified tables showed after any run can be shown again."""

    def test_each_run_shows_its_own_state(self, office: Office) -> None:
        runs = [
            office.run(**{SUSPENDED: suspended(1)}),
            office.run(**{BREACHES: breaches(1, 2)}),
            office.run(**{"N53_breaches_2020-09-28_v2.csv": breaches(1, 2, 3)}),
        ]
        runs.append(office.withdraw(office.newest("nps-suspended-breaches")["return_id"]))
        with pe.open_store(office.url) as store:
            seen = [sorted(store.table("breach", as_of=each.summary["run_id"])["status"]) for each in runs]
            now = sorted(store.table("breach")["status"])
        assert seen == [[], ["logged", "suspended"], ["logged", "logged", "suspended"], ["logged"] * 3]
        assert now == seen[-1]

    def test_a_time_before_everything_shows_nothing(self, office: Office) -> None:
        office.run(**{BREACHES: breaches(1, 2)})
        with pe.open_store(office.url) as store:
            assert store.table("breach", as_of=_day(2000)).is_empty()
            assert store.table("breach", as_of=_day(2999)).height == 2
            assert store.table("breach").height == 2

    def test_an_unknown_run_is_a_usage_error(self, office: Office) -> None:
        office.run(**{BREACHES: breaches(1)})
        with pe.open_store(office.url) as store, pytest.raises(UsageError, match="knows no run ‘yesterday’"):
            store.table("breach", as_of="yesterday")


def _day(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


def test_a_return_without_a_period_is_rejected_and_hinders_no_other(office: Office, shipped_rulebook: Rulebook) -> None:
    rows = (SUSPENSION_HEADER, ("X990001", "1", "Derby City", "21/02/2020", "24/03/2020", "", ""))
    timeless = workbook({"Period start": "", "Period end": ""}, Suspended_breaches=rows)
    done = office.run(**{"C08_return.xlsx": timeless, "C08_return_2020-03-01.xlsx": workbook()})
    verdicts = {(each["file"], each["verdict"]) for each in done.returns}
    assert verdicts == {("C08_return.xlsx", "rejected"), ("C08_return_2020-03-01.xlsx", "accepted")}
    assert office.table("breach", "provider_code") == ["C08"]
    with pe.open_store(office.url) as store:
        assert verify(store, shipped_rulebook).holds
