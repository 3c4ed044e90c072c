"""The extracts of the six regions of the National Probation Service (NPS)."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from random import Random

from probation_etl.sample.breaches import Breach
from probation_etl.sample.layouts import shipped_layouts
from probation_etl.sample.tables import Figure, Sender, shipped_tables
from sample_builder.breaches import EDM_STATUSES, Standing, make_breaches
from sample_builder.outcomes import PlannedReturn
from sample_builder.periods import edm_has_begun, first_number, first_reference

_EXTRACTS = shipped_layouts().extracts
_TABLES = shipped_tables()


def _first_codes(name: str) -> dict[str, str]:
    """The code of each word of a list."""
    return {word: codes[0] for word, codes in _TABLES.codes[name].items()}


_GRADES = _first_codes("grade")
_DISPOSALS = _first_codes("order_type")
_REQUIREMENTS = _first_codes("requirement")
_RISKS_OF_HARM = _first_codes("risk_of_harm")

# The nDelius status says where the breach stands; in this extract it also stands for the outcome.
_STATUSES = {code: Standing(word) for word, codes in _TABLES.codes["status"].items() for code in codes}
_EDM_STATUSES = {code: standing for code, standing in _STATUSES.items() if standing.status in EDM_STATUSES}
_ORDINARY_STATUSES = {code: standing for code, standing in _STATUSES.items() if code not in _EDM_STATUSES}

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
        return f"{self.sender.code}_{self.kind}_{self.period_end}.csv"

    def content(self) -> bytes:
        """The bytes of the file; an empty cell where a value is missing."""
        target = StringIO()
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(_EXTRACTS[self.kind].columns.values())
        writer.writerows(self.rows)
        return target.getvalue().encode("utf-8")

    def planned(self, file: str) -> PlannedReturn:
        """The return, good throughout."""
        return PlannedReturn(file, "", _EXTRACTS[self.kind].contract, len(self.rows))


def annexe_2_extracts(sender: Sender, period_end: date, figures: Iterable[Figure]) -> Iterator[Extract]:
    """The three files of one region for one date of Annexe 2: real caseloads, synthetic breaches."""
    coded = _coded_breaches(sender, period_end)
    yield Extract(sender, period_end, "caseload", [_caseload_row(figure) for figure in figures])
    yield Extract(sender, period_end, "breaches", [_breach_row(*each) for each in coded])
    suspended = [_suspended_row(*each) for each in coded if each[2].suspended_on]
    yield Extract(sender, period_end, "suspended_breaches", suspended)


def _coded_breaches(sender: Sender, period_end: date) -> list[tuple[str, str, Breach]]:
    """The breaches of a region, each with its NSI number and its nDelius status."""
    rng = Random(f"{sender.code} {period_end}")
    codes = _status_codes(rng, rng.randint(12, 15), suspensions=edm_has_begun(period_end))
    breaches = make_breaches(
        rng,
        sender=sender,
        period_end=period_end,
        first_reference=first_reference(sender.code, period_end),
        standings=[_STATUSES[code] for code in codes],
    )
    numbers = range(first_number(period_end), first_number(period_end) + len(codes))
    names = [f"SYNTHETIC-{sender.code}-{number:04d}" for number in numbers]
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
