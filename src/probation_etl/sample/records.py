"""Breaches as the rows of returns, in the words of CRCs and of the NPS.

A breach is in the return of each period in which something happens to it, with its status at the period end. The unified
table shows the latest of these rows. Each function here takes the breaches of one period.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from random import Random

from probation_etl.sample.breaches import Breach
from probation_etl.sample.files import Records
from probation_etl.sample.fortnights import Fortnight
from probation_etl.sample.sheets import Cell
from probation_etl.sample.tables import Sender, Tables


def crc_breaches(breaches: Iterable[Breach], period: Fortnight) -> Records:
    """The Breaches sheet of a period."""
    return [crc_breach(each, period.end) for each in breaches]


def crc_suspensions(breaches: Iterable[Breach], period: Fortnight) -> Records:
    """The Suspended breaches sheet: suspensions that began or ended in the period."""
    return [crc_suspension(each, period.end) for each in breaches if _suspension_changes(each, period)]


def nps_breaches(breaches: Iterable[Breach], period: Fortnight, sender: Sender, tables: Tables) -> Records:
    """The breaches extract of a period."""
    return [
        nps_breach(
            each, period.end, sender, tables, nsi_id=nsi_id(each, sender), status=_nps_status(each, period, tables)
        )
        for each in breaches
    ]


def nps_suspensions(breaches: Iterable[Breach], period: Fortnight, sender: Sender, tables: Tables) -> Records:
    """The suspended breaches extract: suspensions that began or ended in the period, with statuses of the EDM alone."""
    return [
        nps_suspension(each, period.end, sender, nsi_id=nsi_id(each, sender), status=_edm_status(each, period, tables))
        for each in breaches
        if _suspension_changes(each, period)
    ]


def nsi_id(breach: Breach, sender: Sender) -> str:
    """The number of the intervention that records the breach. It says that the breach is synthetic."""
    return f"SYNTHETIC-{sender.code}-{breach.number:06d}"


def crc_breach(breach: Breach, end: date) -> dict[str, Cell]:
    """A row of the Breaches sheet: the breach at the end of a period."""
    status, logged_on = breach.status_on(end), _by(end, breach.logged_on)
    return {
        "case_reference": breach.case_reference,
        "event_number": breach.event_number,
        "ldu": breach.unit.name,
        "order_type": breach.order_type,
        "requirement": breach.requirement,
        "risk_of_harm": breach.risk_of_harm,
        "initiated_on": breach.initiated_on,
        "logged_on": logged_on,
        "court": f"Synthetic magistrates' court {breach.court}" if logged_on else None,
        "heard_on": _by(end, breach.heard_on),
        "status": status,
        "outcome": breach.outcome if status == "Heard" else None,
    }


def crc_suspension(breach: Breach, end: date) -> dict[str, Cell]:
    """A row of the Suspended breaches sheet: the suspension at the end of a period."""
    return {
        "case_reference": breach.case_reference,
        "event_number": breach.event_number,
        "ldu": breach.unit.name,
        "logged_on": breach.logged_on,
        "suspended_on": breach.suspended_on,
        "reason": breach.reason,
        "resumed_on": _by(end, breach.resumed_on),
    }


def nps_breach(
    breach: Breach, end: date, sender: Sender, tables: Tables, *, nsi_id: str, status: str
) -> dict[str, Cell]:
    """A row of the breaches extract: the breach at the end of a period."""
    logged_on = _by(end, breach.logged_on)
    return {
        "nsi_id": nsi_id,
        "case_reference": breach.case_reference,
        "event_number": breach.event_number,
        "provider_code": sender.code,
        "ldu": breach.unit.code,
        "order_type": tables.codes["order_type"][breach.order_type][0],
        "requirement": tables.codes["requirement"][breach.requirement][0],
        "risk_of_harm": tables.codes["risk_of_harm"][breach.risk_of_harm][0],
        "initiated_on": breach.initiated_on,
        "logged_on": logged_on,
        "court": f"SYN{breach.court:02d}" if logged_on else None,
        "heard_on": _by(end, breach.heard_on),
        "status": status,
    }


def nps_suspension(breach: Breach, end: date, sender: Sender, *, nsi_id: str, status: str) -> dict[str, Cell]:
    """A row of the suspended breaches extract: the suspension at the end of a period."""
    return {
        "nsi_id": nsi_id,
        "case_reference": breach.case_reference,
        "event_number": breach.event_number,
        "provider_code": sender.code,
        "ldu": breach.unit.code,
        "logged_on": breach.logged_on,
        "suspended_on": breach.suspended_on,
        "status": status,
        "resumed_on": _by(end, breach.resumed_on),
    }


def _nps_status(breach: Breach, period: Fortnight, tables: Tables) -> str:
    """The nDelius status: of those that mean the same, one that stays the same when the return is made again."""
    status = breach.status_on(period.end)
    if status == "Heard":
        return tables.codes["outcome"][breach.outcome][0]
    if status in ("Suspended", "Resumed"):
        return _edm_status(breach, period, tables)
    return _one_of(tables.codes["status"][status], breach, period)


def _edm_status(breach: Breach, period: Fortnight, tables: Tables) -> str:
    resumed = _by(period.end, breach.resumed_on) is not None
    return _one_of(tables.codes["status"]["Resumed" if resumed else "Suspended"], breach, period)


def _one_of(codes: tuple[str, ...], breach: Breach, period: Fortnight) -> str:
    return Random(f"{breach.case_reference} {period.end}").choice(codes)


def _suspension_changes(breach: Breach, period: Fortnight) -> bool:
    return breach.suspended_on is not None and (breach.suspended_on in period or breach.resumed_on in period)


def _by(end: date, day: date | None) -> date | None:
    """The day if it is not after the period end."""
    return day if day is not None and day <= end else None
