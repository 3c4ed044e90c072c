"""One faulty workbook and the key to its faults, both from the same plan."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import StringIO
from random import Random
from string import ascii_uppercase

from probation_etl.sample.breaches import Breach
from probation_etl.sample.records import crc_breach, crc_suspension
from probation_etl.sample.sheets import Cell, row_numbers
from probation_etl.sample.tables import Sender
from sample_builder.breaches import OUTCOMES, Standing, make_breaches
from sample_builder.crc import CONTRACTS, CrcReturn, layout_of, standings, titles
from sample_builder.figures import PROBATION_OFFICER, PROBATION_SERVICES_OFFICER
from sample_builder.outcomes import PlannedReturn
from sample_builder.periods import FAULTY_PERIOD_END, first_reference
from sample_builder.working_days import working_days_until

PROVIDER_CODE = "C08"
_SUFFIX = "_licence_and_impossible_dates"
_BREACHES = 32
_LOGGED, _HEARD = Standing("Logged"), Standing("Heard", OUTCOMES[1])
_KEY_HEADER = ("file", "sheet", "row", "column", "cell", "code", "severity")


def _earlier(breach: Breach) -> date:
    """Fifteen working days before the breach was initiated, too early for the day it was logged on."""
    return working_days_until(breach.initiated_on)[-16]


@dataclass(frozen=True)
class Planted:
    """What is wrong with one record.

    Attributes:
        codes: Finding code of each column at fault.
        spoilt: The faulty cells, made from the good breach.
        severity: Of all the faults of the record.
        standing: Where the good breach stands.
    """

    codes: Mapping[str, str]
    spoilt: Callable[[Breach], dict[str, Cell]]
    severity: str = "error"
    standing: Standing = _LOGGED


PLANTED_BREACHES: Mapping[int, Planted] = {
    2: Planted({"order_type": "not-in-list"}, lambda _: {"order_type": "Licence"}),
    # A breach is logged at least one working day after it was initiated.
    6: Planted({"heard_on": "row-rule"}, lambda good: {"heard_on": good.initiated_on}, standing=_HEARD),
    11: Planted({"case_reference": "wrong-pattern"}, lambda _: {"case_reference": "C1234567"}),
    17: Planted({"heard_on": "not-a-date"}, lambda _: {"heard_on": "31/11/2020"}, standing=_HEARD),
    22: Planted({"logged_on": "row-rule"}, lambda good: {"initiated_on": _earlier(good)}, severity="warning"),
    26: Planted(
        {"requirement": "not-in-list", "status": "missing-value"},
        lambda _: {"requirement": "Community payback", "status": None},
    ),
}
"""Faults by the number of the record in the Breaches sheet, from 0."""

_UNKNOWN = f"X{first_reference(PROVIDER_CODE, FAULTY_PERIOD_END) + 900:06d}"
# Five good records to one bad keep the sheet below the share at which a return is rejected whole.
PLANTED_SUSPENSIONS: Mapping[int, Planted] = {
    3: Planted({"case_reference": "unknown-reference"}, lambda _: {"case_reference": _UNKNOWN}),
}
_PLANTED: Mapping[str, Mapping[int, Planted]] = {
    "Caseload": {},
    "Breaches": PLANTED_BREACHES,
    "Suspended breaches": PLANTED_SUSPENSIONS,
}


@dataclass(frozen=True)
class FaultyReturn:
    """The faulty workbook with its file name, its answer key and what a run must make of it."""

    file_name: str
    workbook: CrcReturn

    def answer_key(self) -> str:
        """The faults as CSV, in the order of the sheets and their rows."""
        target = StringIO()
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(_KEY_HEADER)
        for sheet, planted in _PLANTED.items():
            writer.writerows(self._key_rows(sheet, planted))
        return target.getvalue()

    def planned(self, file: str) -> list[PlannedReturn]:
        """The three returns of the workbook with the number of rows at fault."""
        return [
            PlannedReturn(
                file,
                sheet,
                contract,
                len(self.workbook.records[sheet]),
                quarantined=sum(each.severity == "error" for each in _PLANTED[sheet].values()),
                warned=sum(each.severity == "warning" for each in _PLANTED[sheet].values()),
            )
            for sheet, contract in CONTRACTS.items()
        ]

    def _key_rows(self, sheet: str, planted: Mapping[int, Planted]) -> list[Sequence[object]]:
        layout = layout_of(self.workbook.sender)
        keys = layout.columns[sheet]
        rows = row_numbers(len(self.workbook.records[sheet]), layout)
        found = sorted(
            (rows[number], keys.index(key), code, each.severity)
            for number, each in planted.items()
            for key, code in each.codes.items()
        )
        name = self.file_name
        return [
            (name, sheet, row, layout.header(keys[at]), f"{ascii_uppercase[at]}{row}", code, severity)
            for row, at, code, severity in found
        ]


def faulty_return(sender: Sender) -> FaultyReturn:
    """The faulty workbook of one CRC."""
    rng = Random(f"{PROVIDER_CODE} {FAULTY_PERIOD_END} faulty")
    breaches = _breaches(rng, sender)
    records = {
        "Caseload": _caseload(rng, sender),
        "Breaches": _breach_records(breaches),
        "Suspended breaches": _suspended_records(breaches),
    }
    sheet_titles = titles(sender, FAULTY_PERIOD_END, caseload_origin="SYNTHETIC data, not real figures")
    workbook = CrcReturn(sender, FAULTY_PERIOD_END, sheet_titles, records)
    return FaultyReturn(workbook.file_name(_SUFFIX), workbook)


def _breaches(rng: Random, sender: Sender) -> list[Breach]:
    """Good breaches throughout: five suspensions, and at the planted places what the fault needs."""
    suspensions = [Standing("Suspended")] * 3 + [Standing("Resumed")] * 2
    others = _BREACHES - len(PLANTED_BREACHES) - len(suspensions)
    chosen = suspensions + standings(rng, others, suspensions=False)
    rng.shuffle(chosen)
    for number, planted in sorted(PLANTED_BREACHES.items()):
        chosen.insert(number, planted.standing)
    first = first_reference(PROVIDER_CODE, FAULTY_PERIOD_END)
    return make_breaches(rng, sender=sender, period_end=FAULTY_PERIOD_END, first_reference=first, standings=chosen)


def _breach_records(breaches: Sequence[Breach]) -> list[dict[str, Cell]]:
    records = [crc_breach(breach, FAULTY_PERIOD_END) for breach in breaches]
    for number, planted in PLANTED_BREACHES.items():
        records[number] |= planted.spoilt(breaches[number])
    return records


def _suspended_records(breaches: Sequence[Breach]) -> list[dict[str, Cell]]:
    """A record for each suspension, and among them one of a breach that is in no return."""
    suspended = [breach for breach in breaches if breach.suspended_on]
    records = [crc_suspension(breach, FAULTY_PERIOD_END) for breach in suspended]
    for number, planted in PLANTED_SUSPENSIONS.items():
        records.insert(number, crc_suspension(suspended[0], FAULTY_PERIOD_END) | planted.spoilt(suspended[0]))
    return records


def _caseload(rng: Random, sender: Sender) -> list[dict[str, Cell]]:
    return [
        _caseload_record(rng, unit.name, grade)
        for unit in sender.units
        for grade in (PROBATION_OFFICER, PROBATION_SERVICES_OFFICER)
    ]


def _caseload_record(rng: Random, unit: str, grade: str) -> dict[str, Cell]:
    officers = Decimal(rng.randint(80, 240)) / 10
    cases = int(officers * rng.randint(38, 56))
    return {
        "ldu": unit,
        "grade": grade,
        "as_at": FAULTY_PERIOD_END,
        "officers_fte": officers,
        "cases": cases,
        "average_caseload": (cases / officers).quantize(Decimal("0.01")),
    }
