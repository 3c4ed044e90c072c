"""A release check that fails is named, and makes the exit code 1, though every return is good."""

import json
import shutil
from collections.abc import Callable, Container
from datetime import date, timedelta
from pathlib import Path

import pytest
from senders import CASELOAD, breach, extract

from places import Outcome
from probation_etl.cli import run_cli
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.stores import connect

ROOT = Path(__file__).parents[2]


@pytest.fixture
def contracts_whose_release_check_cannot_hold(tmp_path: Path) -> Path:
    """The shipped contracts, but no unified average may pass 40, which several published figures do."""
    directory = tmp_path / "contracts"
    shutil.copytree(ROOT / "contracts", directory)
    unified = directory / "unified" / "caseload.odcs.yaml"
    text = unified.read_text(encoding="utf-8")
    assert text.count("maximum: 200") == 1
    unified.write_text(text.replace("maximum: 200", "maximum: 40"), encoding="utf-8")
    return directory


def test_a_failing_release_check_is_named_and_ends_with_1(
    tmp_path: Path, contracts_whose_release_check_cannot_hold: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name in ("C12_return_2020-03-01.xlsx", "N52_caseload_2020-03-01.csv"):
        shutil.copy(ROOT / "sample_data" / "annexe_2" / name, inbox)
    arguments = [
        "run",
        str(inbox),
        "--store",
        f"duckdb:///{tmp_path / 'store.duckdb'}",
        "--reports",
        str(tmp_path / "r"),
    ]
    code = run_cli([*arguments, "--contracts", str(contracts_whose_release_check_cannot_hold), "--json"])
    summary = json.loads(capsys.readouterr().out)
    failed = [each for each in summary["release_checks"] if not each["passed"]]
    assert code == summary["exit_code"] == 1
    assert [(each["table"], each["check"]) for each in failed] == [("caseload", "average_caseload|maximum")]
    assert "2 of 4 rows" in failed[0]["detail"]
    assert (summary["released"], summary["release"]) == (False, None)
    assert {each["verdict"] for each in summary["returns"]} == {"accepted"}


# The queries of the shipped contracts, on a national picture in small: three regions, four fortnights, 28 breaches each.

#: London is on the list of organisations twice: as a division and as a region.
PROVIDERS = ("N52", "N53", "N07")
PERIODS = [date(2020, 3, 1) + timedelta(14 * number) for number in range(4)]
SECOND, LAST = PERIODS[1], PERIODS[-1]
#: The only week from Sunday to Saturday that lies in the second period alone.
QUIET = {date(2020, 3, 8) + timedelta(number) for number in range(7)}


def fortnight(provider: str, end: date, *, without: Container[date] = ()) -> bytes:
    days = [end - timedelta(number // 2) for number in range(28)]
    base = 10_000 * PROVIDERS.index(provider) + 100 * PERIODS.index(end)
    return extract(
        *(
            breach(0, crn=f"X{100_000 + base + number}", nsi_id=f"SYNTHETIC-{base + number}", referral_date=f"{day}",
                   logged_date=f"{day}", provider_code=provider, ldu_code="")
            for number, day in enumerate(days)
            if day not in without
        )
    )  # fmt: skip


def caseload(provider: str, end: date, average: str = "33.9") -> bytes:
    row = {**CASELOAD, "provider_code": provider, "snapshot_date": f"{end}", "average_caseload": average}
    return extract(row, header=tuple(CASELOAD))


def a_good_set() -> dict[str, bytes]:
    found = {f"{each}_breaches_{end}.csv": fortnight(each, end) for each in PROVIDERS for end in PERIODS}
    return found | {f"{each}_caseload_{end}.csv": caseload(each, end) for each in PROVIDERS for end in PERIODS}


@pytest.fixture
def figures(
    url: str, tmp_path: Path, command: Callable[..., Outcome], shipped_rulebook: Rulebook, quick: None
) -> Callable[[dict[str, bytes]], dict[str, int]]:
    """What the queries count, those apart that count nothing, after these files have come."""

    def count(files: dict[str, bytes]) -> dict[str, int]:
        (tmp_path / "inbox").mkdir(exist_ok=True)
        for name, content in files.items():
            (tmp_path / "inbox" / name).write_bytes(content)
        done = command("run", tmp_path / "inbox", "--store", url, "--reports", tmp_path / "reports", "--json")
        assert {each["verdict"] for each in done.json["returns"]} <= {"accepted", "unchanged"}
        with connect(url, shipped_rulebook.contracts, shipped_rulebook.tables) as store:
            found = {
                f"{each.table}: {query.name}": int(store.query(query.query).item())
                for each in shipped_rulebook.contracts.of_layer("unified", "view")
                for query in each.release_queries
            }
        assert len(found) > 20
        return {name: number for name, number in found.items() if number}

    return count


def test_a_set_without_a_gap_passes_and_each_gap_is_counted(
    figures: Callable[[dict[str, bytes]], dict[str, int]],
) -> None:
    files = a_good_set()
    del files[f"N52_caseload_{SECOND}.csv"], files[f"N52_breaches_{SECOND}.csv"], files[f"N07_breaches_{LAST}.csv"]
    files[f"N53_breaches_{SECOND}.csv"] = fortnight("N53", SECOND, without=QUIET)
    files[f"N07_caseload_{LAST}.csv"] = caseload("N07", LAST, "90")
    assert figures(files) == {
        "breach: no_provider_missing": 1,
        "breach: newest_period_complete": 1,
        "caseload: no_provider_missing": 1,
        "caseload: no_region_missing": 1,
        "caseload: caseload_near_the_last": 1,
        "caseload: unit_caseload_near_the_last": 1,
        # N52 has no rows of 2 to 15 March, so two whole weeks; N53 none of the week of 8 March.
        "weekly_breaches: no_week_missing_in_a_region": 2,
        "weekly_breaches: no_week_missing_of_a_provider": 1,
    }
    assert figures({
        f"N52_breaches_{SECOND}.csv": extract(),  # a nil return
        f"N52_caseload_{SECOND}.csv": caseload("N52", SECOND),
        f"N53_breaches_{SECOND}_v2.csv": fortnight("N53", SECOND),
        f"N07_breaches_{LAST}.csv": fortnight("N07", LAST),
        f"N07_caseload_{LAST}_v2.csv": caseload("N07", LAST),
    }) == {
        "weekly_breaches: no_week_missing_in_a_region": 1,
        "weekly_breaches: no_week_missing_of_a_provider": 1,
    }  # fmt: skip
    assert figures({f"N52_breaches_{SECOND}_v2.csv": fortnight("N52", SECOND)}) == {}


def test_who_never_sent_is_counted_once_most_of_those_who_must_have(
    figures: Callable[[dict[str, bytes]], dict[str, int]],
) -> None:
    """Of twelve regions."""
    most = ("N03", "N07", "N50", "N51", "N52", "N53", "N54")
    half = {f"{each}_caseload_{SECOND}.csv": caseload(each, SECOND) for each in most[:6]}
    assert figures(half) == {}
    assert figures({f"{most[6]}_caseload_{SECOND}.csv": caseload(most[6], SECOND)}) == {
        "caseload: every_provider_sends": 5
    }
