"""The verdict on a return, and what a return is called."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from probation_etl.contracts.findings import Finding
from probation_etl.contracts.model import Mapping, ReturnContract
from probation_etl.contracts.organisations import Organisation
from probation_etl.intake.frames import NO_ROWS, Frames
from probation_etl.intake.result import FINDING_SCHEMA, Period, ReturnId, ReturnResult, Source, findings_frame
from probation_etl.intake.verdict import Rows, verdict_on

ROW_ERROR = Finding("missing-value", "m", row=2)
FILE_ERROR = Finding("missing-column", "m")
ROW_WARNING = Finding("row-rule", "m", row=2, severity="warning")
FILE_WARNING = Finding("unexpected-column", "m", severity="warning")


def contract(share: float = 1.0) -> ReturnContract:
    return ReturnContract(
        id="loans", version="1.2.0", table="loans", columns=(), mapping=Mapping("loan", ()), quarantined_share=share
    )


def assessed(read: int, quarantined: int, *findings: Finding, share: float = 1.0) -> tuple[str, Rows, Finding | None]:
    rows = Rows(read, read - quarantined, quarantined, blank=3, notes=1)
    return verdict_on(rows, Frames.of(findings_frame(findings)), contract(share))


@pytest.mark.parametrize(
    ("read", "quarantined", "findings", "verdict"),
    [
        (5, 0, (), "accepted"),
        (0, 0, (), "accepted"),
        (5, 0, (ROW_WARNING,), "accepted_with_warnings"),
        (0, 0, (FILE_WARNING,), "accepted_with_warnings"),
        (5, 1, (ROW_ERROR,), "partly_accepted"),
        (5, 4, (ROW_ERROR,), "partly_accepted"),
        (5, 5, (ROW_ERROR,), "rejected"),
        (1, 1, (ROW_ERROR,), "rejected"),
        (5, 1, (ROW_ERROR, FILE_WARNING, ROW_WARNING), "partly_accepted"),
        (5, 0, (FILE_ERROR,), "rejected"),
        (0, 0, (FILE_ERROR,), "rejected"),
        (5, 1, (ROW_ERROR, FILE_ERROR, ROW_WARNING), "rejected"),
    ],
)
def test_verdicts(read: int, quarantined: int, findings: tuple[Finding, ...], verdict: str) -> None:
    assert assessed(read, quarantined, *findings)[0] == verdict


def test_an_error_of_the_file_rejects_every_row_without_a_word_about_limits() -> None:
    _, rows, over_limit = assessed(5, 1, ROW_ERROR, FILE_ERROR, share=0.0)
    assert rows == Rows(5, 0, 5, 3, 1)
    assert over_limit is None


@pytest.mark.parametrize(
    ("read", "quarantined", "share", "verdict"),
    [
        (10, 2, 0.2, "partly_accepted"), (10, 3, 0.2, "rejected"), (1, 1, 0.99, "rejected"), (1, 1, 1.0, "rejected"),
        (1000, 1, 0.0, "rejected"), (1000, 0, 0.0, "accepted"), (0, 0, 0.0, "accepted"),
    ],
)  # fmt: skip
def test_a_share_above_the_limit_rejects_and_the_limit_itself_does_not(
    read: int, quarantined: int, share: float, verdict: str
) -> None:
    findings = (ROW_ERROR,) if quarantined else ()
    assert assessed(read, quarantined, *findings, share=share)[0] == verdict


def test_a_return_over_the_limit_says_how_far() -> None:
    _, rows, finding = assessed(10, 3, ROW_ERROR, share=0.2)
    assert rows == Rows(10, 0, 10, 3, 1)
    assert finding is not None
    assert (finding.code, finding.severity, finding.row) == ("acceptance-limit", "error", None)
    assert (
        finding.message
        == "3 of 10 rows have errors (30%). A return is rejected when more than 20% of its rows have errors."
    )


@pytest.mark.parametrize("findings", [(), (ROW_ERROR,), (FILE_ERROR,)])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_read_is_accepted_and_quarantined_whatever_the_verdict(findings: tuple[Finding, ...], share: float) -> None:
    for quarantined in range(5):
        _, rows, _ = assessed(4, quarantined, *findings, share=share)
        assert rows.read == rows.accepted + rows.quarantined == 4
        assert (rows.blank, rows.notes) == (3, 1)


# The result


def result(**changes: Any) -> ReturnResult:
    plain = ReturnResult(
        ReturnId(
            contract(), Organisation("B1", "Baths", "library", "", None, None), Period(None, date(2024, 3, 31)),
            "0123456789abcdef" * 4,
        ),
        Source("march/loans.csv"), "accepted", Rows(), NO_ROWS, NO_ROWS, Frames.of(findings_frame([])),
    )  # fmt: skip
    return replace(plain, **changes)


def named(**changes: Any) -> ReturnResult:
    return result(id=replace(result().id, **changes))


def test_a_return_is_named_by_contract_version_sender_period_and_content() -> None:
    assert result().return_id == "loans:1.2.0:B1:2024-03-31:0123456789abcdef"


def test_the_name_does_not_depend_on_the_name_of_the_file() -> None:
    assert result(source=Source("again.csv")).return_id == result().return_id


@pytest.mark.parametrize(
    "changes",
    [
        {"supplier": Organisation("B2", "Mill", "library", "", None, None)},
        {"period": Period(None, date(2024, 2, 29))},
        {"sha256": "f" * 64},
        {"contract": replace(contract(), version="2.0.0")},
        {"supplier": None},
        {"period": Period()},
    ],
)
def test_any_other_difference_is_another_name(changes: dict[str, Any]) -> None:
    assert named(**changes).return_id != result().return_id


def test_returns_that_were_not_identified_are_distinguished_by_their_sheets() -> None:
    one, other = (replace(named(contract=None), source=Source("loans.xlsx", sheet)) for sheet in "ab")
    assert one.return_id != other.return_id


@pytest.mark.parametrize(
    ("verdict", "loadable"),
    [
        ("accepted", True),
        ("accepted_with_warnings", True),
        ("partly_accepted", True),
        ("rejected", False),
        ("unchanged", False),
    ],
)
def test_only_accepted_returns_are_loaded_and_only_they_can_be_nil(verdict: str, loadable: bool) -> None:
    assert result(verdict=verdict).is_loadable is loadable
    assert result(verdict=verdict).is_nil is loadable
    assert result(verdict=verdict, rows=Rows(1, 1)).is_nil is False


def test_findings_are_counted_by_severity() -> None:
    frame = findings_frame([ROW_ERROR, FILE_ERROR, ROW_WARNING])
    assert result(found=Frames.of(frame)).counts() == {"error": 2, "warning": 1}
    assert result().counts() == {"error": 0, "warning": 0}


def test_no_findings_have_the_columns_of_findings() -> None:
    assert dict(findings_frame([]).schema) == FINDING_SCHEMA
