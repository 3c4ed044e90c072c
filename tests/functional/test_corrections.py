"""A correction says which faults of the return before it are fixed, which remain, and which are new."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from senders import breach, extract, put

from places import Outcome, Place
from probation_etl.audit import kept_returns

Command = Callable[..., Outcome]
NAME = "N53_breaches_2020-03-01.csv"
GOOD = [breach(number) for number in range(20, 60)]


@pytest.fixture
def send(place: Place, command: Command, quick: None) -> Callable[..., dict[str, Any]]:
    """Runs with a return in the inbox, and returns what the run reports of it."""

    def arrive(*rows: dict[str, str], name: str = NAME) -> dict[str, Any]:
        put(place.inbox, **{name: extract(*rows, *GOOD)})
        outcome = command(*place.arguments, "--json")
        return next(each for each in outcome.json["returns"] if each["file"] == name)

    return arrive


def test_a_first_return_corrects_none(send: Callable[..., dict[str, Any]]) -> None:
    assert send(breach(1, disposal_code="LIC"))["resubmission"] is None


def test_a_correction_is_compared_with_the_previous_submission_even_if_rows_have_moved(
    place: Place, send: Callable[..., dict[str, Any]]
) -> None:
    first = send(breach(1, disposal_code="LIC"), breach(2, rosh_code="none"), breach(3, crn="Q9"))
    second = send(breach(9), breach(2, rosh_code="none"), breach(1), breach(8, disposal_code="XX"), breach(3, crn="Q9"))
    compared = second["resubmission"]
    assert (compared["fixed"], compared["remaining"], compared["new"]) == (1, 2, 1)
    assert compared["corrects"]["file"] == NAME
    assert compared["corrects"]["verdict"] == first["verdict"] == "partly_accepted"
    (fixed,) = compared["fixed_findings"]
    assert (fixed["rule"], fixed["row"], fixed["value"]) == ("order_type|enum", 2, "LIC")
    assert [second["findings"][at]["row"] for at in compared["remaining_findings"]] == [3, 6]
    assert [second["findings"][at]["row"] for at in compared["new_findings"]] == [5]
    rules = {each["rule"]: (each["fixed"], each["remaining"], each["new"]) for each in compared["rules"]}
    assert rules == {"order_type|enum": (1, 0, 1), "risk_of_harm|enum": (0, 1, 0), "case_reference|pattern": (0, 1, 0)}
    page = (place.reports / "latest" / second["report"]).parent / "findings.json"
    assert json.loads(page.read_text(encoding="utf-8"))["resubmission"] == compared


def test_a_rejected_return_is_what_the_next_one_corrects(send: Callable[..., dict[str, Any]]) -> None:
    bad = [breach(number, disposal_code="LIC") for number in range(100, 200)]
    assert send(*bad)["verdict"] == "rejected"
    compared = send(bad[0], *(breach(number) for number in range(101, 200)))["resubmission"]
    assert compared["corrects"]["verdict"] == "rejected"
    assert (compared["fixed"], compared["remaining"], compared["new"]) == (
        100,
        1,
        0,
    )  # the share of rows with errors is fixed too


def test_each_of_three_submissions_is_compared_with_the_one_before_it(send: Callable[..., dict[str, Any]]) -> None:
    send(breach(1, disposal_code="LIC"))
    second = send(breach(1, disposal_code="SSO"))
    third = send(breach(1, disposal_code="LIC"), breach(2))
    assert [second["resubmission"][key] for key in ("fixed", "remaining", "new")] == [1, 0, 0]
    assert third["resubmission"]["corrects"]["verdict"] == "accepted"
    assert [third["resubmission"][key] for key in ("fixed", "remaining", "new")] == [0, 0, 1]


def test_the_same_content_again_is_unchanged_and_compared_with_nothing(
    place: Place, send: Callable[..., dict[str, Any]]
) -> None:
    send(breach(1, disposal_code="LIC"))
    assert send(breach(1, disposal_code="LIC"))["resubmission"] is None


def test_a_fixed_value_of_a_restricted_column_is_masked(send: Callable[..., dict[str, Any]]) -> None:
    send(breach(1, crn="QQ98765"))
    compared = send(breach(1))["resubmission"]
    (fixed,) = compared["fixed_findings"]
    assert fixed["value"] == "AA99999"
    assert "QQ98765" not in json.dumps(compared)


def test_a_return_of_another_supplier_or_period_is_not_a_correction(send: Callable[..., dict[str, Any]]) -> None:
    send(breach(1, disposal_code="LIC"))
    assert send(breach(1, disposal_code="LIC"), name="N53_breaches_2020-03-15.csv")["resubmission"] is None


def test_returns_that_are_too_large_are_not_compared_fault_by_fault_and_the_page_says_so(
    place: Place, send: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_returns, "MOST_FINDINGS", 1)
    send(breach(1, disposal_code="LIC"), breach(2, rosh_code="none"))
    second = send(breach(1, disposal_code="LIC"))
    compared = second["resubmission"]
    assert compared["corrects"]["file"] == NAME
    assert [compared[key] for key in ("fixed", "remaining", "new", "rules")] == [None, None, None, []]
    page = (place.reports / "latest" / second["report"]).read_text(encoding="utf-8")
    assert "too many rows or faults" in page
    assert "Still there" not in page
    monkeypatch.setattr(kept_returns, "MOST_ROWS", 10)
    assert send(breach(1, disposal_code="LIX"))["resubmission"]["new"] is None
