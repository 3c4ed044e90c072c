"""The extracts of the six regions of the National Probation Service (NPS)."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from random import Random

from sample_builder.breaches import Breach, Standing, make_breaches
from sample_builder.figures import PROBATION_OFFICER, PROBATION_SERVICES_OFFICER, Figure, Sender
from sample_builder.outcomes import PlannedReturn
from sample_builder.periods import edm_has_begun, first_number, first_reference

HEADERS: Mapping[str, str] = {
    "caseload": "provider_code ldu_code grade_code snapshot_date fte caseload average_caseload",
    "breaches": "nsi_id crn event_number provider_code ldu_code disposal_code requirement_code rosh_code"
    " referral_date logged_date court_code hearing_date nsi_status_code",
    "suspended_breaches": "nsi_id crn event_number provider_code ldu_code logged_date suspended_date"
    " nsi_status_code resumed_date",
}
"""Headers by kind of extract, in the order of the file."""

_GRADES = {PROBATION_OFFICER: "NPSM", PROBATION_SERVICES_OFFICER: "NPSQ"}
_DISPOSALS = {"Community order": "CO", "Suspended sentence order": "SSO", "Post-sentence supervision": "PSS"}
_REQUIREMENTS = {
    "Unpaid work": "UPW",
    "Accredited programme": "AP",
    "Rehabilitation activity": "RAR",
    "Supervision": "SUP",
    "Curfew": "CUR",
    "Other": "OTH",
}
_RISKS_OF_HARM = {"Low": "RLRH", "Medium": "RMRH", "High": "RHRH", "Very high": "RVHR"}

# The nDelius status says where the breach stands; in this extract it also stands for the outcome.
_ORDINARY_STATUSES = {
    **dict.fromkeys(("BRE01", "BRE02", "BRE03", "BRE04", "BRE17", "BRE18"), Standing("Initiated")),
    **dict.fromkeys(("BRE05", "BRE11", "BRE12", "BRE19"), Standing("Logged")),
    **dict.fromkeys(("BRE07", "BRE08", "BRE09", "BRE15", "BRE16"), Standing("Heard")),
    "BRE06": Standing("Withdrawn"),
}
_EDM_STATUSES = {
    **dict.fromkeys(("BRE26", "BRE28", "BRE29", "CRT15", "CRT16"), Standing("Suspended")),
    "BRE27": Standing("Resumed"),
}

Row = Sequence[object]


@dataclass(frozen=True)
class Extract:
    """One CSV file of a region."""

    sender: Sender
    period_end: date
    kind: str
    rows: Sequence[Row]

    @property
    def file_name(self) -> str:
        """The name of the file."""
        return f"{self.sender.provider_code}_{self.kind}_{self.period_end}.csv"

    def content(self) -> bytes:
        """The bytes of the file; an empty cell where a value is missing."""
        target = StringIO()
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(HEADERS[self.kind].split())
        writer.writerows(self.rows)
        return target.getvalue().encode("utf-8")

    def planned(self, file: str) -> PlannedReturn:
        """The return, good throughout."""
        return PlannedReturn(file, "", f"nps-{self.kind.replace('_', '-')}", len(self.rows))


def annexe_2_extracts(sender: Sender, period_end: date, figures: Iterable[Figure]) -> Iterator[Extract]:
    """The three files of one region for one date of Annexe 2: real caseloads, synthetic breaches."""
    coded = _coded_breaches(sender, period_end)
    yield Extract(sender, period_end, "caseload", [_caseload_row(figure) for figure in figures])
    yield Extract(sender, period_end, "breaches", [_breach_row(*each) for each in coded])
    suspended = [_suspended_row(*each) for each in coded if each[2].suspended_on]
    yield Extract(sender, period_end, "suspended_breaches", suspended)


def _coded_breaches(sender: Sender, period_end: date) -> list[tuple[str, str, Breach]]:
    """The breaches of a region, each with its NSI number and its nDelius status."""
    rng = Random(f"{sender.provider_code} {period_end}")
    codes = _status_codes(rng, rng.randint(12, 15), suspensions=edm_has_begun(period_end))
    standings = _ORDINARY_STATUSES | _EDM_STATUSES
    breaches = make_breaches(
        rng,
        sender=sender,
        period_end=period_end,
        first_reference=first_reference(sender.provider_code, period_end),
        standings=[standings[code] for code in codes],
    )
    numbers = range(first_number(period_end), first_number(period_end) + len(codes))
    names = [f"SYNTHETIC-{sender.provider_code}-{number:04d}" for number in numbers]
    return list(zip(names, codes, breaches, strict=True))


def _status_codes(rng: Random, count: int, *, suspensions: bool) -> list[str]:
    """`count` different statuses in no order, two to four of them suspensions if there are any."""
    codes = rng.sample(list(_EDM_STATUSES), rng.randint(2, 4)) if suspensions else []
    codes += rng.sample(list(_ORDINARY_STATUSES), count - len(codes))
    rng.shuffle(codes)
    return codes


def _caseload_row(figure: Figure) -> Row:
    grade = _GRADES[figure.grade]
    return figure.provider_code, "", grade, figure.as_at, "", "", figure.average_caseload


def _breach_row(nsi_id: str, status: str, breach: Breach) -> Row:
    return (
        nsi_id,
        breach.case_reference,
        breach.event_number,
        breach.unit.provider_code,
        breach.unit.code,
        _DISPOSALS[breach.order_type],
        _REQUIREMENTS[breach.requirement],
        _RISKS_OF_HARM[breach.risk_of_harm],
        breach.initiated_on,
        breach.logged_on,
        f"SYN{breach.court:02d}" if breach.court else None,
        breach.heard_on,
        status,
    )


def _suspended_row(nsi_id: str, status: str, breach: Breach) -> Row:
    return (
        nsi_id,
        breach.case_reference,
        breach.event_number,
        breach.unit.provider_code,
        breach.unit.code,
        breach.logged_on,
        breach.suspended_on,
        status,
        breach.resumed_on,
    )
